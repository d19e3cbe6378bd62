"""Screens on walls: who gets a link, what it shows and to whom it opens, and how it ends."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.wallboards import WallboardLink
from agent_desk.routes.limits import limiter
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.wallboards import Wanted, session_of
from agent_desk.store.people import accounts
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Page, Shift, SmallDesk, _merge_by_id

ALL = Wanted("正面の画面", None, None, 30)


class Screen:
    """A page that was opened with a link."""

    def __init__(self, desk: SmallDesk, secret: str, client: FlaskClient | None = None) -> None:
        self.desk = desk
        self.secret = secret
        self.sid = f"screen-{secret[:6]}"
        self.client = client or desk.client()

    def ticket(self) -> Any:
        """What the desk says to the link's secret."""
        token = (
            self.client.get("/wallboard").get_data(as_text=True).split('csrf-token" content="')[1]
        )
        return self.client.post(
            "/wallboard/tickets",
            json={"secret": self.secret},
            headers={"X-CSRFToken": token.split('"')[0]},
        )

    def connect(self) -> None:
        ticket = self.ticket().get_json()["tickets"]["/wallboard"]
        self.desk.server.connect("/wallboard", self.sid, {"ticket": ticket, "tab": self.sid})

    @property
    def open(self) -> bool:
        return ("/wallboard", self.sid) in self.desk.server.open

    def follow(self) -> dict[str, Any]:
        """The picture after all that was sent."""
        self.desk.settle()
        self.desk.desk.publisher.flush_floor()
        state: dict[str, Any] = {}
        for sent in self.desk.server.heard_by(self.sid, "/wallboard"):
            data = json.loads(json.dumps(sent.data))
            whole = sent.event == "snapshot"
            state = data["state"] if whole else _merge_by_id(state, data["changes"])
        return state


def make(desk: SmallDesk, wanted: Wanted = ALL, *, by: str = "lead1") -> tuple[int, str]:
    links = desk.desk.people.wallboards
    made: tuple[int, str] = links.make(wanted, actor=by, scope=desk.person(by).teams)
    return made


@pytest.fixture
def screen(shift: Shift) -> Screen:
    found = Screen(shift.desk, make(shift.desk)[1])
    found.connect()
    return found


def test_a_screen_shows_figures_that_follow_the_floor(shift: Shift, screen: Screen) -> None:
    campaign = str(shift.desk.campaign_id)
    call_id = shift.talk()
    shown = screen.follow()
    assert shown["all"]["all"]["seats"] == {"talking": 1}
    assert shown["campaigns"][campaign]["seats"] == {"talking": 1}
    assert (shown["all"]["all"]["talking"], shown["all"]["all"]["waiting"]) == (1, 0)
    for code in ("contact", "valid"):
        shift.page.do("mark_status", call_id=call_id, code=code, on=True)
    shift.desk.clock.advance(5)
    shift.desk.desk.publisher._count_for_walls()
    shown = screen.follow()
    assert shown["campaigns"][campaign]["today"] == {"contact": 1, "valid": 1, "promises": 0}
    assert shown["all"]["all"]["today"] == shown["campaigns"][campaign]["today"]
    shift.end(call_id)
    shown = screen.follow()
    assert shown["all"]["all"]["seats"] == {"wrap_up": 1}
    assert shown["campaigns"][campaign]["answered"] == {"attempts": 1, "live": 1}
    assert shown["all"]["all"]["abandoned"]["abandoned"] == 0


def test_who_waits_is_counted_with_since_when(shift: Shift, screen: Screen) -> None:
    call_id = shift.available()
    assert screen.follow()["all"]["all"]["dialing"] == 1
    shift.answer(call_id)
    shown = screen.follow()["all"]["all"]
    assert (shown["dialing"], shown["waiting"]) == (0, 1)
    assert shown["waiting_since"] is not None


def test_a_raised_hand_is_an_alert(shift: Shift, screen: Screen) -> None:
    before = screen.follow()["all"]["all"]["alerts"]
    shift.page.do("raise_hand", reason="help")
    assert screen.follow()["all"]["all"]["alerts"] == before + 1


def test_nothing_on_a_screen_names_anybody(shift: Shift, screen: Screen) -> None:
    shift.talk()
    shift.page.do("raise_hand", reason="help")
    told = json.dumps(
        [each.data for each in shift.desk.server.heard_by(screen.sid, "/wallboard")]
        + [screen.follow()],
        ensure_ascii=False,
    )
    with shift.desk.desk.database.read() as session:
        people = {
            name for row in accounts.all_accounts(session) for name in (row.username, row.name)
        }
    assert not [name for name in people if f'"{name}"' in told]
    assert "+81" not in told
    assert set(screen.follow()) == {"all", "campaigns"}


def test_a_lead_gives_away_no_more_than_they_see(shift: Shift) -> None:
    desk = shift.desk
    first, second = (desk.person(name).team_id for name in ("operator1", "operator3"))
    for wanted in (
        Wanted("x", [second], None, 1),
        Wanted("x", None, [desk.people.other_campaign_id], 1),
        Wanted("", None, None, 1),
        Wanted("x", None, None, 0),
    ):
        with pytest.raises(ServiceError) as refused:
            make(desk, wanted)
        assert refused.value.error_id in ("not-in-scope", "wallboard-unusable")
    shift.talk()
    other = Screen(desk, make(desk, by="lead2")[1])
    other.connect()
    shown = other.follow()
    assert shown["all"]["all"]["seats"] == {}
    assert list(shown["campaigns"]) == [str(desk.people.other_campaign_id)]
    both = Screen(desk, make(desk, Wanted("二つ", [first, second], None, 1), by="manager1")[1])
    both.connect()
    assert len(both.follow()["campaigns"]) == 2
    one = Screen(desk, make(desk, Wanted("x", None, [desk.campaign_id], 1), by="manager1")[1])
    one.connect()
    assert list(one.follow()["campaigns"]) == [str(desk.campaign_id)]


def test_a_revoked_link_goes_dark_at_once_and_opens_nothing_again(
    shift: Shift, screen: Screen
) -> None:
    desk, links = shift.desk, shift.desk.desk.people.wallboards
    [link] = links.every(None)
    with pytest.raises(ServiceError) as refused:
        links.revoke(link.id, actor="lead2", scope=desk.person("lead2").teams)
    assert refused.value.error_id == "wallboard-unknown"
    waiting = screen.ticket().get_json()["tickets"]["/wallboard"]
    links.revoke(link.id, actor="lead1", scope=desk.person("lead1").teams)
    assert not screen.open
    assert screen.ticket().status_code == 404
    with pytest.raises(Exception, match="ticket-refused"):
        desk.server.connect("/wallboard", "late", {"ticket": waiting, "tab": "late"})


def test_a_link_ends_with_its_time_and_says_when_it_was_used(shift: Shift, screen: Screen) -> None:
    desk, links = shift.desk, shift.desk.desk.people.wallboards
    [wall] = [each for each in desk.desk.namespaces if each.namespace == "/wallboard"]
    [job] = wall.chores
    job.work()
    assert screen.open
    [link] = links.every(None)
    assert link.used_at == desk.clock.real_now()
    desk.desk.routine.tidy()
    assert screen.open, "it is no log-in, and outlives those that end"
    desk.clock.advance(30 * 24 * 3600 + 1)
    job.work()
    assert not screen.open


def test_only_a_hash_is_kept_and_the_trail_and_the_log_hold_no_secret(
    shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link_id, secret = make(shift.desk)
    screen = Screen(shift.desk, secret)
    screen.connect()
    shift.desk.desk.people.wallboards.revoke(link_id, actor="admin1", scope=None)
    with shift.desk.desk.database.read() as session:
        row = session.get(WallboardLink, link_id)
        trail = session.execute(
            select(AuditRow.action, AuditRow.actor, AuditRow.subject, AuditRow.details).where(
                AuditRow.action.like("wallboard.%")
            )
        ).all()
    assert row is not None
    assert secret not in str(vars(row)) + str(trail) + caplog.text
    assert [(each.action, each.actor, each.subject) for each in trail] == [
        ("wallboard.made", "lead1", f"wallboard:{link_id}"),
        ("wallboard.revoked", "admin1", f"wallboard:{link_id}"),
    ]


def test_a_link_opens_its_socket_and_nothing_else(shift: Shift, screen: Screen) -> None:
    desk = shift.desk
    ticket = screen.ticket().get_json()["tickets"]["/wallboard"]
    with pytest.raises(Exception, match="ticket-refused"):
        desk.server.connect("/floor", "intruder", {"ticket": ticket, "tab": "t"})
    lead = desk.person("lead1")
    forged = desk.desk.tickets.issue(lead.user_id, lead.session_id, namespace="/wallboard")
    with pytest.raises(Exception, match="ticket-refused"):
        desk.server.connect("/wallboard", "person", {"ticket": forged, "tab": "t"})
    answer = desk.server.say("/wallboard", screen.sid, "stop_all", {"in_flight": "finish"})
    assert answer["error"]["id"] == "unknown-event"
    for path in ("/floor", "/reports", "/admin/wallboards", "/desk"):
        assert screen.client.get(path).status_code in (302, 401)
    assert session_of(7) == "wallboard:7"


def test_guessing_is_slowed_down(small_desk: SmallDesk) -> None:
    guesser = Screen(small_desk, "x" * 43)
    answers = [guesser.ticket().status_code for _ in range(21)]
    assert set(answers[:20]) == {404}
    assert answers[20] == 429
    limiter.reset()


def test_the_page_makes_a_link_shows_it_once_and_ends_it(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    form = {"name": "入口", "days": "7", "csrf_token": lead.token("/admin/wallboards")}
    made = lead.client.post("/admin/wallboards", data=form)
    text = made.get_data(as_text=True)
    assert made.status_code == 201
    secret = text.split("/wallboard#")[1].split('"')[0]
    assert secret not in lead.client.get("/admin/wallboards").get_data(as_text=True)
    assert Screen(small_desk, secret).ticket().status_code == 200
    [link] = small_desk.desk.people.wallboards.every(None)
    assert link.teams == small_desk.person("lead1").teams
    token = {"csrf_token": lead.token("/admin/wallboards")}
    assert lead.client.post(f"/admin/wallboards/{link.id}/revoke", data=token).status_code == 303
    assert Screen(small_desk, secret).ticket().status_code == 404


def test_a_screen_that_asks_again_is_told_everything(shift: Shift, screen: Screen) -> None:
    shift.talk()
    picture = screen.follow()
    answer = shift.desk.server.say("/wallboard", screen.sid, "resync", {})
    assert answer["ok"]
    assert screen.follow() == picture
    assert shift.desk.server.say("/wallboard", screen.sid, "still_there", {})["ok"]
    assert isinstance(shift.page, Page)
