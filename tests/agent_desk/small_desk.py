"""The whole desk in one process: the product's own wiring, a pretend network at its edges.

    desk = SmallDesk(database_url, tmp_path)
    desk.gateway()                        # connected, in step, with one trunk up
    page = desk.page("operator1")         # a browser's page: snapshot ⊕ updates
    page.do("go_available")
    desk.settle()

Routes, sockets, services, store and core are real; the clock moves when a test moves it, and
nothing ticks by itself.
"""

from __future__ import annotations

import base64
import copy
import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import update

from agent_desk.app import create_app
from agent_desk.dialer.floor import Call, Seat
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.hub import ThreadHub
from agent_desk.models.customers import Customer
from agent_desk.models.users import User
from agent_desk.routes.limits import limiter
from agent_desk.services.people.accounts import Person
from agent_desk.store.campaigns import campaigns
from agent_desk.store.people import accounts
from agent_desk.store.rules import safe_harbours
from agent_desk.store.unit_of_work import Database, Session
from agent_desk.wiring import wire
from config import DeskConfig
from softphone import protocol
from tests.agent_desk.report_maker import ReportMaker
from tests.agent_desk.store import desk_rows
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import SAFE_HARBOUR, WireGateway
from tests.fakes.io_server import FakeIo, Sent

PASSWORD = "correct horse"
# The cheapest hash there is: what is tested is not how long a guess takes.
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
BORN = "1980-01-01"
SECRET = "shared by desk and gateway"

PEOPLE = {
    "lead1": ("lead", "first"),
    "lead2": ("lead", "second"),
    "manager1": ("manager", None),
    "compliance1": ("compliance", None),
    "auditor1": ("auditor", None),
    "admin1": ("admin", None),
    "operator3": ("operator", "second"),
}


class CompiledTemplates(BytecodeCache):
    """Templates compiled by one test's pages, for the next one's: in this process, by content."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


@dataclass
class People:
    """Ids of what `populate` made beyond the small centre."""

    centre: desk_rows.Centre
    users: dict[str, int] = field(default_factory=dict)
    other_campaign_id: int = 0
    entries: list[int] = field(default_factory=list)


def populate(session: Session, *, customers: int = 6, **campaign: Any) -> People:
    """Two teams with a lead each, a manager, an admin; the first team's campaign has customers."""
    centre = desk_rows.small_centre(session, **{"identity_needed": True, **campaign})
    people = People(centre, dict(centre.users))
    for username, (role, team) in PEOPLE.items():
        team_id = accounts.add_team(session, team) if team else None
        user_id = accounts.add_user(
            session,
            username=username,
            name=username,
            role=role,
            team_id=team_id,
            password_hash=HASHED,
            at=desk_rows.NOON,
        )
        if role == "lead" and team_id is not None:
            accounts.lead_team(session, user_id, team_id)
        people.users[username] = user_id
    session.execute(update(User).values(password_hash=HASHED))
    people.other_campaign_id = campaigns.add_campaign(
        session,
        at=desk_rows.NOON,
        name="autumn",
        kind="sales",
        product_id=centre.product_id,
        running="running",
    )
    for campaign_id in (centre.campaign_id, people.other_campaign_id):
        safe_harbours.approve(
            session,
            campaign_id,
            sha256=SAFE_HARBOUR,
            text="改めてお電話いたします。",
            duration_ms=9_000,
            by="admin1",
            at=desk_rows.NOON,
        )
    second = accounts.add_team(session, "second")
    campaigns.add_team(session, people.other_campaign_id, second)
    people.entries = desk_rows.add_entries(session, centre.list_id, customers)
    session.execute(update(Customer).values(birth_date_sealed=desk_rows.SEALER.seal(BORN)))
    return people


class SmallDesk:
    """See the module."""

    def __init__(
        self,
        database_url: str,
        data_dir: Path,
        *,
        clock: FakeClock | None = None,
        settings: Mapping[str, str] | None = None,
        **campaign: Any,
    ) -> None:
        self.clock = clock or FakeClock()
        self.config = configuration(database_url, data_dir, **(settings or {}))
        rows = Database(database_url)
        with rows.write() as session:
            self.people = (
                populate(session, **campaign)
                if accounts.by_username(session, "admin1") is None
                else People(desk_rows.Centre(0, 0, 0, 0))
            )
        rows.close()
        self.io = FakeIo()
        self.server = self.io.server
        self.desk = wire(self.config, hub=ThreadHub(), io=self.io, clock=self.clock)  # type: ignore[arg-type]
        for namespace in self.desk.namespaces:
            self.server.register_namespace(namespace)
        self._loop = threading.Thread(target=self.desk.commits.run_forever, daemon=True)
        self._loop.start()
        self._numbers = itertools.count(1)
        self._maker: ReportMaker | None = None  # beside the pages, and as late

    @cached_property
    def app(self) -> Flask:
        """The pages; most tests ask for none, and routes take longer to build than a desk."""
        app = create_app(self.desk)
        app.testing = True
        app.jinja_env.bytecode_cache = TEMPLATES
        limiter.reset()
        return app

    def make_reports(self) -> None:
        """Have what is asked under `/reports` made, from the first page on."""
        if self._maker is None:
            self._maker = ReportMaker(self.app, self.config, self.clock.now)

    def stop(self) -> None:
        """End the loop and close the database."""
        if self._maker is not None:
            self._maker.tell_to_stop()
        self.desk.reports.requests.stop()
        if self._maker is not None:
            self._maker.wait()
        self.desk.commits.stop()
        self._loop.join(10)
        self.desk.database.close()

    # --- time -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Wait until everything that was asked, and what followed from it, is done and told."""
        quiet = 0
        while quiet < 2:
            before = self.desk.commits.committed_commands
            assert self.desk.commits.submit(None).ok
            quiet = quiet + 1 if self.desk.commits.committed_commands <= before + 1 else 0

    def tick(self, seconds: float = 0.0) -> None:
        """Let time pass, then do what the desk does several times a second."""
        self.clock.advance(seconds)
        self.desk.routine.tick()
        self.settle()
        self.desk.publisher.flush_floor()

    # --- who is there ---------------------------------------------------------------------------

    @property
    def campaign_id(self) -> int:
        return self.people.centre.campaign_id

    def gateway(self, gateway_id: str = "gw1", **options: Any) -> WireGateway:
        """A gateway that is connected and in step."""
        gateway = WireGateway(self.server, self.clock, gateway_id=gateway_id, **options)
        gateway.connect(SECRET)
        gateway.hello()
        gateway.snapshot()
        self.settle()
        return gateway

    def person(self, username: str) -> Person:
        """Somebody who has just signed in."""
        token, _ = self.desk.accounts.sign_in(username, PASSWORD)
        found = self.desk.accounts.person_of(token)
        assert found is not None
        return found

    def page(
        self, username: str, namespace: str = "/desk", *, who: Person | None = None, tab: str = ""
    ) -> Page:
        """A page of theirs, connected with a fresh ticket."""
        who = who or self.person(username)
        number = next(self._numbers)
        page = Page(self, who, namespace, sid=f"{username}-{number}", tab=tab or f"tab{number}")
        page.connect()
        return page

    def report_maker(self) -> ReportMaker:
        """Who makes reports for the pages."""
        assert self.app and self._maker is not None
        return self._maker

    def client(self) -> FlaskClient:
        """A browser without its pages' scripts."""
        self.make_reports()
        return self.app.test_client()

    # --- the floor ------------------------------------------------------------------------------

    def seat(self, name: str = "operator1") -> Seat:
        return self.desk.commits.floor.seats[SeatId(name)]

    def call(self, call_id: str) -> Call:
        return self.desk.commits.floor.calls[CallId(call_id)]

    def pulse(self, page: Page) -> None:
        """One heartbeat of this page, handed in with the next tick."""
        beat = {"track_live": True, "track_unmuted": True, "hidden": False}
        pulses = Page(self, page.who, "/pulse", sid=f"{page.sid}-pulse", tab=page.tab)
        if ("/pulse", pulses.sid) not in self.server.open:
            pulses.connect()
        self.server.say("/pulse", pulses.sid, "pulse", beat)


@dataclass
class Page:
    """One page's socket and its picture of the desk, kept by the page's own law."""

    desk: SmallDesk
    who: Person
    namespace: str
    sid: str
    tab: str
    state: dict[str, Any] | None = None
    seq: int = 0
    gaps: int = 0
    read: int = 0
    notices: list[str] = field(default_factory=list)

    def connect(self) -> None:
        """Trade a ticket for a socket."""
        ticket = self.desk.desk.tickets.issue(
            self.who.user_id, self.who.session_id, namespace=self.namespace
        )
        self.desk.server.connect(self.namespace, self.sid, {"ticket": ticket, "tab": self.tab})

    def lose(self) -> None:
        """The network is gone and the desk has noticed."""
        self.desk.server.lose(self.namespace, self.sid)

    @property
    def open(self) -> bool:
        return (self.namespace, self.sid) in self.desk.server.open

    def ask(self, event: str, **fields: Any) -> dict[str, Any]:
        """Send an event; its acknowledgement."""
        answer: dict[str, Any] = self.desk.server.say(self.namespace, self.sid, event, fields)
        return answer

    def do(self, event: str, **fields: Any) -> dict[str, Any]:
        """Send an event that must be accepted."""
        answer = self.ask(event, **fields)
        assert answer["ok"], answer
        return answer

    def refused(self, event: str, **fields: Any) -> str:
        """Send an event that must be refused; the error id."""
        answer = self.ask(event, **fields)
        assert not answer["ok"], answer
        return str(answer["error"]["id"])

    def follow(self) -> dict[str, Any]:
        """Apply everything that was sent so far; the picture."""
        self.desk.settle()
        if self.namespace == "/floor":
            self.desk.desk.publisher.flush_floor()
        heard = self.heard()
        for sent in heard[self.read :]:
            self._take(sent)
        self.read = len(heard)
        assert self.state is not None, "no snapshot came"
        return self.state

    def heard(self) -> list[Sent]:
        return self.desk.server.heard_by(self.sid, self.namespace)

    def fresh(self) -> dict[str, Any]:
        """What a snapshot asked for now would say, without taking it in; nothing in it is kept."""
        self.desk.desk.publisher.campaigns_changed()
        self.do("resync")
        newest = self.heard()[-1]
        assert newest.event == "snapshot"
        return dict(newest.data["state"])

    def _take(self, sent: Sent) -> None:
        data = copy.deepcopy(sent.data)
        if sent.event == "snapshot":
            self.state, self.seq = data["state"], data["seq"]
        elif sent.event == "update":
            if data["seq"] != self.seq + 1 or self.state is None:
                self.gaps += 1
                return
            self.seq = data["seq"]
            merge = _replace_keys if self.namespace == "/desk" else _merge_by_id
            self.state = merge(self.state, data["changes"])
        else:
            self.notices.append(data.get("id", sent.event))


def _replace_keys(state: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {**state, **changes}


def _merge_by_id(state: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(state)
    for table, rows in changes.items():
        merged[table] = {
            key: row for key, row in {**merged[table], **rows}.items() if row is not None
        }
    return merged


def configuration(database_url: str, data_dir: Path, **settings: str) -> DeskConfig:
    """A desk's configuration with the keys the rows of tests are sealed with."""
    config = DeskConfig.from_environ(
        {
            "DESK_DATA_DIR": str(data_dir / "data"),
            "DESK_DATABASE_URL": database_url,
            "DESK_DATA_KEY": base64.b64encode(b"d" * 32).decode(),
            "DESK_INDEX_KEY": base64.b64encode(b"i" * 32).decode(),
            "GATEWAY_SECRET": SECRET,
            **settings,
        }
    )
    trunk = replace(config.trunks[0], trunk_id="trunk1", lines=10, calls_per_second=50.0)
    return replace(config, trunks=(trunk,))


@dataclass
class Shift:
    """An operator at work: page, gateway and the call between them."""

    desk: SmallDesk
    gateway: WireGateway
    page: Page

    @classmethod
    def begin(cls, desk: SmallDesk, username: str = "operator1") -> Shift:
        """Signed in, device checked, audio up; not yet available."""
        gateway = desk.gateway()
        shift = cls(desk, gateway, desk.page(username))
        shift.page.do("media_offer", sdp="v=0")
        gateway.tell(protocol.SeatUp(username))
        shift.page.do("device_passed", level_dbfs=-30.0)
        shift.alive()
        return shift

    @property
    def seat_id(self) -> str:
        return self.page.who.username

    def alive(self) -> None:
        """Page and audio leg were heard just now."""
        self.desk.pulse(self.page)
        self.gateway.live(self.seat_id)
        self.desk.tick()

    def available(self) -> str:
        """Go available; the id of the call the dialer then places."""
        self.alive()
        self.page.do("go_available")
        return self.placed()

    def placed(self) -> str:
        """The id of the call that was ordered last."""
        self.desk.tick()
        ordered = self.gateway.newest(protocol.PlaceCall)
        assert ordered is not None, self.desk.desk.commits.floor.why
        return str(ordered.call_id)

    def answer(self, call_id: str) -> None:
        """A person answers, is screened and offered, and is joined with the seat."""
        self.gateway.tell(
            protocol.CallPlaced(call_id, "trunk1"),
            protocol.CallRinging(call_id, 180),
            protocol.CallAnswered(call_id),
            protocol.CallScreened(call_id, protocol.Verdict.HUMAN, 600, True, "voice"),
        )
        self.desk.settle()

    def talk(self) -> str:
        """From available to talking; the call's id."""
        call_id = self.available()
        self.answer(call_id)
        self.gateway.tell(protocol.CallBridged(call_id, self.seat_id, 800))
        self.desk.settle()
        return call_id

    def end(self, call_id: str, by: str = "customer") -> None:
        """The call is over."""
        self.gateway.tell(ended(call_id, by=protocol.EndedBy(by)))
        self.desk.settle()


def ended(call_id: str, **fields: Any) -> protocol.CallEnded:
    """An answered call's end."""
    known: dict[str, Any] = {
        "by": protocol.EndedBy.CUSTOMER,
        "sip_code": None,
        "q850": 16,
        "rang": True,
        "answered": True,
        "verdict": protocol.Verdict.HUMAN,
        "abandoned": False,
        "seat_lost": False,
        "cause": "bye",
    }
    return protocol.CallEnded(call_id=call_id, **{**known, **fields})
