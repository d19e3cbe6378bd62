"""A portion of calls: those leased since, those that have ended since, those that changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from agent_desk.store.facts import layout, months, portions, rows
from agent_desk.store.facts.alongside import AHEAD_US, Alongside
from agent_desk.store.facts.layout import CALLS, KEY, MARKS, REPLACED
from agent_desk.store.facts.manifest import Manifest
from agent_desk.store.facts.portions import LATE_US, Part, Portion, Values
from agent_desk.store.facts.rows import Row
from agent_desk.store.facts.said import Said, looked_up
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.tries import Tries
from agent_desk.store.facts.words import Words

_FOR_EVER = 2**62


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
    again = set(was.pending)
    if not more:
        again |= rows.changed_since(session, was.known, was.ended, until)
    others = rows.calls_named(session, again - {row[0] for row in fresh})
    said = looked_up(session, _over([*fresh, *others]))
    numbers = tries.of(session, fresh, others, pending=set(was.pending))
    changes = _changes(was, fresh, others, cursor)
    if not more:
        changes |= {"known": until, "ended": now - LATE_US}
    parts = _parts(was, fresh, others, numbers, said, words)
    return Portion(parts, _count(fresh, others), not more, changes)


def read_alongside(
    session: Session,
    was: Manifest,
    along: Alongside,
    *,
    most: int,
    tries: Tries,
    words: Words,
) -> tuple[Portion, Sequence[Row]]:
    """Up to `most` of those that were old when the facts were begun, with what was added to them;
    and the seat moves that were read for it. Once all are read, `along` is over."""
    limit = was.ended - AHEAD_US
    fresh, cursor, more = _new(session, was, most, until=limit)
    reach, moves = along.read(session, cursor[0] if more else _FOR_EVER)
    if fresh and fresh[-1][1] > reach:
        fresh = [row for row in fresh if row[1] <= reach]
        cursor = max([(was.leased, was.last_id), *((row[1], row[0]) for row in fresh[-1:])])
        more = True
    said = along.take([row[0] for row in fresh])
    over = not more and along.ended
    again = {*was.pending, *along.late(session, cursor, last=over)}
    others = rows.calls_named(session, again - {row[0] for row in fresh})
    said = said.together(looked_up(session, _over(others)))
    numbers = tries.of(session, fresh, others, pending=set(was.pending), many=0)
    changes = _changes(was, fresh, others, cursor)
    changes["along"] = {} if over else along.floors
    parts = _parts(was, fresh, others, numbers, said, words)
    return Portion(parts, _count(fresh, others), False, changes), moves


def _over(every: Sequence[Row]) -> list[str]:
    return [row[0] for row in every if row[-1]]


def _changes(
    was: Manifest, fresh: Sequence[Row], others: Sequence[Row], cursor: tuple[int, str]
) -> dict[str, Any]:
    """Of the manifest: how far it is read, and who is not over yet."""
    return {
        "leased": cursor[0],
        "last_id": cursor[1],
        "pending": sorted(row[0] for row in (*fresh, *others) if not row[-1]),
        "recent": _recent(was.recent, fresh, cursor[0]),
    }


def _count(fresh: Sequence[Row], others: Sequence[Row]) -> int:
    return sum(bool(row[-1]) for row in (*fresh, *others))


def key_of(call_id: str) -> int:
    """64 bits of a hash of the id: two of ten million calls share them once in 370,000 cases."""
    return int.from_bytes(blake2b(call_id.encode(), digest_size=8).digest(), "little")


def _new(
    session: Session, was: Manifest, portion: int, *, until: int | None = None
) -> tuple[list[Row], tuple[int, str], bool]:
    """Attempts not read yet, how far they are read now, and whether there are more."""
    since = was.leased - LATE_US if was.recent else was.leased
    last_id = "" if was.recent else was.last_id
    most = portion + len(was.recent)
    found = rows.calls_from(session, max(0, since), last_id, most, until=until)
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
    was: Manifest,
    fresh: Sequence[Row],
    others: Sequence[Row],
    tries: Mapping[str, int],
    said: Said,
    words: Words,
) -> list[Part]:
    over = [row for row in (*fresh, *others) if row[-1]]
    if not over:
        return []
    keys = {row[0]: key_of(row[0]) for row in over}
    # What was never in the facts replaces nothing.
    pending = set(was.pending)
    again = {keys[row[0]] for row in others if row[0] in keys and row[0] not in pending}
    columns = portions.columns(CALLS, _values(over, keys, tries, said), words)
    found = [(CALLS, month, theirs) for month, theirs in _by_month(columns, again)]
    return [*found, *_marks(said.marks_of(keys), keys, again, words)]


def _values(
    over: Sequence[Row], keys: Mapping[str, int], tries: Mapping[str, int], said: Said
) -> Values:
    """Everything the facts say of these calls."""
    read = dict(zip(rows.CALL_COLUMNS, zip(*over, strict=True), strict=True))
    call_ids = read["call_id"]
    counterparts = [said.counterpart(each) for each in call_ids]
    promised = [said.promised(each) for each in call_ids]
    return {
        **{name: read[name] for name in layout.CALL_FACTS if name in read},
        KEY: [*keys.values()],
        "call_id": [each.encode() for each in call_ids],
        "statuses": [_statuses(said.marks.get(each)) for each in call_ids],
        "counterpart": counterparts,
        "recorded": [each is not None for each in counterparts],
        "promised": [each is not None for each in promised],
        "promised_yen": [each or 0 for each in promised],
        "try_number": [tries.get(each, 0) for each in call_ids],
        "ring_ms": _lengths(read["leased"], read["answered_at"]),
        "bridge_ms": _lengths(read["answered_at"], read["bridged"]),
        "greeting_ms": _lengths(read["greeted"], read["bridged"]),
        "length_ms": _lengths(read["bridged"], read["ended_at"]),
        "line_ms": _lengths(read["answered_at"], read["ended_at"]),
        **_seats(call_ids, read["bridged"], said),
    }


def _statuses(marks: Sequence[Row] | None) -> str:
    """The codes that are on."""
    return " ".join(sorted(row[5] for row in marks if row[6])) if marks else ""


def _seats(call_ids: Sequence[str], bridged: Sequence[int], said: Said) -> Values:
    """What the operators of each call did at it, and after it."""
    found: dict[str, list[int]] = {"talk_ms": [], "hold_ms": [], "wrap_ms": []}
    for call_id, at in zip(call_ids, bridged, strict=True):
        spent = said.seat_lengths(call_id) if at >= 0 else {}
        for name, state in (("talk_ms", "talking"), ("hold_ms", "hold"), ("wrap_ms", "wrap_up")):
            found[name].append(spent.get(state, 0) // 1000)
    return found


def _marks(
    marks: Sequence[Row], keys: Mapping[str, int], again: set[int], words: Words
) -> list[Part]:
    """By month; of calls read `again` every month they were ever marked in is said anew, also
    where none is left."""
    found: list[Part] = []
    by_month: dict[str, list[Row]] = defaultdict(list)
    for mark in marks:
        by_month[portions.month_of(mark[1])].append(mark)
    for month, theirs in sorted(by_month.items()):
        on = [mark for mark in theirs if mark[6]]
        values = {
            KEY: [keys[mark[2]] for mark in on],
            "at": [mark[1] for mark in on],
            "user": [mark[3] for mark in on],
            "campaign": [mark[4] for mark in on],
            "status": [mark[5] for mark in on],
        }
        columns = portions.columns(MARKS, values, words)
        found.append(
            (MARKS, month, columns | _replaced({keys[mark[2]] for mark in theirs} & again))
        )
    return found


def _replaced(keys: set[int]) -> dict[str, Column]:
    """The column that says so; none where nothing is replaced."""
    return {REPLACED: np.array(sorted(keys), "<u8")} if keys else {}


def _by_month(
    columns: Mapping[str, Column], again: set[int]
) -> list[tuple[str, dict[str, Column]]]:
    """Calls cut into the months they were leased in; those read `again` replace what was said."""
    numbers = months.months_of(columns["leased"])
    found = []
    for number in np.unique(numbers):
        here = numbers == number
        theirs = {name: column[here] for name, column in columns.items()}
        replaced = again.intersection(theirs[KEY].tolist()) if again else again
        found.append((months.name_of(int(number)), theirs | _replaced(replaced)))
    return found


def _lengths(began: Sequence[int], ended: Sequence[int]) -> list[int]:
    """Milliseconds; -1 where one of the two did not happen."""
    return [
        (last - first) // 1000 if first >= 0 and last >= 0 else -1
        for first, last in zip(began, ended, strict=True)
    ]
