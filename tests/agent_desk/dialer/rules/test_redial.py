"""R13, R13-GAP, R55-BUSY: how soon again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_desk.dialer.rules.facts import Ledger
from tests.agent_desk.dialer.rules.cases import (
    MINUTE,
    NOTHING,
    SALES,
    clock,
    judge,
    lift,
    past,
    tries,
)

TEN = clock("10:00")
THRICE = (TEN, TEN + MINUTE, TEN + 2 * MINUTE)


def test_a_third_redial_within_three_minutes_is_against_the_law() -> None:
    redials = Ledger(number=tries(*THRICE, counts=False))
    early = judge(clock("10:02:59"), SALES, redials)
    assert (early.allowed, early.rule_ids) == (False, ("R13",))
    assert early.next_allowed_at == clock("10:03:00")
    assert judge(clock("10:03:01"), SALES, redials).allowed
    assert judge(clock("10:02:59"), SALES, redials, customer=lift("R13")).rule_ids == ("R13",)


def test_after_three_minutes_the_products_own_gap_still_holds() -> None:
    redials = Ledger(number=tries(*THRICE))
    generous = replace(SALES, daily_cap=3)
    assert judge(clock("10:02:59"), SALES, redials).rule_ids == ("R55", "R13", "R13-GAP")
    later = judge(clock("10:03:01"), generous, Ledger(number=tries(*THRICE[1:])))
    assert (later.allowed, later.rule_ids) == (False, ("R13-GAP",))
    assert later.next_allowed_at == clock("10:17:00")


@pytest.mark.parametrize("side", ["person", "number"])
def test_the_gap_holds_for_the_person_and_for_the_number(side: str) -> None:
    ledger = replace(NOTHING, **{side: tries(TEN)})
    assert judge(clock("10:14:59"), SALES, ledger).rule_ids == ("R13-GAP",)
    assert judge(clock("10:15:00"), SALES, ledger).allowed


def test_neither_a_setting_nor_a_lift_makes_the_gap_shorter_than_three_minutes() -> None:
    at_once = replace(SALES, min_gap=timedelta())
    attended = replace(SALES, channel="preview")
    for campaign, customer in ((at_once, lift("R01")), (attended, lift("R13-GAP"))):
        early = judge(clock("10:02:59"), campaign, past(TEN), customer=customer)
        assert early.rule_ids == ("R13-GAP",)
        assert judge(clock("10:03:00"), campaign, past(TEN), customer=customer).allowed
    assert not judge(clock("10:03:00"), SALES, past(TEN), customer=lift("R13-GAP")).allowed


def test_congestion_may_be_retried_before_the_gap() -> None:
    assert judge(clock("10:05:00"), ledger=past(TEN, counts=False)).allowed


@pytest.mark.parametrize("side", ["person", "number"])
def test_one_call_at_a_time_to_a_person_and_to_a_household(side: str) -> None:
    ongoing = replace(NOTHING, **{side: tries(TEN, open_=True, counts=False)})
    busy = judge(clock("11:00"), SALES, ongoing)
    assert busy.rule_ids == ("R55-BUSY",)
    lifted = judge(clock("11:00"), SALES, ongoing, customer=lift("R55-BUSY"))
    assert lifted.rule_ids == ("R55-BUSY",)
    over = replace(NOTHING, **{side: tries(TEN)})
    assert judge(clock("11:00"), SALES, over).allowed
