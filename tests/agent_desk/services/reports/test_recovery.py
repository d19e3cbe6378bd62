"""Recovery by hand: counts and yen, payments before, within and after a period."""

from __future__ import annotations

from datetime import date

import pytest

from agent_desk.services.reports.recovery import FirstAttempts, Owed, Recovery, with_payments

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def test_a02_382_of_1000_accounts_are_38_2_percent_and_the_yen_are_counted_apart() -> None:
    found = Recovery(accounts=1_000, payers=382, owed_yen=50_000_000, collected_yen=7_640_000)
    assert found.by_count == pytest.approx(0.382)
    assert found.by_yen == pytest.approx(0.1528)


def test_a04_payments_after_10_20_and_30_days_took_20_days() -> None:
    assigned = date(2026, 10, 31)
    owing = [
        Owed(assigned, counted=False, paid=((date(2026, 11, 10), 1_000),)),
        Owed(assigned, counted=False, paid=((date(2026, 11, 20), 1_000),)),
        Owed(assigned, counted=True, paid=((date(2026, 11, 30), 1_000),)),
    ]
    found = with_payments(Recovery(accounts=1, owed_yen=500), owing, FIRST, LAST)
    assert found.days_to_collect == 20.0
    assert (found.accounts, found.owed_yen, found.collected_yen) == (3, 3_500, 3_000)


def test_a03_a_quarter_of_first_attempts() -> None:
    assert FirstAttempts(attempts=100, contacts=25).contact_rate == 0.25


def test_what_was_paid_before_the_period_or_before_assignment_was_never_owed_in_it() -> None:
    assigned = date(2026, 11, 10)
    owing = [
        Owed(assigned, counted=True, paid=((date(2026, 11, 9), 700),)),
        Owed(date(2026, 9, 1), counted=False, paid=((date(2026, 10, 31), 700),)),
    ]
    found = with_payments(Recovery(accounts=1, owed_yen=500), owing, FIRST, LAST)
    assert (found.accounts, found.owed_yen, found.payers, found.payments) == (1, 500, 0, 0)


def test_what_was_paid_after_the_period_was_owed_in_it_and_not_collected() -> None:
    owing = [Owed(date(2026, 9, 1), counted=False, paid=((date(2026, 12, 2), 700),))]
    found = with_payments(Recovery(), owing, FIRST, LAST)
    assert (found.accounts, found.owed_yen, found.payers, found.collected_yen) == (1, 700, 0, 0)
    assert found.by_count == 0.0


def test_an_account_assigned_after_the_period_is_not_in_it() -> None:
    owing = [Owed(date(2026, 12, 1), counted=False, paid=((date(2026, 12, 2), 700),))]
    assert with_payments(Recovery(), owing, FIRST, LAST) == Recovery()


def test_a_ratio_of_nothing_is_no_number() -> None:
    nothing = Recovery()
    assert nothing.by_count is nothing.by_yen is nothing.cure_rate is None
    assert nothing.days_to_collect is FirstAttempts().contact_rate is None
