"""The rows facts are made from, as numbers and words; the only SQL of the facts.

A call is read with everything its row of facts says, whichever of its parts changed: so what is
kept from a first reading, a correction and a rebuild cannot differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer.outcomes import PERSON
from agent_desk.models.base import from_microseconds
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.customers import Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.store.records.saved_results import PAST

AT_ONCE = 500  # ids in one question

Row = Sequence[Any]


def _us(instant: Any) -> Any:
    """An instant as the number it is stored as; -1 for none."""
    return func.coalesce(type_coerce(instant, BigInteger), -1)


_LEASED: Any = type_coerce(Attempt.leased_at, BigInteger)

CALL_COLUMNS = (
    "call_id",
    "leased",
    "answered_at",
    "greeted",
    "bridged",
    "ended_at",
    "campaign",
    "list",
    "entry",
    "customer",
    "user",
    "outcome",
    "blame",
    "ended_by",
    "verdict",
    "identity",
    "trunk",
    "gateway",
    "caller_id",
    "line",
    "sip_code",
    "q850",
    "number_today",
    "inbound",
    "placed",
    "answered",
    "live_answer",
    "abandoned",
    "over",
)
_CALLS: Select[Any] = (
    select(
        Attempt.id,
        _LEASED,
        _us(Call.answered_at),
        # Since when the customer waits for an operator: see `dialer/abandonment.py`.
        _us(
            func.coalesce(
                Call.greeting_end_at,
                case((Call.verdict.in_(sorted(PERSON)), Call.offered_at)),
                Call.answered_at,
            )
        ),
        _us(Call.bridged_at),
        _us(Call.ended_at),
        Attempt.campaign_id,
        func.coalesce(ListEntry.list_id, 0),
        func.coalesce(Attempt.list_entry_id, 0),
        func.coalesce(Attempt.customer_id, 0),
        func.coalesce(Call.seat_user_id, 0),
        AttemptOutcome.outcome,
        AttemptOutcome.blame,
        Call.ended_by,
        Call.verdict,
        Call.identity,
        Attempt.trunk_id,
        Attempt.gateway_id,
        Attempt.caller_id,
        func.coalesce(Attempt.line, Phone.kind),
        func.coalesce(AttemptOutcome.sip_code, -1),
        func.coalesce(AttemptOutcome.q850, -1),
        Attempt.number_today,
        Attempt.inbound,
        Attempt.placed_at.is_not(None),
        AttemptOutcome.answered,
        AttemptOutcome.live_answer,
        AttemptOutcome.abandoned,
        and_(AttemptOutcome.attempt_id.is_not(None), ~Call.live),
    )
    .join(Call, Call.id == Attempt.id)
    .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
    .outerjoin(ListEntry, ListEntry.id == Attempt.list_entry_id)
    .outerjoin(Phone, Phone.id == Attempt.phone_id)
)


def calls_from(
    session: Session, leased: int, call_id: str, most: int, *, until: int | None = None
) -> Sequence[Sequence[Any]]:
    """Attempts in the order of leasing, after this one and up to `until`; `CALL_COLUMNS`."""
    after = or_(
        Attempt.leased_at > from_microseconds(leased),
        and_(Attempt.leased_at == from_microseconds(leased), Attempt.id > call_id),
    )
    since = Attempt.leased_at >= from_microseconds(leased)  # what the index understands
    query = _CALLS.where(since, after).order_by(Attempt.leased_at, Attempt.id).limit(most)
    if until is not None:
        query = query.where(Attempt.leased_at <= from_microseconds(until))
    return session.execute(query).all()


def leased_at(session: Session, call_ids: Collection[str]) -> dict[str, int]:
    """When each was leased."""
    return _pairs(session, select(Attempt.id, _LEASED), Attempt.id, call_ids)


def calls_named(session: Session, call_ids: Collection[str]) -> list[Sequence[Any]]:
    """These attempts; `CALL_COLUMNS`."""
    return [
        row
        for some in _some(call_ids)
        for row in session.execute(_CALLS.where(Attempt.id.in_(some))).all()
    ]


def try_numbers(session: Session, call_ids: Collection[str]) -> dict[str, int]:
    """Which placed attempt at its list entry each of them was; those placed only."""
    before = aliased(Attempt)
    earlier = or_(
        before.leased_at < Attempt.leased_at,
        and_(before.leased_at == Attempt.leased_at, before.id <= Attempt.id),
    )
    query: Any = (
        select(Attempt.id, func.count())
        .join(before, and_(before.list_entry_id == Attempt.list_entry_id, earlier))
        .where(Attempt.placed_at.is_not(None), before.placed_at.is_not(None))
        .group_by(Attempt.id)
    )
    return _pairs(session, query, Attempt.id, call_ids)


RESULTS: Select[Any] = select(
    Result.id, _us(Result.at), Result.call_id, Result.version, Result.recorded, Result.counterpart
)
PROMISES: Select[Any] = select(
    Promise.id,
    _us(Promise.made_at),
    Promise.call_id,
    Promise.state.in_(PAST),
    func.coalesce(Promise.amount_yen, 0),
)
MARKS: Select[Any] = select(
    StatusMark.id,
    _us(StatusMark.at),
    StatusMark.call_id,
    StatusMark.user_id,
    StatusMark.campaign_id,
    StatusMark.code,
    case((and_(StatusMark.current, StatusMark.marked), True), else_=False),
)
MOVES: Select[Any] = select(
    SeatMove.id,
    _us(SeatMove.at),
    SeatMove.call_id,
    SeatMove.user_id,
    SeatMove.from_state,
    SeatMove.to_state,
    SeatMove.reason,
    func.coalesce(SeatMove.campaign_id, 0),
)
OF_CALLS: Mapping[str, tuple[Select[Any], Any]] = {
    # What is added to calls: id, instant, call id (None: of no call), and what it says.
    "marks": (MARKS, StatusMark),
    "results": (RESULTS, Result),
    "promises": (PROMISES, Promise),
    "moves": (MOVES, SeatMove),
}


def added(
    session: Session, name: str, after: int, most: int, *, until: int | None = None
) -> Sequence[Row]:
    """Rows of one of `OF_CALLS` in the order of their ids, after this one and up to `until`."""
    query, table = OF_CALLS[name]
    query = query.where(table.id > after).order_by(table.id).limit(most)
    if until is not None:
        query = query.where(table.id <= until)
    return session.execute(query).all()


def added_to(session: Session, name: str, call_ids: Collection[str]) -> dict[str, list[Row]]:
    """Rows of one of `OF_CALLS` by the calls they belong to, in the order of their ids."""
    query, table = OF_CALLS[name]
    found: dict[str, list[Row]] = defaultdict(list)
    for some in _some(call_ids):
        for row in session.execute(query.where(table.call_id.in_(some)).order_by(table.id)):
            found[row[2]].append(row)
    return found


def moves_of(session: Session, user_id: int, since: int, until_id: int) -> Sequence[Row]:
    """The moves of one person in the order of their instants: the last one before `since`, and
    all after it, as far as their ids are known."""
    known = (SeatMove.user_id == user_id, SeatMove.id <= until_id)
    began = from_microseconds(since)
    newest = (SeatMove.at.desc(), SeatMove.id.desc())
    before = MOVES.where(*known, SeatMove.at < began).order_by(*newest).limit(1)
    after = MOVES.where(*known, SeatMove.at >= began).order_by(SeatMove.at, SeatMove.id)
    return [*session.execute(before), *session.execute(after)]


def newest_ids(session: Session) -> dict[str, int]:
    """How far the rows go by which a change of a call is known."""
    tables: dict[str, Any] = {"marks": StatusMark, "results": Result, "promises": Promise}
    return {
        name: session.scalar(select(func.coalesce(func.max(table.id), 0))) or 0
        for name, table in tables.items()
    }


def changed_since(
    session: Session, known: dict[str, int], ended: int, until: dict[str, int]
) -> set[str]:
    """The calls to which something was added after `known` and up to `until`, or whose promise
    ended at `ended` or later."""
    questions: list[Select[Any]] = [
        select(table.call_id).where(table.id > known[name], table.id <= until[name]).distinct()
        for name, table in (("marks", StatusMark), ("results", Result), ("promises", Promise))
    ]
    questions.append(select(Promise.call_id).where(Promise.ended_at >= from_microseconds(ended)))
    return {call_id for each in questions for call_id in session.scalars(each) if call_id}


def _pairs(
    session: Session, query: Select[Any], column: Any, call_ids: Collection[str]
) -> dict[str, Any]:
    within: Iterable[ColumnElement[bool]] = (column.in_(some) for some in _some(call_ids))
    return {key: value for each in within for key, value in session.execute(query.where(each))}


def _some(call_ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(call_ids)
    for first in range(0, len(ordered), AT_ONCE):
        yield ordered[first : first + AT_ONCE]
