"""What seats were doing between two instants, stay by stay, with the calls they had (B28, B29).

A stay begins with one move of a seat and ends with the next, so the history has neither gap nor
overlap: where the desk was gone, the stay lasts until the row that the next desk wrote. Stays are
cut at the edges of the period and say so; one that still runs lasts until now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.results import Result, StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.models.users import User

AT_ONCE = 500  # ids in one question


@dataclass(frozen=True)
class SeatPerson:
    """Somebody who had a seat."""

    user_id: int
    username: str
    name: str


@dataclass(frozen=True)
class Stay:
    """One seat in one state. `cause` is of its beginning, `ended_by` of its end: "" where the
    period cut it (`from_before`, `goes_on`) or it still runs (`running`)."""

    user_id: int
    state: str
    reason: str | None
    began: datetime
    ended: datetime
    cause: str
    ended_by: str
    call_id: str | None
    campaign_id: int | None
    campaign: str
    practised: bool  # in no figure
    from_state: str = ""  # what the seat was in before; "" where the period cut it
    from_before: bool = False
    goes_on: bool = False
    running: bool = False

    @property
    def seconds(self) -> float:
        """How long, within the period."""
        return (self.ended - self.began).total_seconds()


@dataclass(frozen=True)
class StayCall:
    """A call that reached a seat, as far as a day's history shows it."""

    call_id: str
    inbound: bool
    leased_at: datetime
    campaign_id: int
    bridged_at: datetime | None
    ended_at: datetime | None
    outcome: str | None  # None while it lives
    ended_by: str | None
    codes: tuple[str, ...] = ()
    talk_limit_s: int | None = None  # of its campaign; None: as the centre has it
    versions: int = 0  # of its result; above 1 it was corrected
    saved_at: datetime | None = None  # the newest of them


def people(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    teams: Collection[int] | None,
    user_id: int | None = None,
) -> list[SeatPerson]:
    """Who had a seat within [start, end), in order of username; `user_id`: this person only."""
    # Person by person, a jump into the index each: by instant alone a year has none.
    mine = SeatMove.user_id == User.id
    moved = exists().where(mine, SeatMove.at >= start, SeatMove.at < end)
    came_in = (
        select(SeatMove.to_state)
        .where(mine, SeatMove.at < start)
        .order_by(SeatMove.at.desc(), SeatMove.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    query = select(User.id, User.username, User.name).where(moved | (came_in != "offline"))
    if teams is not None:
        query = query.where(User.team_id.in_(list(teams)))
    if user_id is not None:
        query = query.where(User.id == user_id)
    return [SeatPerson(*row) for row in session.execute(query.order_by(User.username))]


def of_people(
    session: Session, start: datetime, end: datetime, user_ids: Collection[int], *, now: datetime
) -> dict[int, list[Stay]]:
    """The stays of these people within [start, end), oldest first; of nobody's future."""
    until = min(end, now)
    if until <= start:
        return {}
    moves: dict[int, list[Any]] = defaultdict(list)
    before = _MOVES.where(SeatMove.id.in_(_last_before(start, user_ids)))
    for row in session.execute(before):
        if row.to_state != "offline":
            moves[row.user_id].append(row)
    within = _MOVES.where(
        SeatMove.user_id.in_(user_ids), SeatMove.at >= start, SeatMove.at < until
    ).order_by(SeatMove.user_id, SeatMove.at, SeatMove.id)
    for row in session.execute(within):
        moves[row.user_id].append(row)
    return {
        user_id: _stays(rows, start, until, running=now <= end) for user_id, rows in moves.items()
    }


def calls_of(session: Session, call_ids: Collection[str]) -> dict[str, StayCall]:
    """What became of these calls, by id."""
    found: dict[str, StayCall] = {}
    for some in _some(call_ids):
        codes = _codes(session, some)
        versions = _versions(session, some)
        for row in session.execute(_CALLS.where(Call.id.in_(some))):
            mine = codes.get(row[0], ())
            many, saved_at = versions.get(row[0], (0, None))
            found[row[0]] = StayCall(**row._mapping, codes=mine, versions=many, saved_at=saved_at)
    return found


def _stays(rows: Sequence[Any], start: datetime, until: datetime, *, running: bool) -> list[Stay]:
    found = []
    for move, following in pairwise([*rows, None]):
        if move.to_state == "offline":
            continue
        ended = until if following is None else following.at
        runs = following is None and running
        found.append(
            Stay(
                user_id=move.user_id,
                state=move.to_state,
                reason=move.reason,
                began=max(move.at, start),
                ended=ended,
                cause=move.cause,
                ended_by="" if following is None else following.cause,
                # A row that leaves a call names it, for the call's sake.
                call_id=move.call_id if move.to_state in _WITH_CALL else None,
                campaign_id=move.campaign_id,
                campaign=move.campaign or "",
                practised=bool(move.training),
                from_state=move.from_state if move.at >= start else "",
                from_before=move.at < start,
                goes_on=following is None and not runs,
                running=runs,
            )
        )
    return found


def _last_before(start: datetime, user_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """The move each of them entered the period with: one index jump each."""
    last = (
        select(SeatMove.id)
        .where(SeatMove.user_id == User.id, SeatMove.at < start)
        .order_by(SeatMove.at.desc(), SeatMove.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    return select(last).select_from(User).where(User.id.in_(user_ids))


def _codes(session: Session, call_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Statuses that are on, in the order they were pressed."""
    query = (
        select(StatusMark.call_id, StatusMark.code)
        .where(StatusMark.call_id.in_(call_ids), StatusMark.current, StatusMark.marked)
        .order_by(StatusMark.call_id, StatusMark.id)
    )
    rows = session.execute(query).all()
    return {
        call_id: tuple(code for _, code in mine)
        for call_id, mine in groupby(rows, key=lambda row: row[0])
    }


def _versions(session: Session, call_ids: Sequence[str]) -> dict[str, tuple[int, datetime]]:
    """How many versions a call's result has, and when the newest was saved."""
    query = select(Result.call_id, func.max(Result.version), func.max(Result.at)).where(
        Result.call_id.in_(call_ids)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query.group_by(Result.call_id))}


def _some(call_ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(call_ids)
    return [ordered[first : first + AT_ONCE] for first in range(0, len(ordered), AT_ONCE)]


_WITH_CALL = ("reserved", "talking", "hold", "wrap_up")
_MOVES: Select[*tuple[Any, ...]] = select(
    SeatMove.user_id,
    SeatMove.from_state,
    SeatMove.to_state,
    SeatMove.reason,
    SeatMove.cause,
    SeatMove.call_id,
    SeatMove.campaign_id,
    SeatMove.at,
    Campaign.name.label("campaign"),
    Campaign.training,
).outerjoin(Campaign, Campaign.id == SeatMove.campaign_id)
_CALLS: Select[*tuple[Any, ...]] = (
    select(
        Call.id.label("call_id"),
        Attempt.inbound,
        Attempt.leased_at,
        Call.campaign_id,
        Call.bridged_at,
        Call.ended_at,
        AttemptOutcome.outcome,
        Call.ended_by,
        Campaign.talk_limit_s,
    )
    .join(Campaign, Campaign.id == Call.campaign_id)
    .join(Attempt, Attempt.id == Call.id)
    .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Call.id)
)
