"""Days are run once each, and the best constants of several sizes are searched together."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.pacing import runs
from benchmarks.pacing.floor import Day
from benchmarks.pacing.runs import Job, Runs


@pytest.fixture(autouse=True)
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs that were run: days on which k lines per idle seat of 5 abandon k %, of 10 half."""
    jobs: list[Job] = []

    def run(job: Job) -> Day:
        jobs.append(job)
        abandoned = round(float(job.policy[1:]) * 500 / job.seats)
        return Day(job.seats, job.seed, people=10_000, abandoned=abandoned)

    monkeypatch.setattr(runs, "run_job", run)
    return jobs


def test_constants_searched_together_are_those_searched_alone() -> None:
    with Runs(seeds=2, jobs=1) as together:
        together.search("base", [5, 10])
        found = [together.best("base", seats) for seats in (5, 10)]
    with Runs(seeds=2, jobs=1) as alone:
        assert found == [alone.best("base", seats) for seats in (5, 10)] == ["x3.0", "x6.0"]


def test_a_kept_day_is_not_run_again(tmp_path: Path, ran: list[Job]) -> None:
    keep = tmp_path / "days.jsonl"
    for _ in range(2):
        with Runs(seeds=2, jobs=1, keep=keep) as each:
            assert [day.abandoned for day in each.days("x3.0", "base", 5)] == [300, 300]
    assert len(ran) == 2


def test_a_day_of_other_sources_does_not_count(
    tmp_path: Path, ran: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = tmp_path / "days.jsonl"
    with Runs(seeds=1, jobs=1, keep=keep) as before:
        before.days("x3.0", "base", 5)
    monkeypatch.setattr(runs, "fingerprint", lambda policy: "another")
    with Runs(seeds=1, jobs=1, keep=keep) as after:
        after.days("x3.0", "base", 5)
    assert len(ran) == 2
