"""R12: how long a customer is left alone after what came of the last attempts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_desk.dialer.rules.facts import Ledger
from tests.agent_desk.dialer.rules.cases import (
    COLLECTIONS,
    NOON,
    PERSON,
    SALES,
    clock,
    judge,
    lift,
    on,
    past,
    tries,
)


@pytest.mark.parametrize("side", ["person", "number"])
def test_three_hours_lie_between_two_attempts(side: str) -> None:
    ledger = replace(Ledger(), **{side: tries(clock("10:00"))})
    early = judge(clock("12:59:59"), ledger=ledger)
    assert (early.rule_ids, early.next_allowed_at) == (("R12",), clock("13:00:00"))
    assert judge(clock("13:00:00"), ledger=ledger).allowed
    assert judge(clock("12:59:59"), SALES, ledger).allowed


def test_spacing_is_a_setting_and_never_shorter_than_the_gap() -> None:
    hourly = replace(COLLECTIONS, spacing=timedelta())
    assert judge(clock("10:14:59"), hourly, past(clock("10:00"))).rule_ids == ("R13-GAP",)
    assert judge(clock("10:15:00"), hourly, past(clock("10:00"))).allowed


def test_what_never_rang_needs_no_rest() -> None:
    assert judge(clock("10:20"), ledger=past(clock("10:00"), counts=False)).allowed


@pytest.mark.parametrize(("day", "next_day"), [(12, 13), (14, 15), (15, 18), (16, 18)])
def test_when_someone_else_answered_it_is_the_next_business_day(day: int, next_day: int) -> None:
    answered = past(clock("10:00", day), third_party=True)
    verdict = judge(clock("18:00", day), ledger=answered)
    assert (verdict.rule_ids, verdict.next_allowed_at) == (("R12",), clock("09:00", next_day))
    assert judge(clock("18:00", day), SALES, answered).allowed


def test_a_holiday_is_no_business_day_even_for_a_campaign_that_works() -> None:
    works = replace(COLLECTIONS, closed_days=frozenset({on(13)}))
    answered = past(clock("10:00"), third_party=True)
    assert judge(NOON, works, answered).next_allowed_at == clock("09:00", 14)


def test_after_a_talk_seven_days_pass() -> None:
    talk = past(clock("10:00", 12), talked=True)
    assert judge(clock("09:59:59", 19), ledger=talk).rule_ids == ("R12",)
    assert judge(clock("13:00", 12), ledger=talk).next_allowed_at == clock("10:00", 19)
    assert judge(clock("10:00", 19), ledger=talk).allowed
    assert judge(clock("09:00", 13), SALES, talk).allowed


def test_a_promise_is_waited_for_with_its_grace() -> None:
    promised = replace(PERSON, promise_due=on(25))
    talk = past(clock("10:00", 12), talked=True)
    waiting = judge(clock("10:00", 20), ledger=talk, customer=promised)
    assert (waiting.rule_ids, waiting.next_allowed_at) == (("R12",), clock("09:00", 29))
    assert judge(clock("09:00", 29), ledger=talk, customer=promised).allowed
    assert judge(clock("10:00", 20), customer=promised).rule_ids == ("R12",)
    graceless = replace(COLLECTIONS, grace_days=0)
    assert judge(clock("09:00", 26), graceless, talk, customer=promised).allowed


def test_a_promise_may_end_sooner_than_seven_days() -> None:
    promised = replace(PERSON, promise_due=on(13))
    talk = past(clock("10:00", 12), talked=True)
    assert judge(clock("10:00", 16), ledger=talk, customer=promised).rule_ids == ("R12",)
    assert judge(clock("10:00", 17), ledger=talk, customer=promised).allowed


def test_a_talk_after_a_broken_promise_is_rested_like_any_other() -> None:
    promised = replace(PERSON, promise_due=on(1))
    talk = past(clock("10:00", 12), talked=True)
    again = judge(clock("10:00", 13), ledger=talk, customer=promised)
    assert again.next_allowed_at == clock("10:00", 19)


def test_who_asked_to_be_called_back_is() -> None:
    asked = replace(PERSON, callback_at=clock("15:00"))
    talk = past(clock("10:00"), talked=True)
    early = judge(clock("14:59:59"), ledger=talk, customer=asked)
    assert (early.rule_ids, early.next_allowed_at) == (("R12",), clock("15:00:00"))
    assert judge(clock("15:00:00"), ledger=talk, customer=asked).allowed
    assert judge(clock("10:05:00"), SALES, talk, customer=asked).rule_ids == ("R13-GAP",)


def test_a_callback_made_is_no_reason_for_another() -> None:
    asked = replace(PERSON, callback_at=clock("15:00"))
    made = past(clock("10:00"), clock("15:00"))
    again = judge(clock("17:00"), replace(COLLECTIONS, daily_cap=3), made, customer=asked)
    assert (again.rule_ids, again.next_allowed_at) == (("R12",), clock("18:00"))


def test_a_lifted_rest_leaves_the_gap() -> None:
    talk = past(clock("10:00"), talked=True)
    assert judge(clock("10:10"), ledger=talk, customer=lift("R12")).rule_ids == ("R13-GAP",)
    assert judge(clock("10:15"), ledger=talk, customer=lift("R12")).lifted == ("R12",)
