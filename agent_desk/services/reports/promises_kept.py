"""What was promised for a period and what came of it: kept, in part, broken; by count and by yen.

What is counted is a part: what was to be paid by one date, which of most promises is all of it.
It belongs to its due date. It has matured when due date and grace are over, whether it was paid or
not, so that nobody's rate looks better for the early payers of the days to come.

By count a part is kept when enough of it came in on time: all of it, or the share somebody asks
for (the partial rule). By yen every yen that came in on time counts, up to what was promised.
Payments go to the parts of a promise in the order of their dates. What the desk once judged to be
kept stays kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Literal, get_args

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.promises import Paid
from agent_desk.dialer.selection import GRACE_DAYS
from agent_desk.store.reports import due_parts
from agent_desk.store.reports.due_parts import PromisedPart, PromisesWanted
from agent_desk.store.unit_of_work import Session

Standing = Literal["coming", "kept", "part", "broken", "withdrawn"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)
By = Literal["campaign", "operator", "product", "day", "month"]
BYS: tuple[By, ...] = get_args(By)
SHARES = (100, 80, 50)  # per cent of a part that make it kept
PAST: tuple[Standing, ...] = ("kept", "part", "broken")


@dataclass(frozen=True)
class PartLine:
    """One part and where it stands; `received_yen` came in on time, up to the amount."""

    part: PromisedPart
    standing: Standing
    received_yen: int


@dataclass
class PromiseSums:
    """Sums over parts. Yen are of matured parts with an amount; `open_amounts` had none."""

    counts: dict[Standing, int]
    yen: int = 0
    received_yen: int = 0
    open_amounts: int = 0

    @property
    def matured(self) -> int:
        """Parts whose date and grace are over."""
        return sum(self.counts[each] for each in PAST)

    @property
    def kept_share(self) -> float | None:
        """Kept ÷ matured."""
        return self.counts["kept"] / self.matured if self.matured else None

    @property
    def received_share(self) -> float | None:
        """Yen in time ÷ yen matured."""
        return self.received_yen / self.yen if self.yen else None


@dataclass(frozen=True)
class PromiseFigures:
    """The report. `rows`: (what they are sums of, sums), in order; `lines`: soonest due first."""

    by: By
    rows: Sequence[tuple[str, PromiseSums]]
    total: PromiseSums
    lines: Sequence[PartLine]
    share: int
    grace_days: int


def figures(
    session: Session, wanted: PromisesWanted, *, today: date, by: By = "campaign", share: int = 100
) -> PromiseFigures:
    """Parts due in the period, judged as of `today`; `share` is the partial rule, per cent."""
    paid = due_parts.payments(session, wanted)
    lines = [
        line
        for _, mine in groupby(due_parts.parts(session, wanted), key=lambda part: part.promise_id)
        for line in _judged(list(mine), paid, today, share)
        if wanted.first <= line.part.due_on <= wanted.last
    ]
    lines.sort(key=lambda line: (line.part.due_on, line.part.promise_id, line.part.position))
    grouped: dict[str, list[PartLine]] = defaultdict(list)
    for line in lines:
        grouped[_key(line.part, by)].append(line)
    rows = [(key, _sums(grouped[key])) for key in sorted(grouped)]
    return PromiseFigures(by, rows, _sums(lines), lines, share, GRACE_DAYS)


def _judged(
    parts: Sequence[PromisedPart],
    payments: Mapping[tuple[int, int], Sequence[Paid]],
    today: date,
    share: int,
) -> Iterable[PartLine]:
    """The parts of one promise, in their order."""
    first = parts[0]
    since = business_date(first.made_at)
    paid = [
        each for each in payments.get((first.customer_id, first.product_id), ()) if each.on >= since
    ]
    before = 0
    for part in parts:
        until = part.due_on + timedelta(days=GRACE_DAYS)
        came = sum(each.amount_yen for each in paid if each.on <= until) - before
        # Where no amount was named, any payment keeps it (`dialer/promises.py`).
        amount = part.amount_yen if part.amount_yen is not None else 1
        received = amount if part.state == "kept" else min(amount, max(0, came))
        before += amount
        yield PartLine(
            part,
            _standing(part, received, amount, today > until, share),
            received if part.amount_yen is not None else 0,
        )


def _standing(
    part: PromisedPart, received: int, amount: int, matured: bool, share: int
) -> Standing:
    if part.promise_state == "withdrawn":
        return "withdrawn"
    if not matured:
        return "coming"
    if part.state == "kept" or 100 * received >= share * amount:
        return "kept"
    return "part" if received else "broken"


def _sums(lines: Iterable[PartLine]) -> PromiseSums:
    sums = PromiseSums(dict.fromkeys(STANDINGS, 0))
    for line in lines:
        sums.counts[line.standing] += 1
        if line.standing not in PAST:
            continue
        if line.part.amount_yen is None:
            sums.open_amounts += 1
        else:
            sums.yen += line.part.amount_yen
            sums.received_yen += line.received_yen
    return sums


def _key(part: PromisedPart, by: By) -> str:
    match by:
        case "campaign":
            return part.campaign
        case "operator":
            # Two may have one name.
            return f"{part.operator} ({part.username})" if part.username else ""
        case "product":
            return part.product
        case "day":
            return part.due_on.isoformat()
        case "month":
            return f"{part.due_on:%Y-%m}"
