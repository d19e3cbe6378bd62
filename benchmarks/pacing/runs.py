"""Runs days in parallel, once each: what is kept in a file is not run again.

A kept day counts as long as no source it depends on changed: the simulator's, and for the
product's policies the pacers'.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.pacing import policies
from benchmarks.pacing.floor import Day
from benchmarks.pacing.hindsight import best_constant
from benchmarks.pacing.scenarios import SCENARIOS

HERE = Path(__file__).resolve().parent
DIALER = HERE.parents[1] / "agent_desk" / "dialer"
CORE = ("simulation", "floor", "absences", "scenarios", "by_hand", "field", "issabel", "vicidial")
FEWER_SEEDS_FROM = 50  # seats; by then two days differ little, and a search costs a lot
SEARCH_SEEDS = 4
MOST_SEEDS = {200: 3}  # a day takes minutes there, and one is like another
PREDICTING = 8  # times what a day of the others takes


@dataclass(frozen=True)
class Job:
    """One day to run."""

    policy: str
    scenario: str
    seats: int
    seed: int


def is_ours(policy: str) -> bool:
    """Whether the product's predictive pacer runs it."""
    return policy.startswith(policies.OURS)


def fingerprint(policy: str) -> str:
    """Of the sources the days of this policy depend on."""
    sources = [HERE / f"{name}.py" for name in CORE]
    if is_ours(policy) or policy == "progressive":
        sources += [HERE / "product.py", *sorted(DIALER.glob("pacing*.py"))]
        sources += sorted((DIALER / "predictive").glob("*.py"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def run_job(job: Job) -> Day:
    """The day, in whatever process."""
    return policies.day(job.policy, SCENARIOS[job.scenario], seats=job.seats, seed=job.seed)


class Runs:
    """All days of one command; use it as a context, it holds processes."""

    def __init__(self, *, seeds: int, jobs: int, keep: Path | None = None) -> None:
        self.seeds = seeds
        self._keep = keep
        self._days: dict[Job, Day] = {}
        self._prints: dict[str, str] = {}
        self._pool = ProcessPoolExecutor(jobs) if jobs > 1 else None
        self._best: dict[tuple[str, int], str] = {}
        self._began = time.monotonic()
        if keep is not None and keep.exists():
            self._read(keep)

    def __enter__(self) -> Runs:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _print(self, policy: str) -> str:
        kind = policy if policy in policies.TITLES else "x"
        if kind not in self._prints:
            self._prints[kind] = fingerprint(policy)
        return self._prints[kind]

    def _read(self, keep: Path) -> None:
        for line in keep.read_text("utf-8").splitlines():
            row = json.loads(line)
            job = Job(**row["job"])
            if row["sources"] == self._print(job.policy):
                self._days[job] = Day(**row["day"])

    def _write(self, job: Job, day: Day) -> None:
        self._days[job] = day
        if self._keep is not None:
            row = {"job": asdict(job), "sources": self._print(job.policy), "day": asdict(day)}
            with self._keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    def do(self, jobs: Iterable[Job]) -> None:
        """Run those that were not run yet, the longest first."""
        missing = [job for job in dict.fromkeys(jobs) if job not in self._days]
        missing.sort(key=lambda job: -job.seats * (PREDICTING if is_ours(job.policy) else 1))
        done = map(run_job, missing) if self._pool is None else self._pool.map(run_job, missing)
        for job, day in zip(missing, done, strict=True):
            self._write(job, day)

    def days(self, policy: str, scenario: str, seats: int, seeds: int | None = None) -> list[Day]:
        """One day for each seed; of `hindsight`, the days of the constant it chose."""
        if policy == policies.HINDSIGHT:
            policy = self.best(scenario, seats)
        jobs = [Job(policy, scenario, seats, seed) for seed in range(seeds or self.seeds_at(seats))]
        self.do(jobs)
        return [self._days[job] for job in jobs]

    def seeds_at(self, seats: int) -> int:
        """Days of each kind at this size; beyond the sizes that have bars, fewer."""
        return min(self.seeds, MOST_SEEDS.get(seats, self.seeds))

    def took_s(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self._began

    def search(self, scenario: str, sizes: Sequence[int]) -> None:
        """The best constants of these sizes side by side: one search leaves processes idle."""
        with ThreadPoolExecutor(len(sizes) if self._pool is not None else 1) as searches:
            for found in [searches.submit(self.best, scenario, seats) for seats in sizes]:
                found.result()

    def best(self, scenario: str, seats: int) -> str:
        """The best constant multiplier of this scenario and size."""
        if (scenario, seats) not in self._best:
            few = self.seeds_at(seats)
            few = min(few, SEARCH_SEEDS) if seats >= FEWER_SEEDS_FROM else few
            self._best[scenario, seats] = best_constant(
                lambda name: self.days(name, scenario, seats, few), seats
            )
        return self._best[scenario, seats]
