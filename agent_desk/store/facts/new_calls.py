"""A portion of calls: those leased since, those that have ended since, those that changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from agent_desk.store.facts import layout, months, portions, rows
from agent_desk.store.facts.layout import CALLS, KEY, MARKS, REPLACED
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.portions import LATE_US, Part, Portion, Values
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.tries import Tries
from agent_desk.store.facts.words import Words

Row = Sequence[Any]  # `rows.CALL_COLUMNS`


def read(
    session: Session,
    was: Manifest,
    until: dict[str, int],
    now: int,
    *,
    most: int,
    tries: Tries,
    words: Words,
) -> Portion:
    """Up to `most` new attempts; once there are no more, also whatever changed up to `until`."""
    fresh, cursor, more = _new(session, was, most)
    known = {row[0] for row in fresh}
    again = set(was.pending)
    if not more:
        again |= rows.changed_since(session, was.known, was.ended, until)
    others = rows.calls_named(session, again - known)
    every = [*fresh, *others]
    over = [row for row in every if row[-1]]
    numbers = tries.of(session, fresh, others, pending=set(was.pending))
    changes: dict[str, Any] = {
        "leased": cursor[0],
        "last_id": cursor[1],
        "pending": sorted(row[0] for row in every if not row[-1]),
        "recent": _recent(was.recent, fresh, cursor[0]),
    }
    if not more:
        changes |= {"known": until, "ended": now - LATE_US}
    return Portion(_parts(session, over, numbers, words), len(over), not more, changes)


def key_of(call_id: str) -> int:
    """64 bits of a hash of the id: two of ten million calls share them once in 370,000 cases."""
    return int.from_bytes(blake2b(call_id.encode(), digest_size=8).digest(), "little")


def _new(session: Session, was: Manifest, portion: int) -> tuple[list[Row], tuple[int, str], bool]:
    """Attempts not read yet, how far they are read now, and whether there are more."""
    since = was.leased - LATE_US if was.recent else was.leased
    last_id = "" if was.recent else was.last_id
    most = portion + len(was.recent)
    found = rows.calls_from(session, max(0, since), last_id, most)
    fresh = [row for row in found if row[0] not in was.recent]
    if not found:
        return [], (was.leased, was.last_id), False
    newest = max((row[1], row[0]) for row in found)
    return fresh, max(newest, (was.leased, was.last_id)), len(found) == most


def _recent(known: Mapping[str, int], fresh: Sequence[Row], leased: int) -> dict[str, int]:
    """Those leased in the last moments."""
    every = {**known, **{row[0]: row[1] for row in fresh}}
    return {call_id: at for call_id, at in every.items() if at >= leased - LATE_US}


def _parts(
    session: Session, over: Sequence[Row], tries: Mapping[str, int], words: Words
) -> list[Part]:
    if not over:
        return []
    marks = rows.marks(session, [row[0] for row in over])
    values = _values(session, over, tries, marks)
    found = [
        (CALLS, month, columns)
        for month, columns in _by_month(portions.columns(CALLS, values, words))
    ]
    return [*found, *_marks(marks, words)]


def _values(
    session: Session,
    over: Sequence[Row],
    tries: Mapping[str, int],
    marks: Sequence[tuple[Any, ...]],
) -> Values:
    """The columns of `calls`."""
    read = dict(zip(rows.CALL_COLUMNS, zip(*over, strict=True), strict=True))
    call_ids = read["call_id"]
    spoken_to = rows.counterparts(session, call_ids)
    promised = rows.promised(session, call_ids)
    on: dict[str, list[str]] = defaultdict(list)
    for call_id, _, _, _, status, is_on in marks:
        if is_on:
            on[call_id].append(status)
    return {
        **{name: read[name] for name in layout.CALL_FACTS if name in read},
        KEY: [key_of(each) for each in call_ids],
        "call_id": [each.encode() for each in call_ids],
        "statuses": [" ".join(sorted(on.get(each, ()))) for each in call_ids],
        "counterpart": [spoken_to.get(each, "") for each in call_ids],
        "recorded": [each in spoken_to for each in call_ids],
        "promised": [each in promised for each in call_ids],
        "promised_yen": [promised.get(each, 0) for each in call_ids],
        "try_number": [tries.get(each, 0) for each in call_ids],
        "ring_ms": _lengths(read["leased"], read["answered_at"]),
        "bridge_ms": _lengths(read["answered_at"], read["bridged"]),
        "length_ms": _lengths(read["bridged"], read["ended_at"]),
        "line_ms": _lengths(read["answered_at"], read["ended_at"]),
        **_seats(session, call_ids, {row[0] for row in over if row[3] >= 0}),
    }


def _seats(session: Session, call_ids: Sequence[str], bridged: set[str]) -> Values:
    """What the operators of each call did at it, and after it."""
    spent = rows.seat_lengths(session, bridged)
    return {
        name: [spent[each][state] // 1000 if each in spent else 0 for each in call_ids]
        for name, state in (("talk_ms", "talking"), ("hold_ms", "hold"), ("wrap_ms", "wrap_up"))
    }


def _marks(marks: Sequence[tuple[Any, ...]], words: Words) -> list[Part]:
    """By month; every month a call was ever marked in is said anew, also where none is left."""
    found: list[Part] = []
    by_month: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for mark in marks:
        by_month[portions.month_of(mark[1])].append(mark)
    for month, theirs in sorted(by_month.items()):
        on = [mark for mark in theirs if mark[5]]
        values = {
            KEY: [key_of(mark[0]) for mark in on],
            "at": [mark[1] for mark in on],
            "user": [mark[2] for mark in on],
            "campaign": [mark[3] for mark in on],
            "status": [mark[4] for mark in on],
        }
        touched = np.array(sorted({key_of(mark[0]) for mark in theirs}), "<u8")
        found.append((MARKS, month, {**portions.columns(MARKS, values, words), REPLACED: touched}))
    return found


def _by_month(columns: Mapping[str, Column]) -> list[tuple[str, dict[str, Column]]]:
    """Calls cut into the months they were leased in; each replaces what was said of it before."""
    numbers = months.months_of(columns["leased"])
    found = []
    for number in np.unique(numbers):
        here = numbers == number
        theirs = {name: column[here] for name, column in columns.items()}
        theirs[REPLACED] = np.unique(theirs[KEY])
        found.append((months.name_of(int(number)), theirs))
    return found


def _lengths(began: Sequence[int], ended: Sequence[int]) -> list[int]:
    """Milliseconds; -1 where one of the two did not happen."""
    return [
        (last - first) // 1000 if first >= 0 and last >= 0 else -1
        for first, last in zip(began, ended, strict=True)
    ]
