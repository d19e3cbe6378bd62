"""When a list entry is tried again: each ladder, rung by rung."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from agent_desk.dialer.business_time import JST
from agent_desk.dialer.outcomes import Ladder
from agent_desk.dialer.selection import (
    LADDERS,
    MAX_TRIES,
    NumberRecord,
    Rungs,
    after_result,
    best_number_first,
    next_try,
    other_part_of_next_day,
)

NOW = datetime(2026, 5, 12, 10, 0, tzinfo=JST)  # a Tuesday
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("ladder", "waits"),
    [
        (Ladder.BUSY, [15 * MINUTE, 15 * MINUTE, 15 * MINUTE, 2 * HOUR, 2 * HOUR]),
        (Ladder.NO_ANSWER, [2 * HOUR, 4 * HOUR, 32 * HOUR, 32 * HOUR]),  # tomorrow at 18:00
        (Ladder.MACHINE, [DAY, DAY]),
        (Ladder.SILENCE, [4 * HOUR]),
        (Ladder.REJECTED, [DAY]),
        (Ladder.ABANDONED, [3 * DAY]),
        (Ladder.HUNG_UP, [DAY]),
        (Ladder.TALKED, [DAY]),
        (Ladder.CONTACT, [DAY]),
        (Ladder.VALID, [7 * DAY]),
        (Ladder.ANNOUNCEMENT, [DAY]),
    ],
)
def test_a_ladder_is_climbed_rung_by_rung(ladder: Ladder, waits: list[timedelta]) -> None:
    for times, wait in enumerate(waits, start=1):
        retry = next_try(ladder, times=times, tries=0, now=NOW)
        assert (retry.state, retry.at, retry.burns) == ("ready", NOW + wait, True)


@pytest.mark.parametrize(
    ("ladder", "wait"),
    [
        (Ladder.CONGESTION, 5 * MINUTE),
        (Ladder.OURS, 5 * MINUTE),
        (Ladder.SKIPPED, HOUR),
        (Ladder.CALLBACK, timedelta()),
    ],
)
def test_what_was_not_the_customers_affair_burns_no_try(ladder: Ladder, wait: timedelta) -> None:
    retry = next_try(ladder, times=50, tries=MAX_TRIES + 1, now=NOW)
    assert (retry.state, retry.at, retry.burns) == ("ready", NOW + wait, False)


def test_who_lost_the_line_through_us_comes_first() -> None:
    assert next_try(Ladder.CALLBACK, times=1, tries=0, now=NOW).priority == 0
    assert next_try(Ladder.BUSY, times=1, tries=0, now=NOW).priority is None


def test_an_invalid_number_is_closed_at_once() -> None:
    retry = next_try(Ladder.INVALID, times=1, tries=0, now=NOW)
    assert (retry.state, retry.at, retry.closes_number) == ("closed", None, True)


def test_an_announcement_heard_twice_closes_the_number() -> None:
    retry = next_try(Ladder.ANNOUNCEMENT, times=2, tries=1, now=NOW)
    assert (retry.state, retry.closes_number, retry.reason) == ("closed", True, "announcement")


def test_a_status_may_close_the_entry() -> None:
    retry = next_try(Ladder.CLOSE, times=1, tries=0, now=NOW)
    assert (retry.state, retry.reason, retry.closes_number) == ("closed", "close", False)


def test_the_last_try_closes_the_entry() -> None:
    assert next_try(Ladder.BUSY, times=1, tries=MAX_TRIES - 2, now=NOW).state == "ready"
    retry = next_try(Ladder.BUSY, times=1, tries=MAX_TRIES - 1, now=NOW)
    assert (retry.state, retry.reason, retry.at) == ("closed", "tries", None)


def test_a_campaign_may_have_ladders_of_its_own() -> None:
    own = {Ladder.BUSY: Rungs((HOUR,))}
    assert next_try(Ladder.BUSY, times=1, tries=0, now=NOW, ladders=own).at == NOW + HOUR
    assert next_try(Ladder.MACHINE, times=1, tries=0, now=NOW, ladders=own).at == NOW + DAY


@pytest.mark.parametrize(
    ("hour", "part"), [(9, 18), (11, 18), (12, 10), (16, 10), (17, 13), (20, 13)]
)
def test_the_next_day_is_tried_in_another_part(hour: int, part: int) -> None:
    tried = NOW.replace(hour=hour)
    assert other_part_of_next_day(tried) == datetime(2026, 5, 13, part, tzinfo=JST)


def test_weekends_and_holidays_are_no_business_days() -> None:
    friday = datetime(2026, 5, 15, 10, 0, tzinfo=JST)
    assert other_part_of_next_day(friday).date() == date(2026, 5, 18)
    assert other_part_of_next_day(friday, {date(2026, 5, 18)}).date() == date(2026, 5, 19)


def test_a_promise_holds_the_entry_until_the_day_after_its_grace() -> None:
    retry = after_result({"contact"}, promise_due=date(2026, 5, 20), tries=0, now=NOW)
    assert (retry.state, retry.at) == ("ready", datetime(2026, 5, 24, tzinfo=JST))
    assert retry.reason == "promise"


@pytest.mark.parametrize(
    ("codes", "wait"),
    [({"valid", "contact"}, 7 * DAY), ({"contact"}, DAY), (set(), DAY), ({"other"}, DAY)],
)
def test_the_most_decisive_status_says_when(codes: set[str], wait: timedelta) -> None:
    assert after_result(codes, promise_due=None, tries=0, now=NOW).at == NOW + wait


def test_a_campaigns_own_status_may_close() -> None:
    ladders = {"refused": Ladder.CLOSE, "valid": Ladder.VALID}
    retry = after_result(
        {"refused", "valid"}, promise_due=None, tries=0, now=NOW, status_ladders=ladders
    )
    assert retry.state == "closed"


def test_every_ladder_leads_somewhere() -> None:
    for ladder, rungs in LADDERS.items():
        assert rungs.waits or rungs.closes_number_after or ladder is Ladder.CLOSE


def test_of_several_numbers_the_one_that_answered_best_comes_first() -> None:
    good = NumberRecord(3, tries=4, answers=3)
    lucky = NumberRecord(4, tries=1, answers=1)
    fresh = NumberRecord(2, tries=0, answers=0)
    silent = NumberRecord(1, tries=3, answers=0)
    ranked = sorted((silent, fresh, lucky, good), key=best_number_first)
    # Three of four says more than one of one; nothing known is better than never answered.
    assert ranked == [good, lucky, fresh, silent]


def test_numbers_nobody_answers_take_turns_in_the_order_of_the_list() -> None:
    tries = [0, 0, 0]
    called = []
    for _ in range(6):
        records = [NumberRecord(n, tries[n], 0) for n in range(3)]
        first = min(records, key=best_number_first).position
        tries[first] += 1
        called.append(first)
    assert called == [0, 1, 2, 0, 1, 2]
