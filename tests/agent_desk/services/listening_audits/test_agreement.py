"""Agreement by hand: tables worked out on paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.services.listening_audits.agreement import agreement, together
from agent_desk.services.listening_audits.sheet import LEVELS


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    # 50 calls: 20 both met, 15 both missed, 5 met/missed, 10 missed/met. Equal 35/50 = 0.7.
    # By chance 25/50 · 30/50 + 25/50 · 20/50 = 0.5; kappa (0.7 − 0.5) / (1 − 0.5) = 0.4.
    counts = {
        ("met", "met"): 20,
        ("missed", "missed"): 15,
        ("met", "missed"): 5,
        ("missed", "met"): 10,
    }
    found = agreement(counts)
    assert (found.pairs, found.equal, found.undefined) == (50, 0.7, None)
    assert found.kappa == pytest.approx(0.4, abs=1e-12)


def test_three_answers_and_less_agreement_than_chance() -> None:
    # 6 pairs, none equal; chance 2/6 · 2/6 · 3 = 1/3; kappa (0 − 1/3) / (2/3) = −0.5.
    turned = [("met", "partly"), ("partly", "missed"), ("missed", "met")]
    found = agreement(dict.fromkeys(turned, 2))
    assert (found.equal, found.kappa) == (0.0, pytest.approx(-0.5))


def test_full_agreement_on_two_answers_is_one() -> None:
    found = agreement({("met", "met"): 3, ("missed", "missed"): 1})
    assert (found.equal, found.kappa) == (1.0, 1.0)


def test_without_pairs_nothing_is_told_and_why() -> None:
    found = agreement({})
    assert (found.pairs, found.equal, found.kappa, found.undefined) == (0, None, None, "no-pairs")


def test_where_both_always_say_the_same_kappa_has_no_value() -> None:
    found = agreement({("met", "met"): 9})
    assert (found.equal, found.kappa, found.undefined) == (1.0, None, "one-answer")


def test_all_criteria_together_weigh_each_pair_alike() -> None:
    tables = [{("met", "met"): 20, ("met", "missed"): 5}, {("missed", "missed"): 15}]
    tables.append({("missed", "met"): 10})
    assert together(tables).kappa == pytest.approx(0.4)
    assert together([]).undefined == "no-pairs"


TABLES = st.dictionaries(
    st.tuples(st.sampled_from(LEVELS), st.sampled_from(LEVELS)), st.integers(1, 40), max_size=16
)


@given(TABLES)
def test_who_was_first_makes_no_difference_and_kappa_stays_within_bounds(
    counts: dict[tuple[str, str], int],
) -> None:
    found = agreement(counts)
    assert found == agreement({(second, first): n for (first, second), n in counts.items()})
    assert (found.kappa is None) == (found.undefined is not None)
    if found.kappa is not None and found.equal is not None:
        assert -1 <= found.kappa <= found.equal <= 1
        assert (found.kappa == 1) == (found.equal == 1)
