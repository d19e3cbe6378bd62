"""The figures of a closed month as they are stored, and read again to the last digit.

Numbers are written as they are (JSON keeps a float whole), then packed: what is stored is what is
hashed. `FORMULAS` names the way they are worked out; it is raised with any formula that changes, so
that a version says by which one its figures were made; since `WITH_SCORES` audits are among them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from agent_desk.store.reports.figures import FunnelCounts
from agent_desk.store.reports.operator_rows import OperatorRow

FORMULAS = 2
WITH_SCORES = 2


def days_of(month: str) -> tuple[date, date]:
    """First and last day of `2026-10`; ValueError for what is no month."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_of(first: date, last: date) -> str | None:
    """The month these days are all of; None for other days."""
    month = f"{first:%Y-%m}"
    return month if days_of(month) == (first, last) else None


def before(month: str) -> str:
    """The month before."""
    return f"{days_of(month)[0] - timedelta(days=1):%Y-%m}"


def packed(rows: Sequence[OperatorRow], funnels: Mapping[int, FunnelCounts]) -> bytes:
    """Operators' figures and the funnel of each campaign."""
    told = {
        "operators": [asdict(row) for row in rows],
        "funnels": {
            str(campaign): {
                "attempts": each.attempts,
                "answered": each.answered,
                "bridged": each.bridged,
                "codes": each.codes,
            }
            for campaign, each in sorted(funnels.items())
        },
    }
    return zlib.compress(json.dumps(told, sort_keys=True, separators=(",", ":")).encode())


def unpacked(part: bytes) -> tuple[list[OperatorRow], dict[int, FunnelCounts]]:
    """What was packed."""
    told: dict[str, Any] = json.loads(zlib.decompress(part))
    rows = [OperatorRow(**row) for row in told["operators"]]
    return rows, {int(key): FunnelCounts(**each) for key, each in told["funnels"].items()}


def together(
    funnels: Mapping[int, FunnelCounts], campaigns: Collection[int] | None = None
) -> FunnelCounts:
    """The funnels of these campaigns (None: all) as one."""
    found = {key: each for key, each in funnels.items() if campaigns is None or key in campaigns}
    codes: dict[str, int] = {}
    for each in found.values():
        for code, count in each.codes.items():
            codes[code] = codes.get(code, 0) + count
    return FunnelCounts(
        attempts=sum(each.attempts for each in found.values()),
        answered=sum(each.answered for each in found.values()),
        bridged=sum(each.bridged for each in found.values()),
        codes=codes,
        by_campaign=found,
    )
