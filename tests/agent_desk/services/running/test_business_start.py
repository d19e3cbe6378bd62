"""When business time starts: 10:00 of the next day people work."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from agent_desk.dialer.business_time import JST
from agent_desk.services.running.business_start import is_business_day, next_business_start


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2026, 11, 24, 1, tzinfo=UTC), "2026-11-25T10:00:00+09:00"),  # Tuesday
        (datetime(2026, 11, 24, 16, tzinfo=UTC), "2026-11-26T10:00:00+09:00"),  # Wednesday JST
        (
            datetime(2026, 11, 20, 9, tzinfo=UTC),
            "2026-11-24T10:00:00+09:00",
        ),  # weekend, 勤労感謝の日
        (datetime(2026, 12, 30, 9, tzinfo=UTC), "2027-01-04T10:00:00+09:00"),  # 年末年始
        (
            datetime(2026, 9, 18, 9, tzinfo=UTC),
            "2026-09-24T10:00:00+09:00",
        ),  # 国民の休日 in between
    ],
)
def test_business_starts_at_ten_of_the_next_business_day(after: datetime, expected: str) -> None:
    assert next_business_start(after).isoformat() == expected


def test_it_is_always_later_and_a_business_day() -> None:
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(300):
        start = next_business_start(instant)
        assert start > instant and start.astimezone(JST).hour == 10
        assert is_business_day(start.date())
        instant = start
    assert not is_business_day(date(2026, 12, 31))
