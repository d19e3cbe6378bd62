"""When a schedule is due: by the calendar of Japan, month ends and holidays included."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.dialer.business_time import JST, at, business_date
from agent_desk.services.mailing.due import DAILY, MONTHLY, WEEKLY, Rhythm, last_due, next_due
from agent_desk.services.running.business_start import is_business_day

NINE = 9 * 60


def jst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def following(rhythm: Rhythm, after: str, count: int) -> list[str]:
    found, last = [], jst(after)
    for _ in range(count):
        last = next_due(rhythm, last, is_business_day)
        found.append(last.strftime("%Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("rhythm", "after", "wanted"),
    [
        (Rhythm(DAILY, NINE), "2026-11-24 08:59", ["2026-11-24 09:00", "2026-11-25 09:00"]),
        (Rhythm(DAILY, NINE), "2026-11-24 09:00", ["2026-11-25 09:00"]),
        (Rhythm(DAILY, 0), "2026-12-31 23:59", ["2027-01-01 00:00"]),
        (Rhythm(WEEKLY, NINE, weekday=0), "2026-11-24 09:00", ["2026-11-30 09:00"]),
        (
            Rhythm(MONTHLY, NINE, day_of_month=31),
            "2027-01-31 09:00",
            ["2027-02-28 09:00", "2027-03-31 09:00", "2027-04-30 09:00"],
        ),
        (Rhythm(MONTHLY, NINE, day_of_month=30), "2028-02-01 00:00", ["2028-02-29 09:00"]),
        (Rhythm(MONTHLY, NINE, day_of_month=29), "2100-02-01 00:00", ["2100-02-28 09:00"]),
    ],
)
def test_it_is_due_on_the_days_of_the_calendar(
    rhythm: Rhythm, after: str, wanted: list[str]
) -> None:
    assert following(rhythm, after, len(wanted)) == wanted


def test_daily_leaves_holidays_and_weekends_out() -> None:
    # 2026-11-23 is 勤労感謝の日, a Monday.
    rhythm = Rhythm(DAILY, NINE, not_on_holidays=True)
    assert following(rhythm, "2026-11-20 08:00", 2) == ["2026-11-20 09:00", "2026-11-24 09:00"]
    assert following(rhythm, "2026-12-30 09:00", 1) == ["2027-01-04 09:00"]


def test_weekly_and_monthly_are_put_off_to_the_next_working_day() -> None:
    weekly = Rhythm(WEEKLY, NINE, weekday=0, not_on_holidays=True)
    wanted = ["2026-11-16 09:00", "2026-11-24 09:00", "2026-11-30 09:00"]
    assert following(weekly, "2026-11-15 00:00", 3) == wanted
    first = Rhythm(MONTHLY, NINE, day_of_month=1, not_on_holidays=True)
    assert following(first, "2026-12-01 09:00", 2) == ["2027-01-04 09:00", "2027-02-01 09:00"]


def test_the_day_is_japans_whatever_zone_the_instant_is_told_in() -> None:
    after = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # 08:30 of the 24th in Japan
    assert next_due(Rhythm(DAILY, NINE), after, is_business_day) == jst("2026-11-24 09:00")


def test_of_many_missed_the_last_is_found() -> None:
    rhythm = Rhythm(DAILY, NINE)
    assert last_due(rhythm, jst("2026-11-24 08:59"), is_business_day) == jst("2026-11-23 09:00")
    assert last_due(rhythm, jst("2026-11-24 09:00"), is_business_day) == jst("2026-11-24 09:00")


@pytest.mark.parametrize(
    "rhythm",
    [
        Rhythm("hourly", NINE),
        Rhythm(DAILY, -1),
        Rhythm(DAILY, 24 * 60),
        Rhythm(DAILY, NINE, weekday=1),
        Rhythm(WEEKLY, NINE),
        Rhythm(WEEKLY, NINE, weekday=7),
        Rhythm(WEEKLY, NINE, weekday=1, day_of_month=1),
        Rhythm(MONTHLY, NINE),
        Rhythm(MONTHLY, NINE, day_of_month=0),
        Rhythm(MONTHLY, NINE, day_of_month=32),
    ],
)
def test_what_says_too_little_or_too_much_is_not_usable(rhythm: Rhythm) -> None:
    assert not rhythm.usable


minutes = st.integers(0, 24 * 60 - 1)
rhythms = st.one_of(
    st.builds(Rhythm, st.just(DAILY), minutes, not_on_holidays=st.booleans()),
    st.builds(
        Rhythm,
        st.just(WEEKLY),
        minutes,
        weekday=st.integers(0, 6),
        not_on_holidays=st.booleans(),
    ),
    st.builds(
        Rhythm,
        st.just(MONTHLY),
        minutes,
        day_of_month=st.integers(1, 31),
        not_on_holidays=st.booleans(),
    ),
)
seconds = st.integers(0, 7 * 366 * 86_400)
instants = seconds.map(lambda each: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=each))


@given(rhythms, instants)
def test_next_and_last_meet_without_a_gap(rhythm: Rhythm, now: datetime) -> None:
    assert rhythm.usable
    following = next_due(rhythm, now, is_business_day)
    assert following > now
    assert at(business_date(following), rhythm.minute) == following
    before = last_due(rhythm, now, is_business_day)
    assert before <= now
    assert next_due(rhythm, before, is_business_day) == following, "nothing lies between"
    assert last_due(rhythm, following, is_business_day) == following


@given(rhythms, instants)
def test_a_month_has_one_a_week_has_one_and_no_holiday_any(rhythm: Rhythm, now: datetime) -> None:
    found = [next_due(rhythm, now, is_business_day)]
    for _ in range(11):
        found.append(next_due(rhythm, found[-1], is_business_day))
    days = [business_date(each) for each in found]
    if rhythm.not_on_holidays:
        assert all(is_business_day(day) for day in days)
    gaps = {(later - day).days for day, later in zip(days, days[1:], strict=False)}
    if not rhythm.not_on_holidays:
        usual = {DAILY: {1}, WEEKLY: {7}, MONTHLY: {28, 29, 30, 31}}[rhythm.often]
        assert gaps <= usual
    if rhythm.often == MONTHLY and not rhythm.not_on_holidays:
        assert rhythm.day_of_month is not None
        assert [day.day for day in days] == [
            min(rhythm.day_of_month, calendar.monthrange(day.year, day.month)[1]) for day in days
        ]
    assert max(gaps) <= 45


@given(rhythms, st.dates(date(2024, 1, 1), date(2031, 1, 1)))
def test_each_that_is_named_has_its_own_day(rhythm: Rhythm, first: date) -> None:
    start = at(first, 0)
    found, last = 0, start
    while (last := next_due(rhythm, last, is_business_day)) < start + timedelta(days=364):
        found += 1
    least = {DAILY: 230, WEEKLY: 50, MONTHLY: 11}[rhythm.often]
    assert found >= least
