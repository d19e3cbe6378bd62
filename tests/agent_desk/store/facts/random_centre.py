"""A centre in which anything may happen, by a seed: for holding facts against the rows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign, CampaignTeam
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.store.campaigns import training
from agent_desk.store.unit_of_work import Session
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON

CODES = ("contact", "valid", "payment_date", "wrong_person")
REASONS = ("break", "meeting", "other", None)
OUTCOMES = ("human", "busy", "no_answer", "machine", "human", "human")


@dataclass
class RandomCentre:
    """Writes rows as the desk would leave them: calls leased, ended, corrected; seats that move."""

    story: Story
    seed: int
    now: Any = NOON - timedelta(days=33)
    calls: list[str] = field(default_factory=list)
    live: list[str] = field(default_factory=list)
    states: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        centre = self.story.centre
        with self.story.database.write() as session:
            practice = training.copy(
                session, centre.campaign_id, name="練習：", by="t", at=self.now
            )
            other = dict(session.execute(select(Campaign.__table__)).mappings().first() or {})
            other |= {"id": None, "name": "もう一つ"}
            del other["id"]
            second = int(session.execute(insert(Campaign).values(**other)).inserted_primary_key[0])
            session.execute(insert(CampaignTeam).values(campaign_id=second, team_id=centre.team_id))
            self.entries = list(session.execute(select(ListEntry.id, ListEntry.customer_id)))
        self.campaigns = (centre.campaign_id, second, practice)
        self.users = sorted(centre.users.values())

    def go_on(self, steps: int) -> None:
        """So many things happen, in one transaction."""
        with self.story.database.write() as session:
            for _ in range(steps):
                self.now += timedelta(microseconds=self.random.randrange(1, 3_600_000_000))
                happens = self.random.choices(
                    (self.lease, self.end, self.move, self.mark, self.correct, self.promise),
                    (4, 4, 8, 3, 1, 1),
                )[0]
                happens(session)

    def lease(self, session: Session) -> None:
        call_id = f"{self.random.getrandbits(128):032x}"
        entry, customer = self.random.choice(self.entries)
        campaign = self.random.choice(self.campaigns)
        inbound = self.random.random() < 0.1
        session.execute(
            insert(Attempt).values(
                id=call_id,
                campaign_id=campaign,
                inbound=inbound,
                list_entry_id=None if inbound else entry,
                customer_id=customer,
                number_today=1,
                cap_today=2,
                trunk_id="trunk1",
                gateway_id="gw1",
                desk_epoch=1,
                leased_at=self.now,
                not_after=self.now,
                placed_at=self.now if self.random.random() < 0.9 and not inbound else None,
                open=False,
            )
        )
        session.execute(
            insert(Call).values(
                id=call_id,
                campaign_id=campaign,
                customer_id=customer,
                since=self.now,
                leased_at=self.now,
                live=True,
            )
        )
        self.live.append(call_id)

    def end(self, session: Session) -> None:
        if not self.live:
            return
        call_id = self.live.pop(self.random.randrange(len(self.live)))
        call = session.get_one(Call, call_id)
        outcome = self.random.choice(OUTCOMES)
        answered = outcome in ("human", "machine")
        bridged = outcome == "human" and self.random.random() < 0.8
        call.live = False
        call.ended_at = self.now
        length = min((self.now - call.leased_at) / 4, timedelta(seconds=20))
        if answered:
            call.answered_at = call.leased_at + length
        if bridged:
            call.bridged_at = call.leased_at + 2 * length
            call.seat_user_id = self.random.choice(self.users)
            call.identity = self.random.choice(("unknown", "verified"))
            self.calls.append(call_id)
        session.add(
            AttemptOutcome(
                attempt_id=call_id,
                campaign_id=call.campaign_id,
                outcome=outcome,
                blame="none",
                by="customer",
                counts=True,
                answered=answered,
                live_answer=outcome == "human",
                abandoned=outcome == "human" and not bridged,
                sip_code=None,
                q850=None,
                cause="",
                at=self.now,
            )
        )
        session.flush()

    def move(self, session: Session) -> None:
        user = self.random.choice(self.users)
        states = ("available", "reserved", "talking", "hold", "wrap_up", "away", "offline")
        before = self.states.get(user, "offline")
        after = self.random.choice([state for state in states if state != before])
        at_a_call = after in ("reserved", "talking", "hold", "wrap_up") and bool(self.calls)
        session.execute(
            insert(SeatMove).values(
                seat_id=f"seat{user}",
                user_id=user,
                from_state=before,
                to_state=after,
                reason=self.random.choice(REASONS) if after == "away" else None,
                cause="test",
                call_id=self.random.choice(self.calls[-4:]) if at_a_call else None,
                campaign_id=self.random.choice((*self.campaigns, None)),
                at=self.now,
            )
        )
        self.states[user] = after

    def mark(self, session: Session) -> None:
        if self.calls:
            self._mark(session, self.random.choice(self.calls[-6:]), self.now)

    def correct(self, session: Session) -> None:
        """Marks of any earlier call, counted on another day; the next version of its result."""
        if not self.calls:
            return
        call_id = self.random.choice(self.calls)
        self._mark(session, call_id, self.now - timedelta(days=self.random.randrange(20)))
        call = session.get_one(Call, call_id)
        versions = session.scalars(select(Result.version).where(Result.call_id == call_id)).all()
        session.add(
            Result(
                call_id=call_id,
                version=len(versions) + 1,
                campaign_id=call.campaign_id,
                user_id=self.users[0],
                codes=[],
                recorded=True,
                counterpart="customer",
                at=self.now,
            )
        )
        session.flush()

    def promise(self, session: Session) -> None:
        if not self.calls:
            return
        call = session.get_one(Call, self.random.choice(self.calls))
        session.execute(
            update(Promise)
            .where(Promise.call_id == call.id, Promise.state == "open")
            .values(state=self.random.choice(("replaced", "withdrawn")), ended_at=self.now)
        )
        session.add(
            Promise(
                call_id=call.id,
                customer_id=call.customer_id,
                user_id=call.seat_user_id,
                due_on=self.now.date(),
                amount_yen=self.random.randrange(1, 10) * 1000,
                made_at=self.now,
            )
        )
        session.flush()

    def _mark(self, session: Session, call_id: str, at: Any) -> None:
        call = session.get_one(Call, call_id)
        code = self.random.choice(CODES)
        theirs = (StatusMark.call_id == call_id, StatusMark.code == code)
        session.execute(update(StatusMark).where(*theirs).values(current=False))
        session.add(
            StatusMark(
                call_id=call_id,
                user_id=call.seat_user_id,
                campaign_id=call.campaign_id,
                code=code,
                marked=self.random.random() < 0.75,
                current=True,
                at=at,
            )
        )
        session.flush()
