"""What leads and customers decide of whom is called and when, and a witness who remembers it.

    witness.hold(3, since)         # from then on nobody calls customer 3
    witness.may_call(3, ...)       # from then on somebody may; it is not known whether they do

What a dying desk left unanswered may be or not be: the witness then expects the least.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules.holds import Wish
from agent_desk.services.rules.overrides import Wanted
from tests.agent_desk.store.desk_rows import SEALER
from tests.chaos.crowd import PEOPLE, number_of
from tests.chaos.mortal_desk import MortalDesk
from tests.fakes.clock import FakeClock

LEAD = Actor("lead1", "lead")
HELD_FOR = timedelta(days=30)
OVERRIDDEN_FOR = timedelta(minutes=10)
# Minutes from 0:00 JST.
WISHES = ((9 * 60, 13 * 60), (12 * 60, 16 * 60), (16 * 60, 20 * 60), None)
RUNNING = ("running", "running", "paused", "draining", "stopped")
PACES = (
    *(("progressive", 1.0), ("ratio", 2.0), ("ratio", 3.0)),
    *(("preview", 1.0), ("predictive", 5.0), ("predictive", 3.0)),
)


@dataclass
class Period:
    """A time in which somebody may not be called: by anybody, or by the dialer alone."""

    since: datetime
    until: datetime | None = None
    by_hand_too: bool = True

    def forbids(self, at: datetime, *, by_hand: bool) -> bool:
        """Whether a call that left then broke a promise. An instant has no order within itself."""
        if by_hand and not self.by_hand_too:
            return False
        return self.since < at and (self.until is None or at < self.until)


@dataclass
class Witness:
    """What was promised of whom is called when."""

    held: dict[int, list[Period]] = field(default_factory=lambda: defaultdict(list))
    wished: dict[int, list[tuple[Period, tuple[int, int]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    holds: dict[int, int] = field(default_factory=dict)  # by customer: the hold that stands
    overrides: dict[int, int] = field(default_factory=dict)  # by customer
    unsure: set[int] = field(default_factory=set)  # of whom an override may stand unknown to us

    def close(self, customer_id: int, at: datetime) -> None:
        """Nothing of a hold is certain from now on."""
        for period in self.held[customer_id]:
            period.until = at if period.until is None else min(period.until, at)

    def close_wish(self, customer_id: int, at: datetime) -> None:
        """The same of what the person wished."""
        for period, _ in self.wished[customer_id]:
            period.until = at if period.until is None else period.until

    def forbids(self, customer_id: int, at: datetime, *, by_hand: bool) -> str | None:
        """Why nobody should have called this person at that instant."""
        if any(period.forbids(at, by_hand=by_hand) for period in self.held[customer_id]):
            return "held"
        local = at + timedelta(hours=9)
        minute = local.hour * 60 + local.minute
        for period, (first, last) in self.wished[customer_id]:
            if period.forbids(at, by_hand=by_hand) and not first <= minute < last:
                return f"wishes {first // 60} to {last // 60} h"
        return None


class Leads:
    """Happenings of `machine.py`: each makes something of a number from 0 to 63."""

    clock: FakeClock
    desk: MortalDesk
    may_run: dict[CampaignId, set[str]]  # a lead's last word, and one not acknowledged yet
    blocked_at: dict[str, datetime]  # by number key: from when on nobody may call there
    witness: Witness

    @property
    def campaigns(self) -> tuple[CampaignId, CampaignId]:
        people = self.desk.people
        return CampaignId(people.centre.campaign_id), CampaignId(people.other_campaign_id)

    def steer(self, running: str, which: int = 0) -> None:
        campaign_id = self.campaigns[which]
        self.may_run[campaign_id] |= {running}  # until it is acknowledged
        self.desk.life.campaigns.set_running(campaign_id, running, actor="lead1", teams=None)
        self.may_run[campaign_id] = {running}

    def a_lead_steers(self, pick: int) -> None:
        self.steer(RUNNING[pick % len(RUNNING)], pick // 8 % 2)

    def a_lead_starts(self, pick: int) -> None:
        self.steer("running", pick % 2)

    def a_lead_paces(self, pick: int) -> None:
        mode, ratio = PACES[pick % len(PACES)]
        self.desk.life.campaigns.set_pacing(
            self.campaigns[pick // 8 % 2], mode=mode, ratio=ratio, actor="lead1", teams=None
        )

    def a_customer_forbids_calls(self, pick: int) -> None:
        """Somebody asks never to be called again: whoever else answers there is not either."""
        number = number_of(self.desk.people, self._whom(pick))
        self.desk.life.do_not_call.block_number(number, reason="asked", actor="lead1")
        self.blocked_at.setdefault(SEALER.number_key(number), self.clock.now())

    def a_customer_is_held(self, pick: int) -> None:
        """A lead hears that somebody is in hospital."""
        who = self._whom(pick)
        witness = self.witness
        if who in witness.holds or who in witness.overrides or who in witness.unsure:
            return
        until = self.clock.now() + HELD_FOR
        hold_id = self.desk.life.rules.holds.put(
            f"#{who}", reason="hospital", until=until, actor=LEAD
        )
        self.witness.holds[who] = hold_id
        self.witness.held[who].append(Period(self.clock.now(), until))

    def a_hold_is_released(self, pick: int) -> None:
        """They are well again."""
        who = self._whom(pick)
        hold_id = self.witness.holds.pop(who, None)
        if hold_id is not None:
            self.witness.close(who, self.clock.now())
            self.desk.life.rules.holds.release(hold_id, actor=LEAD)

    def a_hold_is_overridden(self, pick: int) -> None:
        """They asked to be called all the same: by a person, and for a while."""
        who, now = self._whom(pick), self.clock.now()
        if who not in self.witness.holds or who in self.witness.overrides:
            return
        self.witness.close(who, now)
        until = now + OVERRIDDEN_FOR
        wanted = Wanted("R06", "customer", f"#{who}", "asked for it", until)
        with self._unsure_until_told(who):
            override_id = self.desk.life.rules.overrides.grant(wanted, actor=LEAD)
        self.witness.overrides[who] = override_id
        self.witness.held[who] += [Period(now, by_hand_too=False), Period(until)]

    def an_override_is_taken_back(self, pick: int) -> None:
        who = self._whom(pick)
        override_id = self.witness.overrides.pop(who, None)
        if override_id is None:
            return
        with self._unsure_until_told(who):
            try:
                self.desk.life.rules.overrides.lift(override_id, actor=LEAD)
            except ServiceError as over:
                assert over.error_id == "override-unknown", over
        if who in self.witness.holds and who not in self.witness.unsure:
            self.witness.held[who].append(Period(self.clock.now()))

    def a_customer_names_a_time(self, pick: int) -> None:
        """Another than before, or none any more."""
        who, times = self._whom(pick), WISHES[pick // 8 % len(WISHES)]
        self.witness.close_wish(who, self.clock.now())
        self.desk.life.rules.holds.set_wish(f"#{who}", Wish(*(times or ())), actor=LEAD)
        if times is not None:
            self.witness.wished[who].append((Period(self.clock.now()), times))

    @contextmanager
    def _unsure_until_told(self, who: int) -> Iterator[None]:
        """A desk that dies without an answer leaves it open for good."""
        before = who in self.witness.unsure
        self.witness.unsure.add(who)
        yield
        if not before:
            self.witness.unsure.discard(who)

    def _whom(self, pick: int) -> int:
        return PEOPLE[pick % len(PEOPLE)]
