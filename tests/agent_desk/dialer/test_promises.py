"""Promises: plans that add up to the yen, and what became of each part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import Campaign
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.promises import LedgerPart, Paid, Promised, PromisePart, adds_up, judge
from agent_desk.dialer.promises import of_parts as whole
from agent_desk.dialer.results import refuse_promise

FIRST = date(2026, 11, 30)
SECOND, THIRD = date(2026, 12, 30), date(2027, 1, 30)


def plan(*amounts: int, total: int, days: tuple[date, ...] = (FIRST, SECOND, THIRD)) -> Promised:
    parts = tuple(PromisePart(*part) for part in zip(days, amounts, strict=False))
    return Promised(FIRST, total, "bank_transfer", parts)


def test_a25_the_parts_of_a_plan_total_to_the_yen() -> None:
    assert adds_up(plan(3334, 3333, 3333, total=10_000))
    assert not adds_up(plan(3333, 3333, 3333, total=10_000))
    assert not adds_up(plan(3334, 3333, 3334, total=10_000))


@pytest.mark.parametrize(
    "wrong",
    [
        plan(10_000, total=10_000),  # one part is no plan
        plan(10_001, -1, total=10_000),
        plan(5_000, 5_000, total=10_000, days=(SECOND, THIRD)),  # does not begin on the date
        plan(5_000, 5_000, total=10_000, days=(FIRST, FIRST)),
        plan(5_000, 5_000, total=10_000, days=(FIRST, FIRST + timedelta(days=2000))),
    ],
)
def test_a_plan_that_makes_no_sense_does_not_add_up(wrong: Promised) -> None:
    assert not adds_up(wrong)


def open_parts(*amounts: int | None) -> list[LedgerPart]:
    days = (FIRST, SECOND, THIRD)
    return [LedgerPart(day, yen, "open") for day, yen in zip(days, amounts, strict=False)]


@pytest.mark.parametrize(
    ("paid", "today", "expected"),
    [
        ([], FIRST, ["open", "open"]),
        ([], FIRST + timedelta(days=3), ["open", "open"]),  # grace
        ([], FIRST + timedelta(days=4), ["broken", "open"]),
        ([Paid(FIRST, 5_000)], FIRST, ["kept", "open"]),
        ([Paid(FIRST, 3_000)], FIRST + timedelta(days=4), ["broken", "open"]),
        ([Paid(FIRST, 3_000), Paid(FIRST, 2_000)], FIRST, ["kept", "open"]),
        ([Paid(FIRST, 10_000)], FIRST, ["kept", "kept"]),
        ([Paid(FIRST + timedelta(days=4), 5_000)], FIRST + timedelta(days=4), ["broken", "open"]),
    ],
)
def test_a_part_is_kept_when_the_money_is_there_in_time_and_broken_after_grace(
    paid: list[Paid], today: date, expected: list[str]
) -> None:
    assert judge(open_parts(5_000, 5_000), paid, today=today, grace_days=3) == expected


def test_an_amount_left_open_is_kept_by_any_payment() -> None:
    assert judge(open_parts(None), [Paid(FIRST, 1)], today=FIRST, grace_days=3) == ["kept"]


def test_what_was_kept_or_broken_stays_so() -> None:
    parts = [LedgerPart(FIRST, 5_000, "broken"), LedgerPart(SECOND, 5_000, "open")]
    assert judge(parts, [Paid(FIRST, 10_000)], today=SECOND, grace_days=3) == ["broken", "kept"]


def test_a_promise_is_broken_with_any_part_and_kept_with_all() -> None:
    assert whole(["kept", "open"]) == "open"
    assert whole(["kept", "kept"]) == "kept"
    assert whole(["broken", "open"]) == "broken"


def test_a25_only_the_plans_of_the_campaign_are_taken() -> None:
    today = date(2026, 11, 2)
    campaign = Campaign(
        CampaignId(1), "collections", "preview", 1.0, "running", instalment_counts=(3, 6)
    )

    def of(count: int) -> Promised:
        days = [today + timedelta(days=30 * each) for each in range(count)]
        parts = tuple(PromisePart(day, 1_000) for day in days)
        return Promised(today, 1_000 * count, None, parts)

    for count in (3, 6):
        refuse_promise(campaign, of(count), today=today)
    for count in (2, 4, 12):
        with pytest.raises(Refused) as refused:
            refuse_promise(campaign, of(count), today=today)
        assert refused.value.error_id is ErrorId.PROMISE_PLAN
    with pytest.raises(Refused):
        refuse_promise(replace(campaign, instalment_counts=()), of(3), today=today)
    refuse_promise(campaign, Promised(today, 1_000), today=today)
