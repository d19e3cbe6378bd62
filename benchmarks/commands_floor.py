"""A write door with operators on live calls, for `benchmarks.commands`. Import it patched."""

from __future__ import annotations

import os
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from agent_desk.clock import SystemClock
from agent_desk.dialer import events
from agent_desk.dialer.commands import MarkStatus
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId, CampaignId, SeatId, UserId
from agent_desk.models.campaigns import Campaign
from agent_desk.models.users import User
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.running.recovery import Recovery
from agent_desk.store import schema
from agent_desk.store.leasing.lease import Judgement, Route, lease
from agent_desk.store.rows.journal import Journal
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session
from config import DeskConfig
from tests.population import numbers, populate

WAY_TO_A_TALK = ("offline", "starting", "available", "reserved", "talking")


@dataclass
class Talks:
    """The write door and the calls to press on."""

    commits: GroupCommit
    dialect: str
    calls: list[tuple[SeatId, CallId]]

    def press(self, sources: int, seconds: float) -> list[float]:
        """So many operators press for so long; seconds from press to answer."""
        took: list[float] = []
        end = time.perf_counter() + seconds
        threads = [
            threading.Thread(target=self._press, args=(*self.calls[source], end, took))
            for source in range(sources)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return took

    def _press(self, seat_id: SeatId, call_id: CallId, end: float, took: list[float]) -> None:
        on = "valid" not in self.commits.floor.calls[call_id].codes
        while (began := time.perf_counter()) < end:
            command = MarkStatus(seat_id, call_id, "valid", on)
            reply = self.commits.submit(command, command_id=uuid.uuid4().hex)
            if not reply.ok:
                raise RuntimeError(reply.error_id)
            took.append(time.perf_counter() - began)
            on = not on


def talking_floor(seats: int) -> Talks:
    """A migrated database with so many talks in it, taken up as a restarted desk does."""
    config = DeskConfig.from_environ(os.environ)
    database = Database(config.database_url)
    sealer = Sealer.of_keys(config.data_keys, config.index_key)
    clock = SystemClock(None, None)
    schema.upgrade(database)
    populate(os.environ, operators=seats, customers=list(numbers(("9440",), seats)))
    with database.write() as session:
        _talk(session, sealer, clock.now())
    commits = GroupCommit(
        database=database,
        clock=clock,
        floor=Recovery(database=database, sealer=sealer, clock=clock).begin().floor,
        write_events=Journal(sealer).write_events,
        run_effect=lambda effect: None,
        committed=lambda *_: None,
    )
    threading.Thread(target=commits.run_forever, daemon=True).start()
    calls = [
        (seat.seat_id, seat.call_id)
        for seat in commits.floor.seats.values()
        if seat.state is SeatState.TALKING and seat.call_id is not None
    ]
    assert len(calls) == seats
    return Talks(commits, database.dialect, calls)


def _talk(session: Session, sealer: Sealer, now: datetime) -> None:
    """Every operator is on a call with one customer."""
    campaign_id = session.scalars(select(Campaign.id)).one()
    operators = session.execute(select(User.id, User.username)).all()
    session.flush()
    settings = rule_settings.settings(session, campaign_id, now)
    leased = lease(
        session,
        settings,
        count=len(operators),
        now=now,
        judge=lambda candidate, ledger: Judgement(
            True, phone_id=candidate.phones[0].phone_id, not_after=now + timedelta(hours=1)
        ),
        routes=[Route("trunk1", "gw1")] * len(operators),
        new_call_id=lambda: uuid.uuid4().hex,
        desk_epoch=0,
    )
    for (user_id, username), row in zip(operators, leased.rows, strict=True):
        seat_id, call_id = SeatId(username), CallId(row.call_id)
        moves: list[events.Event] = [
            events.CallMoved(call_id, "leased", "placed", now),
            events.CallMoved(call_id, "placed", "waiting", now, verdict="human"),
            events.CallMoved(call_id, "waiting", "bridged", now, seat_id=seat_id),
        ]
        moves += [
            events.SeatMoved(
                seat_id=seat_id,
                user_id=UserId(user_id),
                from_state=before,
                to_state=after,
                reason=None,
                cause="bench",
                call_id=call_id if after in ("reserved", "talking") else None,
                campaign_id=CampaignId(campaign_id),
                at=now,
            )
            for before, after in zip(WAY_TO_A_TALK, WAY_TO_A_TALK[1:], strict=False)
        ]
        Journal(sealer).write_events(session, moves)
