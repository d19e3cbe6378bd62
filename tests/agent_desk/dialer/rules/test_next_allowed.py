"""`next_allowed_at` is exact, hard limits hold, and more facts against a call never allow it.

RULES_EXAMPLES asks for more than the suite does.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent_desk.dialer.business_time import JST, business_date
from agent_desk.dialer.calling_rules import FOR_GOOD, evaluate, last_invite_at
from agent_desk.dialer.rules.facts import (
    CampaignRules,
    ContactWish,
    CustomerFacts,
    Hold,
    Ledger,
    Lift,
    PhoneFacts,
    Try,
    Verdict,
)
from agent_desk.dialer.rules.lifting import LIFTABLE
from tests.agent_desk.dialer.rules.cases import PHONE

EXAMPLES = int(os.environ.get("RULES_EXAMPLES", "40"))
MICRO = timedelta(microseconds=1)
BEGINS = datetime(2026, 4, 25, tzinfo=UTC)  # before the holidays of Golden Week
GOLDEN_WEEK = frozenset({date(2026, 4, 29), *(date(2026, 5, day) for day in (3, 4, 5, 6))})

INSTANTS = st.timedeltas(timedelta(), timedelta(days=20)).map(lambda since: BEGINS + since)
HOLDS = st.none() | INSTANTS
MINUTES = st.integers(0, 24 * 60)
LIFTS = st.lists(
    st.builds(
        Lift,
        rule_id=st.sampled_from([*LIFTABLE, "R13", "R22", "R55", "R57", "DNC"]),
        until=INSTANTS,
        manual_only=st.booleans(),
    ),
    max_size=4,
).map(tuple)
WISHES = st.none() | st.builds(
    ContactWish,
    from_minute=MINUTES,
    until_minute=MINUTES,
    weekdays=st.none() | st.frozensets(st.integers(0, 6), min_size=1),
    ends_on=st.none() | INSTANTS.map(business_date),
)
HELD = st.builds(
    Hold, reason=st.sampled_from(["hospital", "complaint", "lawyer_notice"]), until=HOLDS
)
CUSTOMERS = st.builds(
    CustomerFacts,
    holds=st.just(()) | st.lists(HELD, max_size=3).map(tuple),
    area_hold_until=HOLDS,
    wish=WISHES,
    delinquency=st.sampled_from([None, "d1_30", "d31_90", "d91"]),
    weekly_adjust=st.integers(-3, 30),
    promise_due=st.none() | INSTANTS.map(business_date),
    callback_at=HOLDS,
    vip=st.booleans(),
    lifts=LIFTS,
)
PHONES = st.builds(PhoneFacts, number=st.just(PHONE.number), workplace=st.booleans())
CAMPAIGNS = st.builds(
    CampaignRules,
    kind=st.sampled_from(["collections", "sales", "dormant", "survey"]),
    open_minute=MINUTES,
    close_minute=MINUTES,
    ring_limit_s=st.floats(1, 300),
    daily_cap=st.integers(1, 9),
    min_gap=st.timedeltas(timedelta(), timedelta(hours=4)),
    weekly_caps=st.fixed_dictionaries({}, optional={"d91": st.integers(0, 40)}),
    spacing=st.timedeltas(timedelta(), timedelta(hours=8)),
    grace_days=st.integers(0, 5),
    total_cap=st.integers(1, 9),
    total_days=st.integers(0, 40),
    reg_f=st.booleans(),
    holidays=st.booleans(),
    closed_days=st.sampled_from([frozenset(), GOLDEN_WEEK]),
    channel=st.sampled_from(["auto", "auto", "preview", "manual", "ai"]),
    pacing=st.sampled_from(["progressive", "overdial"]),
    lifts=LIFTS,
)
TRIES = st.lists(
    st.builds(
        Try,
        at=INSTANTS,
        open=st.booleans(),
        counts=st.booleans(),
        talked=st.booleans(),
        third_party=st.booleans(),
        abandoned=st.booleans(),
        machine=st.booleans(),
        same_list=st.booleans(),
        same_debt=st.booleans(),
        ended_at=HOLDS,
        hung_up=st.booleans(),
    ),
    max_size=7,
).map(tuple)
LEDGERS = st.builds(Ledger, person=TRIES, number=TRIES)
Facts = tuple[CustomerFacts, PhoneFacts, CampaignRules, Ledger]
FACTS = st.tuples(CUSTOMERS, PHONES, CAMPAIGNS, LEDGERS)


def verdict(facts: Facts, now: datetime) -> Verdict:
    customer, phone, campaign, ledger = facts
    return evaluate(customer, phone, campaign, now, ledger)


def until(now: datetime, ledger: Ledger) -> Ledger:
    """What can have been before this instant."""
    return Ledger(
        tuple(tried for tried in ledger.person if tried.at <= now),
        tuple(tried for tried in ledger.number if tried.at <= now),
    )


@given(facts=FACTS, now=INSTANTS, earlier_only=st.booleans())
@settings(max_examples=EXAMPLES)
def test_at_the_next_allowed_instant_it_is_allowed_and_never_before(
    facts: Facts, now: datetime, earlier_only: bool
) -> None:
    if earlier_only:  # else a clock went back behind what was written
        facts = (*facts[:3], until(now, facts[3]))
    first = verdict(facts, now)
    assert first.allowed is not bool(first.rule_ids)
    assert not set(first.lifted) - set(LIFTABLE)
    then = first.next_allowed_at
    if first.allowed or then is None:
        assert then is None
        return
    assert then > now
    assert verdict(facts, then).allowed
    assert not verdict(facts, max(now, then - MICRO)).allowed
    for part in range(1, 12):
        assert not verdict(facts, now + (then - now) * part / 12).allowed


@given(facts=FACTS, now=INSTANTS)
@settings(max_examples=EXAMPLES)
def test_an_invite_allowed_now_may_leave_until_the_last_instant(
    facts: Facts, now: datetime
) -> None:
    customer, phone, campaign, _ = facts
    customer = replace(customer, holds=(), area_hold_until=None)
    facts = (replace(customer, promise_due=None, vip=False), phone, campaign, Ledger())
    now = verdict(facts, now).next_allowed_at or now
    allowed = verdict(facts, now)
    if not allowed.allowed:
        return
    last = last_invite_at(campaign, now, customer, allowed.lifted)
    assert last >= now
    for instant in (last, now + (last - now) / 2):
        assert verdict(facts, instant).allowed
    after_hours = {"R01", "R03", "R04"} & set(allowed.lifted)
    assert after_hours or not verdict(facts, last + MICRO).allowed


@given(facts=FACTS, now=INSTANTS, days=st.floats(0, 60))
@settings(max_examples=EXAMPLES)
def test_what_never_comes_does_not_come(facts: Facts, now: datetime, days: float) -> None:
    facts = (*facts[:3], until(now, facts[3]))
    first = verdict(facts, now)
    assume(first.next_allowed_at is None and not first.allowed)
    assert not verdict(facts, now + timedelta(days=days)).allowed
    if FOR_GOOD & set(first.rule_ids):
        assert FOR_GOOD & set(verdict(facts, now + timedelta(days=days)).rule_ids)


@given(facts=FACTS, now=INSTANTS)
@settings(max_examples=EXAMPLES)
def test_hard_limits_hold_for_any_setting_and_any_lift(facts: Facts, now: datetime) -> None:
    customer, phone, campaign, ledger = facts
    ledger = until(now, ledger)
    if not verdict((customer, phone, campaign, ledger), now).allowed:
        return
    local = now.astimezone(JST)
    person, number = ledger.person, ledger.number
    if campaign.channel != "manual":
        assert 8 <= local.hour < 21
        assert last_invite_at(campaign, now, customer).astimezone(JST).hour < 21
        assert last_invite_at(campaign, now, customer) >= now
        assert not phone.workplace or campaign.kind != "collections"
        assert "lawyer_notice" not in [held.reason for held in customer.holds]
    for tries in (person, number):
        today = [t for t in tries if t.at.astimezone(JST).date() == local.date() and t.weighs]
        assert len(today) < 3
        assert not [t for t in tries if t.weighs and now - t.at < timedelta(minutes=3)]
        assert not [t for t in tries if t.open and now - t.at < timedelta(hours=4)]
    assert len([t for t in number if now - t.at < timedelta(minutes=3)]) < 3
    if campaign.channel == "auto" and campaign.pacing == "overdial":
        assert not customer.vip
        left_alone = [t for t in number if t.abandoned and now - t.at < timedelta(hours=72)]
        assert all(t.ended_at is not None and t.ended_at <= now for t in left_alone)


@given(facts=FACTS, now=INSTANTS, more=TRIES, hold=INSTANTS, which=st.integers(0, 5))
@settings(max_examples=EXAMPLES)
def test_a_fact_against_a_call_never_allows_it(
    facts: Facts, now: datetime, more: tuple[Try, ...], hold: datetime, which: int
) -> None:
    customer, phone, campaign, ledger = facts
    # Trying it answers a wish to be called back; that is the one attempt which takes away a right.
    customer = replace(customer, callback_at=None, area_hold_until=None)
    before = verdict((customer, phone, campaign, ledger), now)
    against = (
        (replace(customer, do_not_call=True), phone, campaign, ledger),
        (replace(customer, refused=True, owes=False), phone, campaign, ledger),
        (replace(customer, area_hold_until=hold), phone, campaign, ledger),
        (customer, replace(phone, workplace=True), campaign, ledger),
        (customer, phone, campaign, Ledger(ledger.person + more, ledger.number)),
        (replace(customer, weekly_adjust=-9, lifts=()), phone, replace(campaign, lifts=()), ledger),
    )[which]
    after = verdict(against, now)
    assert before.allowed or not after.allowed
    if before.next_allowed_at is None and not before.allowed:
        assert after.next_allowed_at is None
    elif after.next_allowed_at is not None:
        assert after.next_allowed_at >= (before.next_allowed_at or now)
