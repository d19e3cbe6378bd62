"""A portion of seat moves, as the stays they ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from agent_desk.store.facts import months, portions, rows
from agent_desk.store.facts.intervals import Moves, Stays
from agent_desk.store.facts.layout import INTERVAL_FACTS, INTERVALS, REPLACED
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.portions import Part, Portion
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.words import Words

Cells = Mapping[str, Column]


def read(session: Session, was: Manifest, *, most: int, words: Words) -> Portion:
    """Up to `most` moves."""
    moves = rows.added(session, "moves", was.move_id, most)
    return told(session, was, moves, whole=len(moves) < most, words=words)


def told(session: Session, was: Manifest, moves: Moves, *, whole: bool, words: Words) -> Portion:
    """The moves that follow those known, in the order of their ids."""
    stays = Stays(_by_user(was.stays), _by_user(was.seen))
    cells = stays.moved(moves, words)
    anew = _histories(session, stays, moves, words)
    again = _months_again(was, stays)
    changes = {
        "move_id": moves[-1][0] if moves else was.move_id,
        "stays": {str(user): stay for user, stay in stays.stays.items()},
        "seen": {str(user): seen for user, seen in stays.seen.items()},
    }
    return Portion(_parts(cells, anew, again), len(moves), whole, changes)


def _by_user(said: Mapping[str, Any]) -> dict[int, Any]:
    return {int(user): value for user, value in said.items()}


def _histories(session: Session, stays: Stays, moves: Moves, words: Words) -> dict[int, Cells]:
    """By user, all stays of those whose moves came out of order, from the first such month."""
    found: dict[int, Cells] = {}
    for user_id, at in stays.disordered.items():
        first = months.start_of(portions.month_of(at))
        again = Stays({}, {})
        cells = again.moved(rows.moves_of(session, user_id, first, moves[-1][0]), words)
        stays.stays[user_id] = again.stays[user_id]
        stays.seen[user_id] = again.seen.get(user_id, [])
        since = cells["began"] >= first
        found[user_id] = {name: column[since] for name, column in cells.items()}
    return found


def _months_again(was: Manifest, stays: Stays) -> dict[str, list[int]]:
    """By month there already is, whose stays in it are told anew."""
    found: dict[str, list[int]] = {}
    for user_id, at in stays.disordered.items():
        for month in was.segments.get(INTERVALS, {}):
            if months.start_of(month) >= months.start_of(portions.month_of(at)):
                found.setdefault(month, []).append(user_id)
    return found


def _parts(cells: Cells, anew: Mapping[int, Cells], again: Mapping[str, list[int]]) -> list[Part]:
    """By month: new stays, and the whole of those that are told anew."""
    every = [cells, *anew.values()]
    joined = {name: np.concatenate([each[name] for each in every]) for name in INTERVAL_FACTS}
    numbers = months.months_of(joined["began"])
    there = {months.name_of(int(number)): number for number in np.unique(numbers)}
    found: list[Part] = []
    for month in sorted({*there, *again}):
        here = numbers == there.get(month, -1)
        columns = {
            name: joined[name][here].astype(fact.dtype) for name, fact in INTERVAL_FACTS.items()
        }
        if month in again:
            columns[REPLACED] = np.array(sorted(again[month]), "<u8")
        found.append((INTERVALS, month, columns))
    return found
