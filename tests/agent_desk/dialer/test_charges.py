"""What a call costs: the price lists of the field, and what holds for any tariff (I16)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.dialer.charges import (
    BASES,
    KINDS,
    LINES,
    Rate,
    Terms,
    Version,
    charge_sen,
    connected_s,
    line_of,
    line_of_number,
    version_on,
    yen_text,
)

OSORA = Terms("metered", Rate(780, 180), Rate(1_600, 60), 10_000, 1_000, "terminal")
LISNAVI = Terms("metered", Rate(120, 20), Rate(120, 20), 10_000, 5_000, "booth")
ANSWERED = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

rates = st.builds(Rate, st.integers(0, 10**7), st.integers(1, 86_400))
terms = st.builds(
    Terms,
    st.sampled_from(KINDS),
    rates,
    rates,
    st.integers(0, 10**8),
    st.integers(0, 10**8),
    st.sampled_from(BASES),
    st.integers(0, 86_400),
)
lines = st.sampled_from(LINES)
seconds = st.integers(1, 200_000)


@pytest.mark.parametrize(("lasted", "yen"), [(1, "7.8"), (180, "7.8"), (181, "15.6")])
def test_b41_a_fixed_line_costs_7_8_yen_for_each_three_minutes(lasted: int, yen: str) -> None:
    assert yen_text(charge_sen(OSORA, "fixed", lasted)) == yen


def test_b41_a_call_that_was_not_connected_costs_nothing() -> None:
    assert connected_s(None, ANSWERED) is None
    for line in LINES:
        assert charge_sen(OSORA, line, None) == 0


def test_b41_a_mobile_number_has_its_own_price() -> None:
    assert yen_text(charge_sen(OSORA, "mobile", 61)) == "32"
    assert [line_of(kind) for kind in ("mobile", "fixed", "ip", "work", None)] == [
        "mobile",
        *["fixed"] * 4,
    ]


@pytest.mark.parametrize(("lasted", "yen"), [(20, "1.2"), (21, "2.4"), (180, "10.8")])
def test_b43_twenty_seconds_cost_1_2_yen(lasted: int, yen: str) -> None:
    assert yen_text(charge_sen(LISNAVI, "fixed", lasted)) == yen


def test_b44_four_kinds_of_plan_price_the_same_call() -> None:
    call = {"line": "fixed", "seconds": 190}
    priced = {
        kind: charge_sen(Terms(kind, Rate(100, 60), Rate(200, 60), included_s=120), **call)
        for kind in KINDS
    }
    assert priced == {"metered": 400, "per_call": 100, "allowance": 200, "unlimited": 0}


@pytest.mark.parametrize(
    ("lasted_us", "begun"),
    [(0, 1), (1, 1), (1_000_000, 1), (1_000_001, 2), (179_999_999, 180), (180_000_001, 181)],
)
def test_seconds_are_counted_as_begun(lasted_us: int, begun: int) -> None:
    assert connected_s(ANSWERED, ANSWERED + timedelta(microseconds=lasted_us)) == begun


def test_a_call_that_lasts_has_no_price_yet() -> None:
    assert connected_s(ANSWERED, None) is None


@given(terms, lines, seconds)
def test_i16_a_price_follows_from_its_row_alone(told: Terms, line: str, lasted: int) -> None:
    first = charge_sen(told, line, lasted)
    charge_sen(OSORA, "fixed", 7)
    assert charge_sen(told, line, lasted) == first
    assert isinstance(first, int)
    assert first >= 0


@given(terms, lines, seconds, st.integers(0, 5_000))
def test_who_talks_longer_never_pays_less(told: Terms, line: str, lasted: int, more: int) -> None:
    assert charge_sen(told, line, lasted + more) >= charge_sen(told, line, lasted)


@given(rates, lines, seconds)
def test_metered_time_is_rounded_up_by_less_than_a_unit(rate: Rate, line: str, lasted: int) -> None:
    price = charge_sen(Terms("metered", rate, rate), line, lasted)
    exact = Fraction(rate.price_sen * lasted, rate.unit_s)
    assert exact <= price < exact + rate.price_sen or rate.price_sen == price == 0


@given(terms, seconds)
def test_the_other_lines_price_does_not_matter(told: Terms, lasted: int) -> None:
    other = Terms(told.kind, told.fixed, Rate(1, 1), included_s=told.included_s)
    assert charge_sen(told, "fixed", lasted) == charge_sen(other, "fixed", lasted)


@given(st.lists(st.dates(), unique=True, max_size=6), st.dates(), st.dates())
def test_a_later_version_leaves_earlier_days_alone(
    begins: list[date], day: date, added: date
) -> None:
    versions = [Version(begin, OSORA) for begin in begins]
    with_it = [*versions, Version(added, LISNAVI)]
    if day < added:
        assert version_on(with_it, day) == version_on(versions, day)
    else:
        found = version_on(with_it, day)
        assert found is not None
        assert found.from_on <= day


@pytest.mark.parametrize(
    ("sen", "text"),
    [(0, "0"), (780, "7.8"), (5, "0.05"), (123_456_78, "123,456.78"), (2_200_000, "22,000")],
)
def test_an_amount_is_written_exactly(sen: int, text: str) -> None:
    assert yen_text(sen) == text


@pytest.mark.parametrize(
    ("number", "line"),
    [
        ("+819012345678", "mobile"),
        ("+816012345678", "mobile"),
        ("+81312345678", "fixed"),
        ("+815012345678", "fixed"),
        ("+81120123456", "fixed"),
    ],
)
def test_the_number_itself_tells_its_line_where_its_kind_is_a_label(number: str, line: str) -> None:
    assert line_of_number(number) == line
