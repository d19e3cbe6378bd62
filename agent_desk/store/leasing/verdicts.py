"""Verdicts that blocked or overrode, kept in the audit: which rules, by which facts, until when.

Rows of one lease that say the same (a whole list outside its hours) are one audit row that names
every entry; an entry that is put off is not judged again before its time, so it is noted once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.store import audit

# The newest attempts named with a verdict; no cap of the rules counts further back than this many.
ATTEMPTS_NAMED = 30


@dataclass(frozen=True)
class VerdictRow:
    """What was said of one number of one entry (0: of none), with ids of what it rests on."""

    list_entry_id: int
    customer_id: int
    phone_id: int
    allowed: bool
    rule_ids: tuple[str, ...]
    lifted: tuple[str, ...]
    until: datetime | None
    override_ids: tuple[int, ...] = ()
    attempt_ids: tuple[str, ...] = ()


def keep(
    session: Session,
    rows: Iterable[VerdictRow],
    *,
    at: datetime,
    actor: str,
    campaign_id: int,
    basis: Mapping[str, Any],
) -> None:
    """Note them in the caller's transaction. `basis`: rule set, calendar, channel."""
    groups: dict[tuple[Any, ...], list[VerdictRow]] = defaultdict(list)
    for row in rows:
        groups[row.allowed, row.rule_ids, row.lifted, row.until].append(row)
    for (allowed, rule_ids, lifted, until), alike in groups.items():
        audit.append(
            session,
            at=at,
            actor=actor,
            action="call.override" if allowed else "call.blocked",
            subject=f"campaign:{campaign_id}",
            details={
                **basis,
                "rules": list(rule_ids),
                "lifted": list(lifted),
                "until": None if until is None else until.isoformat(),
                "entries": [_inputs(row) for row in alike],
            },
        )


def _inputs(row: VerdictRow) -> dict[str, Any]:
    return {
        "entry": row.list_entry_id,
        "customer": row.customer_id,
        "phone": row.phone_id,
        "overrides": list(row.override_ids),
        "attempts": list(row.attempt_ids[-ATTEMPTS_NAMED:]),
    }
