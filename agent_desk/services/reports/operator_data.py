"""The report of operators for other systems: what its page shows, as JSON.

Made beside the desk like the page, so that a program that asks every minute costs no call anything;
of a closed month it is the closed figures, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC
from typing import Any

from agent_desk.services.reports.closed_report import Closing
from agent_desk.services.reports.figures import Report
from agent_desk.services.reports.operator_tables import AVERAGES, TIMES

_KEYS = (
    *("username", "name", *TIMES, "calls", *AVERAGES, "promises", "codes", "away_by"),
    *("audit_calls", "audit_mean"),
)


def told(report: Report, closing: Closing | None, params: Mapping[str, str]) -> bytes:
    """The whole answer."""
    as_of = report.as_of.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    answer: dict[str, Any] = {
        "from": params["from"],
        "to": params["to"],
        "as_of": as_of,
        "closed": None if closing is None else _closed(closing),
        "operators": [{key: getattr(row, key) for key in _KEYS} for row in report.rows],
        "funnel": [asdict(step) for step in report.funnel],
    }
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _closed(closing: Closing) -> dict[str, Any]:
    version = closing.version
    return {
        "month": version.month,
        "version": version.version,
        "kind": version.kind,
        "shown": "now" if closing.shows_now else "closed",
    }
