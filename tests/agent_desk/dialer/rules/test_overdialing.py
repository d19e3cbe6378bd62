"""R22, A33: who is never called with more lines than seats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desk.dialer.rules.facts import Channel, Ledger, Pacing, Verdict
from tests.agent_desk.dialer.rules.cases import (
    DAY,
    MINUTE,
    NOON,
    PERSON,
    SALES,
    SECOND,
    clock,
    judge,
    lift,
    tries,
)

OVER = replace(SALES, pacing="overdial")
ANSWERED = clock("12:01", 9)


def abandoned(**more: object) -> Ledger:
    return Ledger(number=tries(ANSWERED - MINUTE, abandoned=True, **more))


def test_an_abandoned_number_is_not_overdialed_for_72_hours() -> None:
    ledger = abandoned(ended_at=ANSWERED)
    last = ANSWERED + 3 * DAY
    early = judge(last - SECOND, OVER, ledger)
    assert (early.rule_ids, early.next_allowed_at) == (("R22",), last)
    assert judge(last, OVER, ledger).allowed
    assert judge(last - MINUTE, OVER, abandoned()).allowed  # the end was not kept


def test_a_machine_is_not_overdialed_for_24_hours() -> None:
    ledger = Ledger(number=tries(clock("12:00", 11), machine=True))
    assert judge(NOON - SECOND, OVER, ledger).next_allowed_at == NOON
    assert judge(NOON, OVER, ledger).allowed


@pytest.mark.parametrize("pacing", ["preview", "progressive"])
def test_where_a_seat_waits_for_each_line_the_number_may_be_called(pacing: Pacing) -> None:
    campaign = replace(SALES, pacing=pacing)
    assert judge(clock("12:00", 10), campaign, abandoned()).allowed
    by_hand = replace(OVER, channel="manual")
    assert judge(clock("12:00", 10), by_hand, abandoned()).allowed


def test_neither_is_ever_lifted() -> None:
    early = clock("12:00", 10)
    assert judge(early, OVER, abandoned(), customer=lift("R22")).rule_ids == ("R22",)
    vip = replace(lift("A33"), vip=True)
    assert judge(NOON, OVER, customer=vip).rule_ids == ("A33",)


@pytest.mark.parametrize(
    ("channel", "pacing", "allowed"),
    [
        ("auto", "overdial", False),
        ("auto", "progressive", True),
        ("auto", "preview", True),
        ("preview", "overdial", True),
        ("manual", "overdial", True),
        ("ai", "progressive", False),
        ("ivr", "progressive", False),
    ],
)
def test_a33_a_vip_is_neither_overdialed_nor_talked_to_by_a_machine(
    channel: Channel, pacing: Pacing, allowed: bool
) -> None:
    campaign = replace(SALES, channel=channel, pacing=pacing)
    verdict = judge(NOON, campaign, customer=replace(PERSON, vip=True))
    assert verdict == (Verdict(True) if allowed else Verdict(False, ("A33",), None))
    assert judge(NOON, campaign).allowed
