"""People at work by hand: at once, by day, and by band of the day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent_desk.dialer.business_time import at
from agent_desk.services.reports.staffing import Stay, hours, operator_days, staff_by_day

DAY = date(2026, 11, 24)  # a Tuesday
HOUR = timedelta(hours=1)


def stay(user_id: int, began: float, ended: float, day: date = DAY) -> Stay:
    """Logged in from one hour of the day to another."""
    return Stay(user_id, at(day, 0) + began * HOUR, at(day, 0) + ended * HOUR)


def test_a06_peak_and_mean_of_those_logged_in_at_once() -> None:
    # 9-12 and 13-17 alone, 10-16 a second, 11-12 a third: seven staffed hours plus 12-13.
    stays = [stay(1, 9, 12), stay(1, 13, 17), stay(2, 10, 16), stay(3, 11, 12)]
    [found] = staff_by_day(stays, [DAY], {})
    assert (found.peak, found.operators) == (3, 3)
    assert found.logged_in == 14 * HOUR
    assert found.staffed == 8 * HOUR
    assert found.mean == 14 / 8


def test_a06_who_logs_in_again_at_once_is_one_person() -> None:
    [found] = staff_by_day([stay(1, 9, 12), stay(1, 12, 15)], [DAY], {})
    assert (found.peak, found.mean) == (1, 1.0)


def test_a06_a_shift_over_midnight_is_of_both_days() -> None:
    tomorrow = DAY + timedelta(days=1)
    first, second = staff_by_day([stay(1, 22, 26)], [DAY, tomorrow], {})
    assert (first.logged_in, second.logged_in) == (2 * HOUR, 2 * HOUR)
    assert (first.peak, second.peak) == (1, 1)


def test_a08_200_dials_on_one_operators_day() -> None:
    found = staff_by_day([stay(1, 9, 18)], [DAY], {DAY: 200})
    assert [day.dials_each for day in found] == [200.0]
    assert operator_days(found) == 1


def test_a_day_nobody_worked_has_no_mean() -> None:
    [found] = staff_by_day([], [DAY], {DAY: 3})
    assert (found.peak, found.mean, found.dials_each) == (0, None, None)


def test_a07_a_shift_is_split_at_18_22_and_5_and_holidays_are_told_apart() -> None:
    found = hours([stay(1, 17, 30)], {DAY + timedelta(days=1)})
    assert [(each.day, each.band, each.holiday, each.time / HOUR) for each in found] == [
        (DAY, "day", False, 1.0),
        (DAY, "evening", False, 4.0),
        (DAY, "night", False, 2.0),
        (DAY + timedelta(days=1), "day", True, 1.0),
        (DAY + timedelta(days=1), "night", True, 5.0),
    ]


@given(
    st.lists(
        st.builds(
            lambda user, began, lasted: stay(user, began / 3600, (began + lasted) / 3600),
            st.integers(1, 3),
            st.integers(0, 3 * 86_400),
            st.integers(0, 2 * 86_400),
        ),
        max_size=8,
    )
)
def test_no_time_is_lost_or_counted_twice(stays: list[Stay]) -> None:
    whole = sum((each.ended - each.began for each in stays), timedelta())
    assert sum((each.time for each in hours(stays, ())), timedelta()) == whole
    days = [DAY + timedelta(days=number) for number in range(7)]
    assert sum((each.logged_in for each in staff_by_day(stays, days, {})), timedelta()) == whole
