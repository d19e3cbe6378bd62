"""What is measured while it is measured, and the limits a desk must keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

LATE_PRESS_S = 1.0


@dataclass
class Figures:
    """Collected in the generator; nothing counts while `on` is false. Seconds, but for counts."""

    on: bool = False
    lags: list[float] = field(default_factory=list)  # a seat's move → a viewer has applied it
    records: list[float] = field(default_factory=list)  # answer → record on the right page
    presses: list[float] = field(default_factory=list)  # press → durable, as acknowledged
    loop_gaps: list[float] = field(default_factory=list)  # of the generator itself
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)  # counted from the very start

    def lag(self, seconds: float) -> None:
        if self.on:
            self.lags.append(seconds)

    def record(self, seconds: float) -> None:
        if self.on:
            self.records.append(seconds)

    def press(self, seconds: float) -> None:
        if self.on:
            self.presses.append(seconds)
            self.counts["late presses"] += seconds > LATE_PRESS_S

    def count(self, what: str, many: int = 1) -> None:
        if self.on:
            self.counts[what] += many

    def refuse(self, error_id: str) -> None:
        if self.on:
            self.refused[error_id] += 1

    def fault(self, what: str) -> None:
        """Something that must not happen at any time: a gap in the numbers, a wrong record."""
        self.faults[what] += 1

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "lags": self.lags,
            "records": self.records,
            "presses": self.presses,
            "loop_gaps": self.loop_gaps,
            "counts": dict(self.counts),
            "refused": dict(self.refused),
            "faults": dict(self.faults),
        }


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample below which so many lie; of none, none can be told: NaN."""
    if not samples:
        return float("nan")
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * share))]


@dataclass(frozen=True)
class Limit:
    """A promise: `value` may be at most (or, where it says so, must be at least) `bound`."""

    what: str
    value: float
    bound: float
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """NaN keeps nothing: what was not measured was not shown."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{self.what} {self.value:.3g} ({sign} {self.bound:.3g})"


@dataclass(frozen=True)
class Outcome:
    """One load, measured. Processor time in cores, memory in MB, gaps in seconds."""

    seats: int
    seconds: float
    lags: Sequence[float]
    records: Sequence[float]
    presses: Sequence[float]
    hub_gaps: Sequence[float]
    loop_gaps: Sequence[float]
    counts: dict[str, int]
    refused: dict[str, int]
    faults: dict[str, int]
    desk_cores: float
    desk_mb: float
    server_cores: float
    generator_cores: float
    machine_busy: float  # share of all cores

    def rate(self, what: str) -> float:
        """How many of them a second."""
        return self.counts.get(what, 0) / self.seconds

    def limits(self) -> list[Limit]:
        """What was promised at 1,000 seats, the rates in proportion to the seats there were."""
        share = self.seats / 1_000
        return [
            Limit("attempts/s", self.rate("attempts"), 40 * share, at_least=True),
            Limit("bridges/s", self.rate("bridges"), 8 * share, at_least=True),
            Limit("push lag p99 s", percentile(self.lags, 0.99), 1.0),
            Limit("answer → record p95 s", percentile(self.records, 0.95), 0.150),
            Limit("desk cores", self.desk_cores, 0.8),
            Limit("faults", float(sum(self.faults.values())), 0.0),
        ]

    def broken(self) -> list[Limit]:
        """Those that were not kept."""
        return [limit for limit in self.limits() if not limit.kept]
