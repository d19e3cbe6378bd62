"""A month's bill: fees, heads counted three ways, and calls added up to the sen."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent_desk.dialer.bills import Bill, Heads, Talks, bill
from agent_desk.dialer.charges import LINES, Rate, Terms, Version
from tests.agent_desk.dialer.test_charges import LISNAVI, OSORA

FIRST = date(2026, 11, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(30)]
NOBODY = Heads(0, 0, 0)
talks = st.lists(
    st.builds(
        Talks,
        st.sampled_from(DAYS),
        st.sampled_from(LINES),
        st.integers(1, 4_000),
        st.integers(1, 50),
    ),
    max_size=20,
)


def under(terms: Terms, heads: Heads, *these: Talks) -> Bill:
    found = bill([Version(FIRST, terms)], DAYS, heads, these)
    assert found is not None
    return found


def test_b40_twelve_terminals_cost_22_000_yen_a_month() -> None:
    assert under(OSORA, Heads(terminal=12, booth=5, id=9)).total_yen == 22_000


def test_b42_five_booths_cost_35_000_yen_a_month() -> None:
    assert under(LISNAVI, Heads(terminal=12, booth=5, id=9)).total_yen == 35_000


def test_b44_four_kinds_of_plan_are_priced_on_the_same_log() -> None:
    log = [Talks(FIRST, "fixed", 61, 10), Talks(DAYS[3], "mobile", 300, 2)]
    rate, mobile = Rate(780, 60), Rate(1_000, 60)
    totals = {
        kind: under(Terms(kind, rate, mobile, 1_000, included_s=60), NOBODY, *log).total_yen
        for kind in ("metered", "per_call", "allowance", "unlimited")
    }
    assert totals == {
        "metered": 1_000 + 156 + 100,
        "per_call": 1_000 + 78 + 20,
        "allowance": 1_000 + 78 + 80,
        "unlimited": 1_000,
    }


def test_b45_named_users_and_booths_are_both_computed() -> None:
    found = under(LISNAVI, Heads(terminal=6, booth=5, id=9))
    assert found.by_basis == {"terminal": 30_000, "booth": 25_000, "id": 45_000}
    assert found.seats_yen == 25_000


def test_calls_are_cut_down_to_whole_yen_once_at_the_end() -> None:
    found = under(OSORA, NOBODY, Talks(FIRST, "fixed", 10, 1), Talks(DAYS[1], "fixed", 10, 1))
    assert found.lines["fixed"].sen == 1_560
    assert found.total_yen == 10_000 + 15


def test_each_day_has_the_price_of_its_own_version() -> None:
    versions = [Version(FIRST, OSORA), Version(DAYS[10], LISNAVI)]
    log = [Talks(DAYS[9], "fixed", 20, 1), Talks(DAYS[10], "fixed", 20, 1)]
    found = bill(versions, DAYS, NOBODY, log)
    assert found is not None
    assert found.lines["fixed"].sen == 780 + 120
    assert found.billed_by == "terminal", "the fees are those the month began with"


def test_before_its_first_version_a_tariff_prices_nothing() -> None:
    log = [Talks(DAYS[0], "fixed", 20, 1)]
    found = bill([Version(DAYS[5], LISNAVI)], DAYS, NOBODY, log)
    assert found is not None
    assert found.calls_yen == 0
    assert bill([Version(date(2027, 1, 1), LISNAVI)], DAYS, NOBODY, log) is None


@given(talks, talks)
def test_bills_add_up_however_the_log_is_cut(some: list[Talks], others: list[Talks]) -> None:
    whole = under(OSORA, NOBODY, *some, *others)
    parts = [under(OSORA, NOBODY, *part) for part in (some, others)]
    for line in LINES:
        assert whole.lines[line].sen == sum(part.lines[line].sen for part in parts)
        assert whole.lines[line].calls == sum(part.lines[line].calls for part in parts)


@given(st.permutations([Talks(day, "mobile", 7 * n + 1, n + 1) for n, day in enumerate(DAYS)]))
def test_i16_the_order_of_the_log_does_not_matter(log: list[Talks]) -> None:
    assert under(OSORA, NOBODY, *log) == under(OSORA, NOBODY, *sorted(log, key=lambda t: t.day))
