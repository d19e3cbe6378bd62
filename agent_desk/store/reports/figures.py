"""Figures for managers, each from the rows themselves: reproducible at any later time.

A period is [start, end) in instants, made of whole JST days by the caller. Seconds are the
intervals between seat moves, cut at the period's edges, so that days add up to the month and a
call over midnight is shared out; an interval that still runs counts up to `now`. Idle (待機) is
available and reserved together: the operator waits in both. Marks and promises count on the day
they were made; the funnel follows the attempts that began in the period to wherever they went.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, func, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.models.base import to_microseconds
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import CampaignTeam
from agent_desk.models.results import StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.models.users import User
from agent_desk.store.campaigns import training
from agent_desk.store.reports import promises_of, valid_call_counts
from agent_desk.store.reports.operator_rows import OperatorRow

_MICROSECONDS = 1_000_000
NO_REASON = "other"  # as it is shown
_AT: ColumnElement[int] = type_coerce(SeatMove.at, BigInteger)


@dataclass(frozen=True)
class FunnelCounts:
    """How many attempts of the period got how far; `codes` are calls with that status on."""

    attempts: int
    answered: int
    bridged: int
    codes: dict[str, int]
    by_campaign: dict[int, FunnelCounts] = field(default_factory=dict)


@dataclass
class _Tally:
    """Microseconds and numbers of intervals per state."""

    microseconds: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    intervals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    away: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # by reason

    def add(self, state: str, reason: str | None, microseconds: int, count: int) -> None:
        self.microseconds[state] += microseconds
        self.intervals[state] += count
        if state == "away":
            self.away[reason or NO_REASON] += microseconds

    def seconds(self, *states: str) -> float:
        return sum(self.microseconds[state] for state in states) / _MICROSECONDS


def operators(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    campaign_id: int | None = None,
    teams: Collection[int] | None = None,
    user_id: int | None = None,
) -> list[OperatorRow]:
    """Everybody who was logged in within the period, in order of username.

    `campaign_id` keeps only what belongs to that campaign, `teams` (None: all) whom one may see,
    `user_id` one person.
    """
    tallies = _tallies(session, start, min(end, now), campaign_id, user_id)
    calls = _calls(session, start, end, campaign_id, user_id)
    codes = _codes(session, start, end, campaign_id, user_id)
    asked = None if user_id is None else [user_id]
    valid_call_counts.put(session, codes, start, end, campaign_id=campaign_id, user_ids=asked)
    promises = promises_of.made(session, start, end, campaign_id, user_id)
    seen = set(tallies) | set(calls) | set(codes) | set(promises)
    query = select(User.id, User.username, User.name).where(User.id.in_(seen))
    if teams is not None:
        query = query.where(User.team_id.in_(list(teams)))
    rows = []
    for user_id, username, name in session.execute(query.order_by(User.username)):
        tally = tallies.get(user_id) or _Tally()
        rows.append(
            OperatorRow(
                user_id=user_id,
                username=username,
                name=name,
                login_s=tally.seconds(*list(tally.microseconds)),
                starting_s=tally.seconds("starting"),
                idle_s=tally.seconds("available", "reserved"),
                talk_s=tally.seconds("talking"),
                hold_s=tally.seconds("hold"),
                wrap_s=tally.seconds("wrap_up"),
                away_s=tally.seconds("away"),
                waits=tally.intervals["available"],
                wrap_ups=tally.intervals["wrap_up"],
                calls=calls.get(user_id, 0),
                promises=promises.get(user_id, 0),
                codes=codes.get(user_id, {}),
                away_by={why: spent / _MICROSECONDS for why, spent in sorted(tally.away.items())},
            )
        )
    return rows


def funnel(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    campaign_id: int | None = None,
    teams: Collection[int] | None = None,
) -> FunnelCounts:
    """Attempts placed in the period → answered → bridged → calls per status, of all campaigns
    together and of each."""
    scope: list[ColumnElement[bool]] = [
        Attempt.leased_at >= start,
        Attempt.leased_at < end,
        Attempt.placed_at.is_not(None),
        training.counts(Attempt.campaign_id),
    ]
    if campaign_id is not None:
        scope.append(Attempt.campaign_id == campaign_id)
    if teams is not None:
        theirs = select(CampaignTeam.campaign_id).where(CampaignTeam.team_id.in_(list(teams)))
        scope.append(Attempt.campaign_id.in_(theirs))
    reached = (
        select(
            Attempt.campaign_id,
            func.count(),
            func.count(Call.answered_at),
            func.count(Call.bridged_at),
        )
        .join(Attempt, Attempt.id == Call.id)
        .where(*scope)
        .group_by(Attempt.campaign_id)
    )
    marks = (
        select(Attempt.campaign_id, StatusMark.code, func.count())
        .join(Attempt, Attempt.id == StatusMark.call_id)
        .where(*scope, StatusMark.current, StatusMark.marked)
        .group_by(Attempt.campaign_id, StatusMark.code)
    )
    codes: dict[int, dict[str, int]] = defaultdict(dict)
    for each, code, count in session.execute(marks):
        codes[each][code] = count
    for each, count in valid_call_counts.of_campaigns(session, scope).items():
        if count or valid_call_counts.VALID in codes[each]:
            codes[each][valid_call_counts.VALID] = count
    totals: dict[str, int] = defaultdict(int)
    for counts in codes.values():
        for code, count in counts.items():
            totals[code] += count
    found = {
        row[0]: FunnelCounts(row[1], row[2], row[3], codes.get(row[0], {}))
        for row in session.execute(reached)
    }
    return FunnelCounts(
        attempts=sum(each.attempts for each in found.values()),
        answered=sum(each.answered for each in found.values()),
        bridged=sum(each.bridged for each in found.values()),
        codes=dict(totals),
        by_campaign=found,
    )


def _tallies(
    session: Session,
    start: datetime,
    end: datetime,
    campaign_id: int | None,
    person: int | None,
) -> dict[int, _Tally]:
    tallies: dict[int, _Tally] = defaultdict(_Tally)
    if end <= start:
        return tallies
    within = _moved(start, end, person)
    for user_id, state, reason, microseconds, count in session.execute(
        _intervals(end, campaign_id, *within)
    ):
        tallies[user_id].add(state, reason, int(microseconds), count)
    first = dict(_first_moves(session, within))
    practised = training.ids(session)
    for move in _moves_before(session, start, person):
        if campaign_id in (None, move.campaign_id) and move.campaign_id not in practised:
            until = min(first.get(move.user_id, end), end)
            spent = to_microseconds(until) - to_microseconds(start)
            tallies[move.user_id].add(move.to_state, move.reason, spent, 1)
    return tallies


def _moved(start: datetime, end: datetime, person: int | None) -> tuple[ColumnElement[bool], ...]:
    """Moves in [start, end): person by person, for by instant alone a year has no index."""
    of_everybody = SeatMove.user_id.in_(select(User.id))
    of_whom = of_everybody if person is None else SeatMove.user_id == person
    return (of_whom, SeatMove.at >= start, SeatMove.at < end)


def _of(column: Any, person: int | None) -> tuple[ColumnElement[bool], ...]:
    """That it is about one person, where one is asked for."""
    return () if person is None else (column == person,)


def _intervals(
    end: datetime, campaign_id: int | None, *within: ColumnElement[bool]
) -> Select[int, str, str | None, int, int]:
    """Sums over the intervals that begin within the period; the last one of each ends with it."""
    next_at = func.lead(_AT).over(
        partition_by=SeatMove.user_id, order_by=(SeatMove.at, SeatMove.id)
    )
    moves = (
        select(
            SeatMove.user_id,
            SeatMove.to_state,
            SeatMove.reason,
            SeatMove.campaign_id,
            _AT.label("began"),
            func.coalesce(next_at, to_microseconds(end)).label("ended"),
        )
        .where(*within)
        .subquery()
    )
    query = (
        select(
            moves.c.user_id,
            moves.c.to_state,
            moves.c.reason,
            func.sum(moves.c.ended - moves.c.began),
            func.count(),
        )
        .where(moves.c.to_state != "offline", training.counts(moves.c.campaign_id))
        .group_by(moves.c.user_id, moves.c.to_state, moves.c.reason)
    )
    return query if campaign_id is None else query.where(moves.c.campaign_id == campaign_id)


def _first_moves(
    session: Session, within: tuple[ColumnElement[bool], ...]
) -> Iterable[tuple[int, datetime]]:
    query = select(SeatMove.user_id, func.min(SeatMove.at)).where(*within)
    return [(row[0], row[1]) for row in session.execute(query.group_by(SeatMove.user_id))]


def _moves_before(session: Session, start: datetime, person: int | None) -> Sequence[SeatMove]:
    """The move each person entered the period in, unless logged out: one index jump each."""
    last = (
        select(SeatMove.id)
        .where(SeatMove.user_id == User.id, SeatMove.at < start)
        .order_by(SeatMove.at.desc(), SeatMove.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    query = select(SeatMove).where(
        SeatMove.id.in_(select(last).select_from(User).where(*_of(User.id, person))),
        SeatMove.to_state != "offline",
    )
    return list(session.scalars(query))


def _calls(
    session: Session,
    start: datetime,
    end: datetime,
    campaign_id: int | None,
    person: int | None,
) -> dict[int, int]:
    """Calls that reached the operator within the period."""
    query = (
        select(SeatMove.user_id, func.count(SeatMove.call_id.distinct()))
        .where(
            *_moved(start, end, person),
            SeatMove.from_state == "reserved",
            SeatMove.to_state == "talking",
            training.counts(SeatMove.campaign_id),
        )
        .group_by(SeatMove.user_id)
    )
    if campaign_id is not None:
        query = query.where(SeatMove.campaign_id == campaign_id)
    return {row[0]: row[1] for row in session.execute(query)}


def _codes(
    session: Session,
    start: datetime,
    end: datetime,
    campaign_id: int | None,
    person: int | None,
) -> dict[int, dict[str, int]]:
    query = (
        select(StatusMark.user_id, StatusMark.code, func.count(StatusMark.call_id.distinct()))
        .where(StatusMark.at >= start, StatusMark.at < end, StatusMark.current, StatusMark.marked)
        .where(training.counts(StatusMark.campaign_id), *_of(StatusMark.user_id, person))
        .group_by(StatusMark.user_id, StatusMark.code)
    )
    if campaign_id is not None:
        query = query.where(StatusMark.campaign_id == campaign_id)
    codes: dict[int, dict[str, int]] = defaultdict(dict)
    for user_id, code, count in session.execute(query):
        codes[user_id][code] = count
    return codes
