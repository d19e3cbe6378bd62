"""A portion of seat moves, as the stays they ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from agent_desk.store.facts import layout, months, portions, rows
from agent_desk.store.facts.intervals import Interval, Stays
from agent_desk.store.facts.layout import INTERVALS, KEY, REPLACED
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.portions import Part, Portion
from agent_desk.store.facts.words import Words


def read(session: Session, was: Manifest, *, most: int, words: Words) -> Portion:
    """Up to `most` moves."""
    moves = rows.moves_from(session, was.move_id, most)
    stays = Stays(_by_user(was.stays), _by_user(was.seen))
    cells = [each for row in moves for each in stays.moved(row)]
    anew = _histories(session, stays, moves, was)
    cells = [each for each in cells if each[0] not in stays.disordered]
    changes = {
        "move_id": moves[-1][0] if moves else was.move_id,
        "stays": {str(user): stay for user, stay in stays.stays.items()},
        "seen": {str(user): seen for user, seen in stays.seen.items()},
    }
    return Portion(_parts(cells, anew, words), len(moves), len(moves) < most, changes)


def _by_user(said: Mapping[str, Any]) -> dict[int, Any]:
    return {int(user): value for user, value in said.items()}


def _histories(
    session: Session, stays: Stays, moves: Sequence[Sequence[Any]], was: Manifest
) -> dict[str, list[Interval]]:
    """By month, all stays of those whose moves came out of order, from the first such month."""
    anew: dict[str, list[Interval]] = {}
    for user_id, at in stays.disordered.items():
        first = months.start_of(portions.month_of(at))
        again = Stays({}, {})
        theirs = rows.moves_of(session, user_id, first, moves[-1][0])
        cells = [each for row in theirs for each in again.moved(row)]
        stays.stays[user_id] = again.stays[user_id]
        stays.seen[user_id] = again.seen.get(user_id, [])
        for month in was.segments.get(INTERVALS, {}):
            if months.start_of(month) >= first:
                anew.setdefault(month, [])
        for cell in cells:
            if cell[4] >= first:
                anew.setdefault(portions.month_of(cell[4]), []).append(cell)
    return anew


def _parts(
    cells: Sequence[Interval], anew: Mapping[str, Sequence[Interval]], words: Words
) -> list[Part]:
    """By month: new stays, and the whole of those that are told anew."""
    by_month: dict[str, list[Interval]] = defaultdict(list)
    for cell in cells:
        by_month[portions.month_of(cell[4])].append(cell)
    for month, theirs in anew.items():
        by_month[month] += theirs
    told_anew = np.array(sorted({cell[0] for each in anew.values() for cell in each}), "<u8")
    found: list[Part] = []
    for month, every in sorted(by_month.items()):
        columns = portions.columns(INTERVALS, _values(every), words)
        if month in anew:
            columns[REPLACED] = told_anew
        found.append((INTERVALS, month, columns))
    return found


def _values(cells: Sequence[Interval]) -> dict[str, Sequence[Any]]:
    names = tuple(layout.INTERVAL_FACTS)
    if not cells:
        return dict.fromkeys(names, ())
    users, states, *others = zip(*cells, strict=True)
    codes = [layout.STATES.index(state) for state in states]
    return dict(zip(names, (users, users, codes, *others), strict=True)) | {KEY: users}
