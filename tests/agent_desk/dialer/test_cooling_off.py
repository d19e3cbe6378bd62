"""クーリング・オフ: eight days of which the day of receipt is the first (R39)."""

from __future__ import annotations

from datetime import date

import pytest

from agent_desk.dialer.cooling_off import in_time, standing, until


def test_b36_r39_eight_days_incl_receipt_day() -> None:
    received = date(2026, 11, 2)
    last = until(received)
    assert last == date(2026, 11, 9)
    assert standing(last, cancelled=False, today=received) == "running"
    assert standing(last, cancelled=False, today=last) == "running"
    assert standing(last, cancelled=False, today=date(2026, 11, 10)) == "over"


def test_b36_days_run_over_months_years_and_29_february() -> None:
    assert until(date(2026, 12, 28)) == date(2027, 1, 4)
    assert until(date(2028, 2, 25)) == date(2028, 3, 3)
    assert until(date(2027, 2, 25)) == date(2027, 3, 4)


def test_b36_a_house_may_give_more_days_and_never_fewer() -> None:
    assert until(date(2026, 11, 2), days=20) == date(2026, 11, 21)
    with pytest.raises(ValueError, match="fewer"):
        until(date(2026, 11, 2), days=7)


def test_b36_without_the_documents_it_does_not_run_out() -> None:
    assert standing(None, cancelled=False, today=date(2099, 1, 1)) == "awaited"
    assert in_time(None, sent_on=date(2099, 1, 1))


def test_b36_a_notice_counts_when_it_is_sent() -> None:
    last = until(date(2026, 11, 2))
    assert in_time(last, sent_on=last)
    assert not in_time(last, sent_on=date(2026, 11, 10))
