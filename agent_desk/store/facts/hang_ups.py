"""Customers who hang up as soon as they hear us (即切り), by campaign and version of its script.

A call belongs to the version that was in use when it was leased; version 0 is the time before a
campaign had a script.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.models.scripts import ScriptVersion
from agent_desk.store.facts import months
from agent_desk.store.facts.figures import Scope
from agent_desk.store.facts.layout import CALLS
from agent_desk.store.facts.reading import Facts

EARLY_MS = 5_000
CUSTOMER = "customer"  # as `ended_by` says it
_COLUMNS = ("campaign", "leased", "placed", "answered", "line_ms", "ended_by")


@dataclass(frozen=True)
class HangUps:
    """Answered calls of one version, and those the customer ended within five seconds."""

    campaign_id: int
    version: int
    since: datetime | None
    answered: int
    early: int


def hang_ups(
    facts: Facts, session: Session, start: datetime, end: datetime, scope: Scope
) -> list[HangUps]:
    """Of attempts placed in [start, end), by campaign and version."""
    versions = _versions(session)
    answered: dict[tuple[int, int], int] = defaultdict(int)
    early: dict[tuple[int, int], int] = defaultdict(int)
    for first, last in _pieces(start, end):
        read = facts.columns(CALLS, first, last, _COLUMNS, by="leased")
        enter = read["placed"] & read["answered"] & scope.campaigns_in(read["campaign"])
        read = {name: column[enter] for name, column in read.items()}
        words = facts.words("ended_by")
        by_customer = words.index(CUSTOMER) if CUSTOMER in words else -1
        soon = (read["line_ms"] >= 0) & (read["line_ms"] < EARLY_MS)
        soon &= read["ended_by"] == by_customer
        for campaign in np.unique(read["campaign"]).tolist():
            here = read["campaign"] == campaign
            starts = [to_microseconds(at) for _, at in versions.get(campaign, [])]
            # Which of them had begun last; 0 is before the first.
            places = np.searchsorted(np.array(starts, np.int64), read["leased"][here], "right")
            for place, count in _counted(places).items():
                answered[campaign, place] += count
            for place, count in _counted(places[soon[here]]).items():
                early[campaign, place] += count
    return [
        _hang_ups(key, versions.get(key[0], []), answered[key], early[key])
        for key in sorted(answered)
    ]


def _hang_ups(
    key: tuple[int, int], versions: list[tuple[int, datetime]], answered: int, early: int
) -> HangUps:
    campaign, place = key
    version, since = versions[place - 1] if place else (0, None)
    return HangUps(campaign, version, since, answered, early)


def _versions(session: Session) -> dict[int, list[tuple[int, datetime]]]:
    """By campaign, its script's versions in the order they came into use."""
    query = select(ScriptVersion.campaign_id, ScriptVersion.version, ScriptVersion.at)
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for campaign, version, at in session.execute(query.order_by(ScriptVersion.version)):
        found[campaign].append((version, at))
    return found


def _pieces(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The period by months: a year need not be in memory at once."""
    borders = [from_microseconds(months.start_of(each)) for each in months.between(start, end)]
    inner = [border for border in borders if start < border < end]
    return list(zip([start, *inner], [*inner, end], strict=True))


def _counted(places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[int, int]:
    there, counts = np.unique(places, return_counts=True)
    return dict(zip(there.tolist(), counts.tolist(), strict=True))
