"""A dialer that calls at every `next_allowed_at` for weeks, and never breaks a rule.

Two people who share a number, each with one of their own, on the lists of three campaigns, are
called as soon as `evaluate` says, and at chance instants between. A second, naive reading of the
catalogue (`naive.py`) looks at the log. RULES_EXAMPLES asks for more than the suite does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent_desk.dialer import calling_rules
from agent_desk.dialer.calling_rules import evaluate
from agent_desk.dialer.rules import caps, hours, overdialing, redial, refusals, rests, wishes
from agent_desk.dialer.rules.case import Rule
from agent_desk.dialer.rules.facts import (
    CampaignRules,
    ContactWish,
    CustomerFacts,
    Ledger,
    Lift,
    PhoneFacts,
    Try,
)
from agent_desk.dialer.rules.lifting import LIFTABLE
from tests.agent_desk.dialer.rules.naive import Call, House, Log

EXAMPLES = int(os.environ.get("RULES_EXAMPLES", "6"))
START = datetime(2026, 12, 7, 3, 0, tzinfo=UTC)
JST = timedelta(hours=9)
MINUTE = timedelta(minutes=1)
HOLIDAYS = frozenset({date(2026, 12, 23), date(2027, 1, 11), date(2027, 1, 12)})
NUMBERS = {0: ("+81312345678", "+819011111111"), 1: ("+81312345678", "+819022222222")}
NEVER_LIFTED = ("A33", "DNC", "R13", "R15", "R22", "R54", "R55", "R55-BUSY", "R57")
ENDS: tuple[tuple[str, Mapping[str, bool]], ...] = (
    ("no answer", {}),
    ("no answer", {}),
    ("busy", {}),
    ("released", {}),
    ("machine", {"machine": True}),
    ("abandoned", {"abandoned": True}),
    ("third party", {"third_party": True}),
    ("talk", {"talked": True}),
    ("hang-up", {"hung_up": True}),
)
ALL_RULES = tuple(LIFTABLE) + NEVER_LIFTED


@dataclass
class World:
    """Campaigns, people and the attempts so far; chance from one seed."""

    chance: Random
    lifting: bool
    log: Log = field(default_factory=Log)
    tries: list[tuple[int, str, int, tuple[Try, Try]]] = field(default_factory=list)
    now: datetime = START

    def __post_init__(self) -> None:
        self.campaigns = [self.campaign() for _ in range(3)]
        self.people = [self.person() for _ in NUMBERS]

    def lifts(self) -> tuple[Lift, ...]:
        if not self.lifting:
            return ()
        until = START + timedelta(days=365)
        return tuple(Lift(rule_id, until) for rule_id in ALL_RULES)

    def campaign(self) -> CampaignRules:
        pick = self.chance.choice
        return CampaignRules(
            pick(["collections", "collections", "sales", "dormant", "survey"]),
            open_minute=pick([0, 480, 540, 600, 900]),
            close_minute=pick([960, 1200, 1260, 1440]),
            ring_limit_s=pick([1.0, 15.0, 25.0, 60.0, 300.0]),
            daily_cap=pick([1, 2, 3, 50]),
            min_gap=timedelta(minutes=pick([0, 3, 15, 60])),
            weekly_caps={"d91": pick([1, 3, 7, 21, 100])},
            spacing=timedelta(minutes=pick([0, 30, 180, 300])),
            total_cap=pick([1, 3, 6, 60]),
            total_days=pick([1, 30]),
            reg_f=self.chance.random() < 0.2,
            holidays=self.chance.random() < 0.5,
            closed_days=HOLIDAYS,
            channel=pick(["auto", "preview", "ai", "manual"] if self.lifting else ["auto"]),
            pacing=pick(["progressive", "overdial"]),
            lifts=self.lifts(),
        )

    def person(self) -> CustomerFacts:
        wish = None
        if self.chance.random() < 0.3:
            days = (
                frozenset(self.chance.sample(range(7), 3)) if self.chance.random() < 0.5 else None
            )
            wish = ContactWish(
                self.chance.choice([0, 600, 780]), self.chance.choice([840, 1080, 1440]), days
            )
        return CustomerFacts(
            delinquency="d91",
            weekly_adjust=self.chance.choice([0, 0, -1, 5]),
            wish=wish,
            lifts=self.lifts(),
        )

    def ledger(self, person: int, number: str, campaign: int) -> Ledger:
        seen = [
            (whose, which, self.as_it_is(tried[of == campaign]))
            for whose, which, of, tried in self.tries
        ]
        return Ledger(
            tuple(tried for whose, _, tried in seen if whose == person),
            tuple(tried for _, which, tried in seen if which == number),
        )

    @property
    def trunk_is_down(self) -> bool:
        """For six minutes of every other hour on Mondays it takes no call."""
        return local(self.now).weekday() == 0 and self.now.hour % 2 == 0 and self.now.minute < 6

    def as_it_is(self, tried: Try) -> Try:
        ongoing = tried.ended_at is not None and self.now < tried.ended_at
        return replace(tried, open=True) if ongoing else tried

    def offers(self) -> list[tuple[datetime, int, int, str]]:
        """When each campaign may call each person on each number, soonest first."""
        found = []
        for campaign, rules in enumerate(self.campaigns):
            for person, facts in enumerate(self.people):
                for number in NUMBERS[person]:
                    ledger = self.ledger(person, number, campaign)
                    verdict = evaluate(facts, PhoneFacts(number), rules, self.now, ledger)
                    at = self.now if verdict.allowed else verdict.next_allowed_at
                    if at is not None:
                        found.append((at, campaign, person, number))
        self.chance.shuffle(found)
        # A number the network sends back at once is tried again at once.
        again = self.log.calls[-1].number if self.trunk_is_down and self.log.calls else ""
        return sorted(found, key=lambda offer: (offer[0], offer[3] != again))

    def run(self) -> Log:
        ends = START + timedelta(days=10 if self.lifting else 35)
        while self.now < ends:
            offers = self.offers()
            if not offers or offers[0][0] >= ends:
                break
            at, campaign, person, number = offers[0]
            self.check_before(at, campaign, person, number)
            self.now = max(self.now, at)
            self.call(campaign, person, number)
            if self.trunk_is_down:
                self.now += timedelta(seconds=30)
            elif self.chance.random() < 0.7:  # else somebody else is tried while this one rings
                self.now += timedelta(seconds=self.chance.choice([40, 40, 900, 20_000]))
        return self.log

    def check_before(self, at: datetime, campaign: int, person: int, number: str) -> None:
        """With the facts of now, no chance instant before the next allowed one is allowed."""
        between = self.now + (at - self.now) * self.chance.random()
        facts, rules = self.people[person], self.campaigns[campaign]
        ledger = self.ledger(person, number, campaign)
        early = evaluate(facts, PhoneFacts(number), rules, between, ledger)
        assert between == at or not early.allowed

    def call(self, campaign: int, person: int, number: str) -> None:
        what, marks = ("released", {}) if self.trunk_is_down else self.chance.choice(ENDS)
        lasts = timedelta(
            seconds=2 if self.trunk_is_down else self.chance.choice([2, 30, 60, 200, 3000])
        )
        ended = self.now + lasts
        tried = Try(self.now, False, what != "released", ended_at=ended, **marks)
        both = (replace(tried, same_list=False), tried)
        self.tries.append((person, number, campaign, both))
        house = self.house(campaign, person)
        self.log.calls.append(
            Call(
                at=local(self.now),
                ended=local(ended),
                house=house,
                campaign=campaign,
                person=person,
                number=number,
                weighs=what != "released",
                **marks,
            )
        )

    def house(self, campaign: int, person: int) -> House:
        """What must hold for this campaign: its settings or, lifted, the limits behind them."""
        asked: Any = self.campaigns[campaign]
        facts, lifted = self.people[person], self.lifting
        debts = asked.kind == "collections"
        attended = asked.channel in ("preview", "manual")
        at_night = lifted and asked.channel == "manual"
        wish = facts.wish
        return House(
            kind=asked.kind,
            opens=0 if at_night else max(asked.open_minute, 480),
            closes=2000 if at_night else min(asked.close_minute, 1260),
            ring_s=min(max(asked.ring_limit_s, 15.0), 60.0),
            a_day=3 if lifted else min(asked.daily_cap, 3),
            gap=timedelta(minutes=3) if lifted and attended else max(asked.min_gap, 3 * MINUTE),
            a_week=(21 if lifted else weekly(asked, facts)) if debts else None,
            spacing=asked.spacing if debts and not lifted else None,
            rests=debts and not lifted,
            a_list=None if debts else 6 if lifted else min(asked.total_cap, 6),
            reviews=not debts and not lifted,
            reg_f=asked.reg_f,
            overdials=asked.channel == "auto" and asked.pacing == "overdial",
            holidays=HOLIDAYS,
            opens_on_weekends=600 if asked.kind == "survey" and not at_night else 0,
            year_end=debts and not lifted,
            wish=None
            if wish is None or lifted
            else (wish.from_minute, wish.until_minute, wish.weekdays),
        )


def weekly(rules: CampaignRules, person: CustomerFacts) -> int:
    return max(0, min(21, min(21, rules.weekly_caps["d91"]) + person.weekly_adjust))


def local(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None) + JST


WATCHED = (
    hours.closed_day,
    hours.within_window,
    wishes.outside_wish,
    refusals.hung_up_twice,
    caps.daily_cap,
    caps.weekly_cap,
    caps.total_cap,
    caps.regulation_f,
    rests.rest,
    redial.redial_law,
    redial.min_gap,
    redial.one_at_a_time,
    overdialing.barred_number,
)


@pytest.mark.parametrize("missing", WATCHED, ids=lambda rule: rule.__name__)
def test_the_naive_reading_finds_what_a_missing_rule_lets_through(
    missing: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tuple(row for row in calling_rules.RULES if row.rule is not missing)
    monkeypatch.setattr(calling_rules, "RULES", left)
    monkeypatch.setattr(calling_rules, "RETURNING", tuple(row for row in left if row.returns))
    assert any(World(Random(seed), lifting=False).run().faults() for seed in range(20))


@given(seed=st.integers(0, 2**32), lifting=st.booleans())
@example(seed=1, lifting=False)
@example(seed=2, lifting=True)
@settings(max_examples=EXAMPLES)
def test_a_dialer_that_calls_as_soon_as_it_may_breaks_no_rule_in_weeks(
    seed: int, lifting: bool
) -> None:
    log = World(Random(seed), lifting).run()
    assert log.faults() == []
