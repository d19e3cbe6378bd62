"""R10, R55, R11, R14, R15: how often at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_desk.dialer.rules.facts import CampaignRules, Delinquency, Ledger
from tests.agent_desk.dialer.rules.cases import (
    COLLECTIONS,
    DAY,
    NOON,
    PERSON,
    SALES,
    clock,
    judge,
    lift,
    past,
    tries,
)

LATE = clock("19:00")


def mornings(*days: int, **more: object) -> Ledger:
    return past(*(clock("10:00", day) for day in days), **more)


# --- R10 and the household ---------------------------------------------------------


@pytest.mark.parametrize("campaign", [COLLECTIONS, SALES])
def test_a_fourth_attempt_of_the_day_is_refused_on_whatever_number(
    campaign: CampaignRules,
) -> None:
    generous = replace(campaign, daily_cap=9, total_cap=9)
    three = Ledger(person=tries(clock("09:00"), clock("10:00"), clock("11:00")))
    fourth = judge(LATE, generous, three)
    assert (fourth.allowed, fourth.rule_ids) == (False, ("R10",))
    assert fourth.next_allowed_at == clock("09:00", 13)


def test_the_default_is_two_a_day() -> None:
    assert judge(LATE, ledger=Ledger(person=tries(clock("09:00")))).allowed
    two = Ledger(person=tries(clock("09:00"), clock("10:00")))
    assert judge(LATE, ledger=two).rule_ids == ("R10",)


def test_an_open_attempt_counts_and_a_released_one_does_not() -> None:
    at = (clock("09:00"), clock("10:00"))
    assert judge(LATE, ledger=past(*at, open_=True, counts=False)).rule_ids == ("R10",)
    assert judge(LATE, ledger=past(*at, counts=False)).allowed


def test_the_day_begins_at_midnight_in_japan() -> None:
    yesterday = past(clock("15:00", 11), clock("19:30", 11))
    assert judge(clock("09:00"), ledger=yesterday).allowed


def test_the_daily_cap_is_lifted_to_three_and_no_further() -> None:
    two = past(clock("09:00"), clock("12:30"))
    third = judge(LATE, ledger=two, customer=lift("R10"))
    assert (third.allowed, third.lifted) == (True, ("R10",))
    three = past(clock("09:00"), clock("12:30"), clock("15:45"))
    assert judge(LATE, ledger=three, customer=lift("R10")).rule_ids == ("R10",)
    whole_campaign = replace(COLLECTIONS, lifts=lift("R10").lifts)
    assert judge(LATE, whole_campaign, two).allowed
    assert judge(LATE, whole_campaign, three).rule_ids == ("R10",)


def test_a_household_shares_the_counter_of_its_number() -> None:
    others = Ledger(number=tries(clock("09:00"), clock("12:30")))
    shared = judge(LATE, ledger=others)
    assert (shared.rule_ids, shared.next_allowed_at) == (("R55",), clock("09:00", 13))
    assert judge(LATE, ledger=others, customer=lift("R55")).rule_ids == ("R55",)
    assert judge(LATE, ledger=Ledger(number=tries(clock("09:00")))).allowed


# --- R11 ---------------------------------------------------------


@pytest.mark.parametrize(
    ("delinquency", "days"),
    [("d1_30", (8, 10)), ("d31_90", (7, 8, 10)), ("d91", (6, 7, 8, 9, 10, 11, 11))],
)
def test_the_weekly_cap_goes_by_how_long_they_are_overdue(
    delinquency: Delinquency, days: tuple[int, ...]
) -> None:
    customer = replace(PERSON, delinquency=delinquency)
    full = judge(ledger=mornings(*days), customer=customer)
    assert full.rule_ids == ("R11",)
    assert full.next_allowed_at == clock("09:00", days[0] + 7)
    assert judge(ledger=mornings(*days[1:]), customer=customer).allowed


def test_a_week_is_today_and_the_six_days_before() -> None:
    customer = replace(PERSON, delinquency="d1_30")
    assert not judge(clock("09:00"), ledger=mornings(6, 8), customer=customer).allowed
    assert judge(clock("09:00"), ledger=mornings(5, 8), customer=customer).allowed


def test_whose_class_is_unknown_is_called_like_those_called_least() -> None:
    customer = replace(PERSON, delinquency=None)
    assert judge(ledger=mornings(8, 10), customer=customer).rule_ids == ("R11",)
    assert judge(ledger=mornings(10), customer=customer).allowed


def test_a32_payment_history_makes_it_less_but_never_wider_than_the_limit() -> None:
    once = replace(PERSON, delinquency="d1_30", weekly_adjust=-1)
    assert judge(ledger=mornings(10), customer=once).rule_ids == ("R11",)
    never = replace(once, weekly_adjust=-5)
    assert judge(customer=never).rule_ids == ("R11",)
    assert judge(customer=never).next_allowed_at is None
    thrice = mornings(*(day for day in range(6, 13) for _ in range(3)))
    often = replace(COLLECTIONS, daily_cap=3, spacing=timedelta())
    wide = replace(PERSON, weekly_adjust=999)
    assert "R11" in judge(clock("18:00"), often, thrice, customer=wide).rule_ids


def test_a_campaigns_weekly_caps_end_at_twenty_one() -> None:
    campaign = CampaignRules("collections", weekly_caps={"d1_30": 99, "d91": 4})
    assert dict(campaign.weekly_caps) == {"d1_30": 21, "d31_90": 3, "d91": 4}
    assert judge(NOON, campaign, mornings(8, 9, 10, 11)).rule_ids == ("R11",)


def test_a_lifted_weekly_cap_stops_at_twenty_one() -> None:
    often = replace(COLLECTIONS, daily_cap=3, spacing=timedelta())
    full = [6, 6, *(day for day in range(6, 12) for _ in range(3)), 12]
    assert len(full) == 21
    lifted = lift("R11")
    assert judge(clock("18:00"), often, mornings(*full[1:]), customer=lifted).lifted == ("R11",)
    assert judge(clock("18:00"), often, mornings(*full), customer=lifted).rule_ids == ("R11",)


def test_only_collections_count_by_the_week() -> None:
    generous = replace(SALES, total_cap=6)
    assert judge(NOON, generous, mornings(6, 7, 8, 9, 10)).allowed


# --- R14 ---------------------------------------------------------


@pytest.mark.parametrize("kind", ["sales", "dormant", "survey"])
def test_a_list_calls_a_person_three_times_in_thirty_days(kind: object) -> None:
    campaign = replace(SALES, kind=kind)
    three = past(clock("10:00", 20, 4), clock("10:00", 1), clock("10:00", 8))
    full = judge(NOON, campaign, three)
    assert (full.rule_ids, full.next_allowed_at) == (("R14",), clock("10:00", 20))
    assert judge(NOON, campaign, past(clock("10:00", 1), clock("10:00", 8))).allowed
    assert judge(NOON, campaign, mornings(7, 8, 9, same_list=False)).allowed
    assert judge(NOON, campaign, mornings(7, 8, 9, counts=False)).allowed
    assert judge(NOON, COLLECTIONS, mornings(7, 8, 9)).allowed


def test_no_setting_and_no_lift_gives_a_list_more_than_six() -> None:
    six = mornings(5, 6, 7, 8, 9, 10)
    wide = replace(SALES, total_cap=99, total_days=1)
    assert (wide.total_cap, wide.total_days) == (6, 30)
    assert judge(NOON, wide, mornings(6, 7, 8, 9, 10)).allowed
    assert judge(NOON, wide, six).rule_ids == ("R14",)
    assert judge(NOON, SALES, mornings(7, 8, 9), customer=lift("R14")).lifted == ("R14",)
    assert judge(NOON, SALES, six, customer=lift("R14")).rule_ids == ("R14",)


# --- R15 ---------------------------------------------------------


def test_regulation_f_allows_seven_in_seven_days_about_one_debt() -> None:
    american = replace(COLLECTIONS, reg_f=True, weekly_caps={"d91": 21})
    seven = mornings(6, 7, 8, 9, 10, 11, 11)
    full = judge(NOON, american, seven)
    assert (full.rule_ids, full.next_allowed_at) == (("R15",), clock("09:00", 13))
    assert judge(NOON, replace(american, reg_f=False), seven).allowed
    assert judge(NOON, american, mornings(6, 7, 8, 9, 10, 11, 11, same_debt=False)).allowed
    assert judge(NOON, american, seven, customer=lift("R15")).rule_ids == ("R15",)


def test_regulation_f_counts_the_day_of_a_talk_as_the_first_of_seven() -> None:
    american = replace(COLLECTIONS, reg_f=True, lifts=lift("R12").lifts)
    talk = past(clock("18:00", 6), talked=True)
    assert judge(NOON, american, talk).rule_ids == ("R15",)
    assert judge(NOON, american, talk).next_allowed_at == clock("09:00", 13)
    assert judge(NOON + DAY, american, talk).allowed
