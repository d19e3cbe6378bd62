"""R02: the time a person named, and how it meets the hours of the campaign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_desk.dialer.calling_rules import last_invite_at
from agent_desk.dialer.rules.facts import CampaignRules, ContactWish, CustomerFacts
from tests.agent_desk.dialer.rules.cases import (
    COLLECTIONS,
    NOON,
    PERSON,
    SALES,
    clock,
    judge,
    lift,
    on,
)

MICRO = timedelta(microseconds=1)


def wishing(begin: int = 0, end: int = 24, **more: object) -> CustomerFacts:
    """A person who named these hours."""
    return replace(PERSON, wish=ContactWish(begin * 60, end * 60, **more))  # type: ignore[arg-type]


def test_a_person_who_named_the_evening_is_not_called_by_day() -> None:
    evening = wishing(18, 20)
    day = judge(clock("17:59:59"), customer=evening)
    assert (day.rule_ids, day.next_allowed_at) == (("R02",), clock("18:00:00"))
    assert judge(clock("18:00:00"), customer=evening).allowed


def test_ringing_does_not_outlast_the_time_named() -> None:
    afternoon = wishing(13, 15)
    assert judge(clock("14:59:30"), customer=afternoon).allowed
    late = judge(clock("14:59:31"), customer=afternoon)
    assert (late.rule_ids, late.next_allowed_at) == (("R02",), clock("13:00:00", 13))
    assert last_invite_at(COLLECTIONS, clock("14:00:00"), afternoon) == clock("14:59:30")
    assert last_invite_at(COLLECTIONS, clock("12:00:00"), PERSON) == clock("19:59:30")


@pytest.mark.parametrize("kind", ["sales", "dormant", "survey"])
def test_every_kind_of_campaign_keeps_to_it(kind: object) -> None:
    campaign = replace(SALES, kind=kind)
    assert judge(clock("12:00"), campaign, customer=wishing(13, 15)).rule_ids == ("R02",)


def test_weekdays_named_are_the_only_ones() -> None:
    fridays = wishing(10, 12, weekdays=frozenset({4}))
    assert judge(clock("11:00"), customer=fridays).next_allowed_at == clock("10:00", 15)
    assert judge(clock("11:00", 15), customer=fridays).allowed


def test_a_wish_ends_with_its_last_day() -> None:
    until_13th = wishing(18, 20, ends_on=on(13))
    assert judge(clock("12:00", 13), customer=until_13th).next_allowed_at == clock("18:00", 13)
    assert judge(clock("19:59:31", 13), customer=until_13th).next_allowed_at == clock("09:00", 14)
    assert judge(clock("12:00", 14), customer=until_13th).allowed
    assert last_invite_at(COLLECTIONS, clock("12:00", 14), until_13th) == clock("19:59:30", 14)


def test_a_wish_through_midnight_is_two_parts_of_the_day() -> None:
    shift_worker = wishing(19, 10)
    assert judge(clock("09:59:30"), customer=shift_worker).allowed
    assert judge(clock("09:59:31"), customer=shift_worker).next_allowed_at == clock("19:00")


def test_a_wish_that_never_meets_the_hours_is_never() -> None:
    at_dawn = judge(clock("12:00"), customer=wishing(5, 7))
    assert (at_dawn.rule_ids, at_dawn.next_allowed_at) == (("R02",), None)
    for_now = judge(clock("12:00"), customer=wishing(5, 7, ends_on=on(20, 8)))
    assert for_now.next_allowed_at == clock("09:00", 21, 8)


def test_a_time_that_ends_as_it_begins_is_no_time() -> None:
    blocked = judge(clock("12:00"), customer=wishing(12, 12))
    assert (blocked.rule_ids, blocked.next_allowed_at) == (("R02",), None)


def test_one_weekday_named_that_is_a_holiday_waits_for_the_next() -> None:
    survey = CampaignRules("survey", closed_days=frozenset({on(18)}))
    mondays = wishing(9, 10, weekdays=frozenset({0}))
    assert judge(clock("12:00"), survey, customer=mondays).next_allowed_at == clock("09:00", 25)


def test_at_night_a_wish_and_a_consent_go_together() -> None:
    late = replace(lift("R01", until=clock("23:00")), wish=ContactWish(22 * 60, 23 * 60))
    by_hand = replace(COLLECTIONS, channel="manual")
    assert judge(clock("21:30"), by_hand, customer=late).next_allowed_at == clock("22:00")
    assert judge(clock("22:00"), by_hand, customer=late).lifted == ("R01",)
    assert judge(clock("21:30"), COLLECTIONS, customer=late).next_allowed_at is None
    assert last_invite_at(by_hand, clock("22:59:00"), late, ("R01",)) == clock("22:59:30")


def test_a_lead_may_set_an_unreasonable_wish_aside() -> None:
    lifted = replace(lift("R02"), wish=ContactWish(18 * 60, 20 * 60))
    verdict = judge(clock("12:00"), customer=lifted)
    assert (verdict.allowed, verdict.lifted) == (True, ("R02",))
    assert last_invite_at(COLLECTIONS, NOON, lifted, ("R02",)) == clock("19:59:30")
    for_an_hour = replace(lifted, lifts=lift("R02", until=clock("13:00")).lifts)
    last = last_invite_at(COLLECTIONS, NOON, for_an_hour, ("R02",))
    assert judge(last, customer=for_an_hour).allowed
    assert not judge(last + MICRO, customer=for_an_hour).allowed
