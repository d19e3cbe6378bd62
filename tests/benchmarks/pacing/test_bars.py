"""What clears a bar and what does not, and how the constant of hindsight is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.pacing.bars import bars, best_vicidial
from benchmarks.pacing.floor import Day
from benchmarks.pacing.hindsight import best_constant
from benchmarks.pacing.policies import HINDSIGHT, OURS
from benchmarks.pacing.runs import Job, Runs
from benchmarks.pacing.tables import Figures


def found(occupancy: float, abandonment: float, worst: float) -> Figures:
    return Figures(occupancy, 20.0, abandonment, worst, 10.0, 20, 1000.0, 200.0, 10, 0.0)


FIELD = {
    HINDSIGHT: found(79.8, 3.0, 3.4),
    "vici-hard": found(57.0, 3.3, 3.5),
    "vici-tapered-ready": found(64.0, 3.05, 3.2),
    "vici-ratio-2": found(87.0, 29.0, 30.0),
}


def of(ours: Figures):
    return lambda policy, seats: ours if policy == OURS else FIELD.get(policy, found(50.0, 0, 0))


def test_vicidials_best_is_looked_for_among_those_that_keep_the_limit() -> None:
    assert best_vicidial(of(found(0, 0, 0)), 10) == "vici-tapered-ready"


def test_every_bar_of_the_base_scenario_counts() -> None:
    good = bars("base", 10, of(found(81.0, 2.7, 3.0)))
    assert len(good) == 3 and all(bar.cleared for bar in good)
    # one day over the limit; a tenth too low; too near VICIdial
    assert [bar.cleared for bar in bars("base", 10, of(found(81.0, 2.7, 3.01)))] == [
        False,
        True,
        True,
    ]
    assert [bar.cleared for bar in bars("base", 10, of(found(80.9, 2.7, 2.9)))] == [
        True,
        False,
        True,
    ]
    assert not bars("base", 10, of(found(68.9, 2.7, 2.9)))[2].cleared


def test_other_scenarios_are_held_to_the_constant_of_hindsight() -> None:
    assert all(bar.cleared for bar in bars("shift", 10, of(found(79.3, 2.0, 2.5))))
    assert [bar.cleared for bar in bars("shift", 10, of(found(79.2, 2.0, 2.5)))] == [True, False]


@pytest.mark.parametrize(("limit", "seats"), [(1.2, 3), (2.7, 10), (2.7, 200), (14.0, 5)])
def test_the_best_constant_is_the_largest_that_keeps_the_limit(limit: float, seats: int) -> None:
    asked: list[str] = []

    def run(name: str) -> list[Day]:
        asked.append(name)
        return [Day(seats, 0, people=1000, abandoned=30 if float(name[1:]) <= limit else 31)]

    assert best_constant(run, seats) == f"x{limit:.1f}"
    assert len(asked) == len(set(asked)) <= 15


def test_a_kept_day_is_not_run_again(tmp_path: Path) -> None:
    job = Job("by-hand", "base", 1, 0)
    keep = tmp_path / "days.jsonl"
    with Runs(seeds=1, jobs=1, keep=keep) as first:
        ran = first.days("by-hand", "base", 1)
    kept = keep.read_text("utf-8")
    with Runs(seeds=1, jobs=1, keep=keep) as second:
        second.do([job])
        assert second.days("by-hand", "base", 1) == ran
    assert keep.read_text("utf-8") == kept


def test_a_bar_nobody_can_be_measured_against_is_printed_all_the_same() -> None:
    last = bars("base", 10, of(found(81.0, 2.7, 3.0)), field=("vici-hard", "vici-ratio-2"))[-1]
    assert last.cleared and last.found == "none of its policies keeps that"
