"""One operator's figures of a period, and all of them as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class OperatorRow:
    """One operator's period. `*_s` are seconds; averages are None when nothing was counted."""

    user_id: int
    username: str
    name: str
    login_s: float = 0.0
    starting_s: float = 0.0
    idle_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_s: float = 0.0
    away_s: float = 0.0
    waits: int = 0
    wrap_ups: int = 0
    calls: int = 0
    promises: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    away_by: dict[str, float] = field(default_factory=dict)  # seconds by reason, `away_s` in all
    paid_s: float | None = None  # None where no roster says what is paid
    paid_work_s: float = 0.0  # of those who have paid time: at work, corrections included
    # Talks whose audit is over; None where nobody told, as in months closed before it was a figure.
    audit_calls: int | None = None
    audit_rated: int = 0  # of them, those any criterion applied to
    audit_permille: float = 0.0  # of those, summed

    @property
    def work_s(self) -> float:
        """At work as the desk measured it: waiting, with customers, and wrapping up."""
        return self.idle_s + self.talk_s + self.hold_s + self.wrap_s

    @property
    def utilisation(self) -> float | None:
        """Share of the paid time that was at work; above 1 for who worked longer."""
        return self.paid_work_s / self.paid_s if self.paid_s else None

    @property
    def audit_mean(self) -> float | None:
        """Points of 100, of every call that was rated alike."""
        return self.audit_permille / self.audit_rated / 10 if self.audit_rated else None

    @property
    def idle_avg_s(self) -> float | None:
        """Idle seconds per time of waiting."""
        return self.idle_s / self.waits if self.waits else None

    @property
    def talk_avg_s(self) -> float | None:
        """Talk and hold seconds per call: the customer is on the line in both."""
        return (self.talk_s + self.hold_s) / self.calls if self.calls else None

    @property
    def wrap_avg_s(self) -> float | None:
        """Wrap-up seconds per wrap-up."""
        return self.wrap_s / self.wrap_ups if self.wrap_ups else None


def total(rows: Sequence[OperatorRow]) -> OperatorRow:
    """All rows as one; averages weigh every call alike."""
    codes: dict[str, int] = defaultdict(int)
    away_by: dict[str, float] = defaultdict(float)
    for row in rows:
        for code, count in row.codes.items():
            codes[code] += count
        for reason, seconds_away in row.away_by.items():
            away_by[reason] += seconds_away
    seconds = ("login_s", "starting_s", "idle_s", "talk_s", "hold_s", "wrap_s", "away_s")
    counts = ("waits", "wrap_ups", "calls", "promises")
    sums: dict[str, Any] = {
        name: sum(getattr(row, name) for row in rows) for name in (*seconds, *counts)
    }
    audited = [row.audit_calls for row in rows if row.audit_calls is not None]
    paid = [row.paid_s for row in rows if row.paid_s is not None]
    return OperatorRow(
        user_id=0,
        username="",
        name="",
        codes=dict(codes),
        away_by=dict(away_by),
        paid_s=sum(paid) if paid else None,
        paid_work_s=sum(row.paid_work_s for row in rows),
        audit_calls=sum(audited) if audited or not rows else None,
        audit_rated=sum(row.audit_rated for row in rows),
        audit_permille=sum(row.audit_permille for row in rows),
        **sums,
    )
