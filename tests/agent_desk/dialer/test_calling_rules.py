"""May this person be called now: the boundaries of each rule, and `next_allowed_at` exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer.business_time import JST
from agent_desk.dialer.calling_rules import (
    CampaignRules,
    CustomerFacts,
    Ledger,
    PhoneFacts,
    Try,
    Verdict,
    evaluate,
    last_invite_at,
)

PERSON = CustomerFacts()
PHONE = PhoneFacts("+819012345678")
COLLECTIONS = CampaignRules("collections")
WIDE = CampaignRules("collections", open_minute=8 * 60, close_minute=21 * 60)
NOTHING = Ledger()
MINUTE = timedelta(minutes=1)
MICRO = timedelta(microseconds=1)


def clock(text: str, day: int = 12) -> datetime:
    """A time of Tuesday the 12th (or another day) of May 2026 in Japan."""
    hour, minute, second = (int(part) for part in text.split(":"))
    return datetime(2026, 5, day, hour, minute, second, tzinfo=JST)


def verdict(
    now: datetime, campaign: CampaignRules = COLLECTIONS, ledger: Ledger = NOTHING
) -> Verdict:
    return evaluate(PERSON, PHONE, campaign, now, ledger)


def tries(*instants: datetime, open_: bool = False, counts: bool = True) -> tuple[Try, ...]:
    return tuple(Try(at, open_, counts) for at in instants)


# --- the window: R01, R03, R04 ------------------------------------------------------------


def test_eight_o_clock_is_the_first_instant_of_the_widest_window() -> None:
    early = verdict(clock("07:59:59"), WIDE)
    assert (early.allowed, early.rule_ids) == (False, ("R01",))
    assert early.next_allowed_at == clock("08:00:00")
    assert verdict(clock("08:00:00"), WIDE) == Verdict(True)


def test_ringing_never_crosses_the_end_of_the_window() -> None:
    assert verdict(clock("20:59:30"), WIDE).allowed
    late = verdict(clock("20:59:31"), WIDE)
    assert (late.allowed, late.rule_ids) == (False, ("R01",))
    assert late.next_allowed_at == clock("08:00:00", 13)


def test_the_default_window_is_nine_to_twenty() -> None:
    assert not verdict(clock("08:59:59")).allowed
    assert verdict(clock("09:00:00")).allowed
    assert verdict(clock("19:59:30")).allowed
    assert not verdict(clock("19:59:31")).allowed


@pytest.mark.parametrize("kind", ["collections", "sales", "dormant", "survey"])
def test_no_setting_widens_the_hard_limit(
    kind: Literal["collections", "sales", "dormant", "survey"],
) -> None:
    day_and_night = CampaignRules(kind, open_minute=0, close_minute=24 * 60)
    assert not verdict(clock("07:59:59"), day_and_night).allowed
    assert verdict(clock("08:00:00"), day_and_night).allowed
    assert not verdict(clock("20:59:31"), day_and_night).allowed


@pytest.mark.parametrize(
    ("kind", "rule_id"),
    [("collections", "R01"), ("sales", "R03"), ("dormant", "R03"), ("survey", "R04")],
)
def test_each_kind_of_campaign_names_its_own_rule(kind: object, rule_id: str) -> None:
    campaign = replace(COLLECTIONS, kind=kind)
    assert verdict(clock("23:00:00"), campaign).rule_ids == (rule_id,)


def test_surveys_begin_at_ten_on_weekends() -> None:
    survey = CampaignRules("survey")
    assert verdict(clock("09:00:00"), survey).allowed
    assert not verdict(clock("09:59:59", 16), survey).allowed
    assert verdict(clock("10:00:00", 16), survey).allowed
    assert verdict(clock("21:00:00", 15), survey).next_allowed_at == clock("10:00:00", 16)


def test_a_window_too_short_for_one_ring_is_never_open() -> None:
    campaign = CampaignRules("sales", open_minute=600, close_minute=600)
    assert verdict(clock("10:00:00"), campaign) == Verdict(False, ("R03",), None)


def test_a_longer_ring_than_allowed_is_reckoned_with_its_limit() -> None:
    campaign = replace(WIDE, ring_limit_s=300.0)
    assert last_invite_at(campaign, clock("12:00:00")) == clock("20:58:55")
    assert last_invite_at(WIDE, clock("12:00:00")) == clock("20:59:30")


# --- R10, attempts per person and day --------------------------------------------------------


def test_a_fourth_attempt_of_the_day_is_refused_on_whatever_number() -> None:
    campaign = replace(COLLECTIONS, daily_cap=9)
    three = Ledger(person=tries(clock("09:00:00"), clock("10:00:00"), clock("11:00:00")))
    late = verdict(clock("15:00:00"), campaign, three)
    assert (late.allowed, late.rule_ids) == (False, ("R10",))
    assert late.next_allowed_at == clock("09:00:00", 13)


def test_the_default_is_two_a_day() -> None:
    one = Ledger(person=tries(clock("09:00:00")))
    two = Ledger(person=tries(clock("09:00:00"), clock("10:00:00")))
    assert verdict(clock("15:00:00"), COLLECTIONS, one).allowed
    assert verdict(clock("15:00:00"), COLLECTIONS, two).rule_ids == ("R10",)


def test_an_open_attempt_counts_and_a_released_one_does_not() -> None:
    open_ones = tries(clock("09:00:00"), clock("10:00:00"), open_=True, counts=False)
    released = tries(clock("09:00:00"), clock("10:00:00"), counts=False)
    assert not verdict(clock("15:00:00"), COLLECTIONS, Ledger(person=open_ones)).allowed
    assert verdict(clock("15:00:00"), COLLECTIONS, Ledger(person=released)).allowed


def test_the_day_begins_at_midnight_in_japan() -> None:
    yesterday = Ledger(person=tries(clock("19:00:00", 11), clock("19:30:00", 11)))
    assert verdict(clock("09:00:00"), COLLECTIONS, yesterday).allowed


# --- R13, redials ------------------------------------------------------------


def test_a_third_redial_within_three_minutes_is_against_the_law() -> None:
    first = clock("10:00:00")
    redials = Ledger(number=tries(first, first + MINUTE, first + 2 * MINUTE, counts=False))
    early = verdict(clock("10:02:59"), COLLECTIONS, redials)
    assert (early.allowed, early.rule_ids) == (False, ("R13",))
    assert early.next_allowed_at == clock("10:03:00")
    assert verdict(clock("10:03:01"), COLLECTIONS, redials).allowed


def test_after_three_minutes_the_products_own_gap_still_holds() -> None:
    first = clock("10:00:00")
    redials = Ledger(number=tries(first, first + MINUTE, first + 2 * MINUTE))
    assert verdict(clock("10:02:59"), COLLECTIONS, redials).rule_ids == ("R13", "R13-GAP")
    later = verdict(clock("10:03:01"), COLLECTIONS, redials)
    assert (later.allowed, later.rule_ids) == (False, ("R13-GAP",))
    assert later.next_allowed_at == clock("10:17:00")


@pytest.mark.parametrize("side", ["person", "number"])
def test_the_gap_holds_for_the_person_and_for_the_number(side: str) -> None:
    ledger = replace(NOTHING, **{side: tries(clock("10:00:00"))})
    assert verdict(clock("10:14:59"), COLLECTIONS, ledger).rule_ids == ("R13-GAP",)
    assert verdict(clock("10:15:00"), COLLECTIONS, ledger).allowed


def test_no_gap_is_shorter_than_three_minutes() -> None:
    campaign = replace(COLLECTIONS, min_gap=timedelta())
    ledger = Ledger(person=tries(clock("10:00:00")))
    assert not verdict(clock("10:02:59"), campaign, ledger).allowed
    assert verdict(clock("10:03:00"), campaign, ledger).allowed


def test_congestion_may_be_retried_before_the_gap() -> None:
    released = tries(clock("10:00:00"), counts=False)
    ledger = Ledger(person=released, number=released)
    assert verdict(clock("10:05:00"), COLLECTIONS, ledger).allowed


# --- R57 and do-not-call ------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        "+819012345678",
        "+818012345678",
        "+817012345678",
        "+815012345678",
        "+81312345678",
        "+81612345678",
        "+81120123456",
        "+818001234567",
    ],
)
def test_ordinary_numbers_are_dialed(number: str) -> None:
    assert evaluate(PERSON, PhoneFacts(number), COLLECTIONS, clock("10:00:00"), NOTHING).allowed


@pytest.mark.parametrize(
    "number",
    [
        "110",
        "118",
        "119",
        "+81110",
        "+81570123456",
        "+81990123456",
        "+12025550123",
        "+8190123456",
        "+8190123456789",
        "+81",
        "09012345678",
        "",
        "+8190-1234-5678",
        "+81901234567８",
        "+81312345678\n",
    ],
)
def test_emergency_premium_foreign_and_malformed_numbers_are_never_dialed(number: str) -> None:
    refused = evaluate(PERSON, PhoneFacts(number), COLLECTIONS, clock("10:00:00"), NOTHING)
    assert refused == Verdict(False, ("R57",), None)


def test_unassigned_mobile_numbers_leave_on_the_practice_carrier_only() -> None:
    phone = PhoneFacts("+819001230001")
    now = clock("10:00:00")
    assert evaluate(PERSON, phone, COLLECTIONS, now, NOTHING).rule_ids == ("R57",)
    assert evaluate(PERSON, phone, replace(COLLECTIONS, practice=True), now, NOTHING).allowed


def test_where_only_the_key_is_known_the_imports_word_is_taken() -> None:
    now = clock("10:00:00")
    assert evaluate(PERSON, PhoneFacts(None), COLLECTIONS, now, NOTHING).allowed
    unusable = PhoneFacts(None, unusable=True)
    assert evaluate(PERSON, unusable, COLLECTIONS, now, NOTHING).rule_ids == ("R57",)


def test_do_not_call_of_person_or_number_is_for_good() -> None:
    now = clock("10:00:00")
    for customer, phone in (
        (CustomerFacts(do_not_call=True), PHONE),
        (PERSON, replace(PHONE, do_not_call=True)),
    ):
        assert evaluate(customer, phone, COLLECTIONS, now, NOTHING) == Verdict(
            False, ("DNC",), None
        )


def test_every_rule_that_forbids_is_named() -> None:
    ledger = Ledger(person=tries(clock("21:00:00"), clock("21:30:00")))
    night = evaluate(
        CustomerFacts(do_not_call=True), PhoneFacts("110"), COLLECTIONS, clock("21:31:00"), ledger
    )
    assert night.rule_ids == ("R57", "DNC", "R01", "R10", "R13-GAP")
    assert night.next_allowed_at is None


# --- next_allowed_at is exact ------------------------------------------------------------

INSTANTS = st.timedeltas(timedelta(), timedelta(days=5)).map(
    lambda since: datetime(2026, 5, 9, tzinfo=JST) + since
)
LEDGERS = st.lists(
    st.builds(Try, at=INSTANTS, open=st.booleans(), counts=st.booleans()), max_size=6
).map(tuple)
CAMPAIGNS = st.builds(
    CampaignRules,
    kind=st.sampled_from(["collections", "sales", "dormant", "survey"]),
    open_minute=st.integers(0, 1000),
    close_minute=st.integers(600, 1440),
    ring_limit_s=st.floats(15, 60),
    daily_cap=st.integers(1, 4),
    min_gap=st.timedeltas(timedelta(), timedelta(hours=4)),
)


@given(now=INSTANTS, campaign=CAMPAIGNS, person=LEDGERS, number=LEDGERS)
@settings(max_examples=300, derandomize=True, deadline=None)
def test_at_the_next_allowed_instant_it_is_allowed_and_just_before_it_is_not(
    now: datetime, campaign: CampaignRules, person: tuple[Try, ...], number: tuple[Try, ...]
) -> None:
    ledger = Ledger(
        tuple(tried for tried in person if tried.at <= now),
        tuple(tried for tried in number if tried.at <= now),
    )
    first = verdict(now, campaign, ledger)
    then = first.next_allowed_at
    assert first.allowed is not bool(first.rule_ids)
    if first.allowed or then is None:
        assert then is None
        return
    assert then > now
    assert verdict(then, campaign, ledger).allowed
    assert not verdict(max(now, then - MICRO), campaign, ledger).allowed


@given(now=INSTANTS, campaign=CAMPAIGNS, person=LEDGERS)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_no_instant_before_the_next_allowed_one_is_allowed(
    now: datetime, campaign: CampaignRules, person: tuple[Try, ...]
) -> None:
    ledger = Ledger(tuple(tried for tried in person if tried.at <= now))
    then = verdict(now, campaign, ledger).next_allowed_at
    if then is not None:
        for part in range(1, 20):
            between = now + (then - now) * part / 20
            assert between >= then or not verdict(between, campaign, ledger).allowed
