"""The events of ordinary calls, written as the desk writes them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer import events
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    ListEntryId,
    SeatId,
    UserId,
)
from agent_desk.store.leasing.lease import Judgement, LeasedRow, Route, lease
from agent_desk.store.rows.journal import Journal
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import SEALER, Centre, at

_numbers = itertools.count(1)


@dataclass
class Story:
    """Writes what happens in a small centre, each step in a transaction of its own."""

    database: Database
    centre: Centre

    def write(self, *batch: events.Event) -> None:
        with self.database.write() as session:
            Journal(SEALER).write_events(session, batch)

    def lease(self, when: datetime, *, seat_id: str | None = None, epoch: int = 1) -> LeasedRow:
        with self.database.write() as session:
            session.flush()
            settings = rule_settings.settings(session, self.centre.campaign_id, when)
            found = lease(
                session,
                settings,
                count=1,
                now=when,
                judge=lambda candidate, ledger: Judgement(
                    True, phone_id=candidate.phones[0].phone_id, not_after=at(3600)
                ),
                routes=[Route("trunk1", "gw1")],
                new_call_id=lambda: f"{next(_numbers):032x}",
                desk_epoch=epoch,
                seat_id=seat_id,
            )
        return found.rows[0]

    def seat(
        self,
        name: str,
        to_state: str,
        when: datetime,
        *,
        from_state: str,
        call_id: str | None = None,
        reason: str | None = None,
    ) -> events.SeatMoved:
        return events.SeatMoved(
            seat_id=SeatId(name),
            user_id=UserId(self.centre.users[name]),
            from_state=from_state,
            to_state=to_state,
            reason=reason,
            cause="test",
            call_id=None if call_id is None else CallId(call_id),
            campaign_id=CampaignId(self.centre.campaign_id),
            at=when,
        )

    def available(self, name: str, when: datetime) -> None:
        """Log in and wait."""
        self.write(
            self.seat(name, "starting", when, from_state="offline"),
            self.seat(name, "available", when, from_state="starting"),
        )

    def moved(self, row: LeasedRow, from_state: str, to_state: str, when: datetime, **more):
        return events.CallMoved(CallId(row.call_id), from_state, to_state, when, **more)

    def bridge(self, row: LeasedRow, name: str, when: datetime) -> None:
        """Placed, answered at once, offered, reserved and bridged within the same second."""
        seat = SeatId(name)
        self.write(
            self.moved(row, "leased", "placed", when),
            self.moved(row, "placed", "waiting", when, verdict="human", greeting_end_ms=400),
            self.seat(name, "reserved", when, from_state="available", call_id=row.call_id),
            self.moved(row, "waiting", "waiting", when, seat_id=seat),
        )
        self.write(
            self.moved(row, "waiting", "bridged", when, seat_id=seat),
            self.seat(name, "talking", when, from_state="reserved", call_id=row.call_id),
        )

    def finished(
        self, row: LeasedRow, outcome: str, when: datetime, **more: object
    ) -> events.CallFinished:
        values = {
            "blame": "none",
            "by": "customer",
            "counts": True,
            "answered": outcome == "human",
            "live_answer": outcome == "human",
            "abandoned": False,
            "sip_code": None,
            "q850": None,
            "cause": "",
            "seat_id": None,
        } | more
        return events.CallFinished(
            call_id=CallId(row.call_id),
            list_entry_id=ListEntryId(row.list_entry_id),
            customer_id=CustomerId(row.customer_id),
            campaign_id=CampaignId(row.campaign_id),
            outcome=outcome,
            at=when,
            **values,
        )

    def hang_up(self, row: LeasedRow, name: str, when: datetime) -> None:
        """The talk is over and its recording closed, wrap-up begins."""
        self.write(
            self.finished(row, "human", when),
            self.seat(name, "wrap_up", when, from_state="talking", call_id=row.call_id),
            self.recorded(row, when),
        )

    def recorded(self, row: LeasedRow, when: datetime) -> events.RecordingKept:
        """The gateway has closed the recording of a talk."""
        return events.RecordingKept(
            call_id=CallId(row.call_id),
            path=f"2026/04/01/{row.call_id}.rec",
            sha256="a" * 64,
            size_bytes=10_000,
            duration_ms=1000,
            paused_ms=0,
            truncated=False,
            started_at=when,
            at=when,
        )

    def save(self, row: LeasedRow, name: str, when: datetime, **more: object) -> None:
        """The result ends wrap-up."""
        self.write(
            self.result(row, name, when, **more),
            self.seat(name, "available", when, from_state="wrap_up", call_id=row.call_id),
        )

    def result(
        self, row: LeasedRow, name: str, when: datetime, **more: object
    ) -> events.ResultRecorded:
        values = {"codes": (), "note": None, "recorded": True} | more
        return events.ResultRecorded(
            call_id=CallId(row.call_id),
            customer_id=CustomerId(row.customer_id),
            list_entry_id=ListEntryId(row.list_entry_id),
            campaign_id=CampaignId(row.campaign_id),
            user_id=UserId(self.centre.users[name]),
            at=when,
            **values,
        )

    def mark(
        self, row: LeasedRow, name: str, code: str, when: datetime, *, on: bool = True
    ) -> None:
        self.write(
            events.StatusMarked(
                call_id=CallId(row.call_id),
                seat_id=SeatId(name),
                user_id=UserId(self.centre.users[name]),
                campaign_id=CampaignId(row.campaign_id),
                code=code,
                on=on,
                at=when,
            )
        )
