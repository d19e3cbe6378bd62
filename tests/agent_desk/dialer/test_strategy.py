"""The strategy table: classes by day, the share of the AI, fewer calls for those who pay."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from agent_desk.dialer.strategy import (
    BUILT_IN,
    BadStrategy,
    ClassMove,
    ClassRow,
    Paid,
    PaymentRule,
    Strategy,
    class_on,
    draw,
    moves,
    on_time_run,
    parse,
)

DUE = date(2026, 5, 1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("overdue", "expected"),
    [
        (-5, None),
        (0, None),
        (1, "d1_30"),
        (30, "d1_30"),
        (31, "d31_90"),
        (90, "d31_90"),
        (91, "d91"),
        (4000, "d91"),
    ],
)
def test_the_class_is_a_matter_of_days_overdue(overdue: int, expected: str | None) -> None:
    assert class_on(DUE, DUE + overdue * DAY) == expected


def test_a_debt_without_a_due_date_has_no_class() -> None:
    assert class_on(None, DUE) is None


def test_the_table_the_product_comes_with() -> None:
    assert BUILT_IN.weekly_caps == {"d1_30": 2, "d31_90": 3, "d91": 7}
    assert [(row.ai_percent, row.human_percent) for row in BUILT_IN.rows] == [
        (95, 5),
        (80, 20),
        (60, 40),
    ]


@pytest.mark.parametrize("first", [1, 1_000_000, 9_876_543_210])
@pytest.mark.parametrize("version", [0, 1, 7])
def test_a34_of_a_thousand_customers_the_ai_has_its_share_within_three_points(
    version: int, first: int
) -> None:
    table = Strategy(version, BUILT_IN.rows)
    for row in table.rows:
        drawn = [table.channel(first + n, row.delinquency) for n in range(1000)]
        assert abs(drawn.count("ai") / 10 - row.ai_percent) <= 3


def test_customers_scattered_over_the_numbers_are_shared_evenly_too() -> None:
    scattered = random.Random(7).sample(range(1_000_000), 10_000)
    for row in BUILT_IN.rows:
        drawn = [BUILT_IN.channel(each, row.delinquency) for each in scattered]
        assert abs(drawn.count("ai") / 100 - row.ai_percent) <= 3


def test_a_customer_is_drawn_alike_each_time_and_anew_in_a_new_version() -> None:
    first = [draw(customer_id, 3) for customer_id in range(200)]
    assert first == [draw(customer_id, 3) for customer_id in range(200)]
    assert sorted(first[:100]) == sorted(first[100:]) == list(range(100))
    assert first != [draw(customer_id, 4) for customer_id in range(200)]


def test_a_smaller_share_only_takes_customers_from_the_ai() -> None:
    for customer_id in range(300):
        if BUILT_IN.channel(customer_id, "d91") == "ai":
            assert BUILT_IN.channel(customer_id, "d31_90") == "ai"
            assert BUILT_IN.channel(customer_id, "d1_30") == "ai"


def test_who_has_nothing_overdue_is_left_to_people() -> None:
    assert {BUILT_IN.channel(customer_id, None) for customer_id in range(100)} == {"human"}


@pytest.mark.parametrize(("share", "whom"), [(0, "human"), (100, "ai")])
def test_nothing_and_all_are_exact(share: int, whom: str) -> None:
    table = Strategy(1, tuple(ClassRow(row.delinquency, 1, share) for row in BUILT_IN.rows))
    assert {table.channel(customer_id, "d91") for customer_id in range(500)} == {whom}


def test_day_thirty_to_thirty_one_moves_the_class_once() -> None:
    day = DUE + 31 * DAY
    found = list(moves(DUE, before="d1_30", since=day - DAY, today=day))
    assert found == [ClassMove("d1_30", "d31_90", day)]
    assert list(moves(DUE, before="d31_90", since=day, today=day)) == []


def test_missed_nights_are_caught_up_each_on_its_day() -> None:
    found = list(moves(DUE, before=None, since=DUE, today=DUE + 200 * DAY))
    assert found == [
        ClassMove(None, "d1_30", DUE + DAY),
        ClassMove("d1_30", "d31_90", DUE + 31 * DAY),
        ClassMove("d31_90", "d91", DUE + 91 * DAY),
    ]


def test_without_an_earlier_review_only_todays_class_is_told() -> None:
    today = DUE + 45 * DAY
    assert list(moves(DUE, before=None, since=None, today=today)) == [
        ClassMove(None, "d31_90", today)
    ]


def test_who_has_paid_leaves_every_class() -> None:
    today = DUE + 45 * DAY
    found = list(moves(None, before="d31_90", since=today - DAY, today=today))
    assert found == [ClassMove("d31_90", None, today)]


def paid(days_late: int, *, month: int) -> Paid:
    due = date(2026, month, 10)
    return Paid(due + days_late * DAY, (due,))


def test_a32_three_payments_on_time_mean_one_attempt_a_week_less() -> None:
    history = [paid(0, month=1), paid(-3, month=2), paid(0, month=3)]
    assert on_time_run(history) == 3
    assert BUILT_IN.weekly_adjust(3) == -1
    assert BUILT_IN.weekly_adjust(2) == 0


def test_a_late_payment_begins_the_count_anew() -> None:
    assert on_time_run([paid(0, month=1), paid(0, month=2), paid(9, month=3)]) == 0
    assert on_time_run([paid(9, month=1), paid(0, month=2), paid(0, month=3)]) == 2


def test_the_day_promised_counts_as_asked_for() -> None:
    due = date(2026, 3, 10)
    assert on_time_run([Paid(due + 5 * DAY, (due, due + 6 * DAY))]) == 1


def test_the_rule_for_the_longest_history_applies() -> None:
    table = Strategy(1, BUILT_IN.rows, (PaymentRule(3, 1), PaymentRule(6, 2), PaymentRule(12, 0)))
    assert [table.weekly_adjust(run) for run in (0, 3, 5, 6, 11, 12, 40)] == [
        0,
        -1,
        -1,
        -2,
        -2,
        0,
        0,
    ]


def plain(**changes: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {"delinquency": row.delinquency, "weekly_calls": row.weekly_calls, "ai_percent": 50}
        for row in BUILT_IN.rows
    ]
    rows[1] |= changes
    return rows


def test_a_table_is_read_from_plain_values_in_any_order() -> None:
    table = parse(4, plain(weekly_calls=5)[::-1], [{"on_time": 3, "fewer": 1}])
    assert table.weekly_caps == {"d1_30": 2, "d31_90": 5, "d91": 7}
    assert table.version == 4


@pytest.mark.parametrize(
    ("classes", "payments"),
    [
        (plain(weekly_calls=22), []),
        (plain(weekly_calls=-1), []),
        (plain(weekly_calls=True), []),
        (plain(weekly_calls="3"), []),
        (plain(ai_percent=101), []),
        (plain(ai_percent=None), []),
        (plain(delinquency="d1_30"), []),
        (plain()[:2], []),
        ([*plain(), plain()[0]], []),
        (plain(), [{"on_time": 0, "fewer": 1}]),
        (plain(), [{"on_time": 3, "fewer": -1}]),
        (plain(), [{"on_time": 3, "fewer": 1}, {"on_time": 3, "fewer": 2}]),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(
    classes: list[dict[str, object]], payments: list[dict[str, object]]
) -> None:
    with pytest.raises(BadStrategy):
        parse(1, classes, payments)
