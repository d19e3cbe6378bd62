"""Sheets that were filled in, what they come to by operator and team, and how far two agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Float,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from agent_desk.models.calls import Call
from agent_desk.models.listening_audits import (
    ListeningAnswer,
    ListeningSample,
    ListeningScore,
    ListeningWeek,
)
from agent_desk.models.users import Team, User
from agent_desk.store.listening_audits.samples import Viewer, open_to_all, revealed


@dataclass(frozen=True)
class Mean:
    """What a week's finished calls of one operator, or one team, come to."""

    id: int  # of the operator or the team; 0: without a team
    name: str
    team: str | None
    monday: date
    calls: int
    rated: int  # of them, those any criterion applied to
    permille: float | None
    knocked_out: int


@dataclass(frozen=True)
class TalksScored:
    """Talks of one operator whose score is final; `permille` is the sum over the `rated` ones."""

    calls: int
    rated: int
    permille: float


NO_TALKS = TalksScored(0, 0, 0.0)


@dataclass(frozen=True)
class SheetRow:
    """One sheet for a file: nothing of the customer but the call's id."""

    score_id: int
    monday: date
    settings_version: int
    team: str | None
    operator: str
    username: str
    call_id: str
    talked_at: datetime
    position: int
    listener: str
    permille: int | None
    knocked_out: bool
    remark_sealed: bytes | None
    stands: int | None
    at: datetime


def add(session: Session, levels: Mapping[str, str], **columns: Any) -> int:
    """A sheet with its answers; its id."""
    done = session.execute(insert(ListeningScore).values(**columns))
    score_id = int(done.inserted_primary_key[0])  # type: ignore[attr-defined]
    rows = [{"score_id": score_id, "criterion": key, "level": levels[key]} for key in levels]
    session.execute(insert(ListeningAnswer), rows)
    return score_id


def listeners(session: Session, sample_id: int) -> list[int]:
    """Who filled in a sheet of this call, in their order."""
    query = (
        select(ListeningScore.listener_id)
        .where(ListeningScore.sample_id == sample_id)
        .order_by(ListeningScore.position)
    )
    return list(session.scalars(query))


def pairs(session: Session, viewer: Viewer, *, since: date) -> dict[str, Counter[tuple[str, str]]]:
    """By criterion: how often the first listener answered this and the second that, since then."""
    first, second = aliased(ListeningScore), aliased(ListeningScore)
    theirs, others = aliased(ListeningAnswer), aliased(ListeningAnswer)
    query = (
        select(theirs.criterion, theirs.level, others.level, func.count())
        .select_from(ListeningSample)
        .join(ListeningWeek, ListeningWeek.id == ListeningSample.week_id)
        .join(User, User.id == ListeningSample.operator_id)
        .join(first, and_(first.sample_id == ListeningSample.id, first.position == 1))
        .join(second, and_(second.sample_id == ListeningSample.id, second.position == 2))
        .join(theirs, theirs.score_id == first.id)
        .join(others, and_(others.score_id == second.id, others.criterion == theirs.criterion))
        .where(*_scope(viewer), ListeningWeek.monday >= since)
        .group_by(theirs.criterion, theirs.level, others.level)
    )
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for criterion, one, other, n in session.execute(query):
        found[criterion][one, other] += n
    return dict(found)


def by_team(session: Session, viewer: Viewer, *, since: date) -> list[Mean]:
    """Every team of theirs with finished calls, week by week."""
    calls = _finished(viewer, since)
    query = (
        select(
            func.coalesce(Team.id, 0).label("id"),
            func.coalesce(Team.name, "").label("name"),
            Team.name.label("team"),
            *_means(calls),
        )
        .join(User, User.id == calls.c.operator_id)
        .outerjoin(Team, Team.id == User.team_id)
        .group_by(Team.id, Team.name, calls.c.monday)
        .order_by(Team.name, calls.c.monday)
    )
    return [_mean(row) for row in session.execute(query)]


def by_operator(
    session: Session, viewer: Viewer, *, since: date, after: int | None, limit: int
) -> list[Mean]:
    """The same of operators with an id above `after`: at most `limit` of them, whole."""
    calls = _finished(viewer, since)
    ids = select(calls.c.operator_id).distinct().order_by(calls.c.operator_id).limit(limit)
    if after is not None:
        ids = ids.where(calls.c.operator_id > after)
    query = (
        select(User.id, User.name, Team.name.label("team"), *_means(calls))
        .join(User, User.id == calls.c.operator_id)
        .outerjoin(Team, Team.id == User.team_id)
        .where(calls.c.operator_id.in_(session.scalars(ids).all()))
        .group_by(User.id, User.name, Team.name, calls.c.monday)
        .order_by(User.id, calls.c.monday)
    )
    return [_mean(row) for row in session.execute(query)]


def of_talks(
    session: Session, start: datetime, end: datetime, *, campaign_id: int | None
) -> dict[int, TalksScored]:
    """By operator, of talks begun in [start, end): whose they are is for who asks to look at."""
    of_calls = (ListeningSample.id, ListeningSample.operator_id)
    talks: Select[*tuple[Any, ...]] = (
        select(*of_calls)
        .join(Call, Call.id == ListeningSample.call_id)
        .where(Call.bridged_at >= start, Call.bridged_at < end)
        .group_by(*of_calls)
    )
    if campaign_id is not None:
        talks = talks.where(Call.campaign_id == campaign_id)
    calls = _final(talks).subquery()
    query = select(
        calls.c.operator_id,
        func.count(),
        func.count(calls.c.permille),
        func.coalesce(func.sum(calls.c.permille), 0),
    ).group_by(calls.c.operator_id)
    return {
        operator: TalksScored(n, rated, float(permille))
        for operator, n, rated, permille in session.execute(query)
    }


def sheets(session: Session, viewer: Viewer, week_id: int, *, limit: int) -> list[SheetRow]:
    """The sheets of a week that may be seen, by operator and drawn order."""
    listener = aliased(User)
    query = (
        select(
            ListeningScore.id.label("score_id"),
            ListeningWeek.monday,
            ListeningWeek.settings_version,
            Team.name.label("team"),
            User.name.label("operator"),
            User.username,
            ListeningSample.call_id,
            Call.bridged_at.label("talked_at"),
            ListeningScore.position,
            listener.name.label("listener"),
            ListeningScore.permille,
            ListeningScore.knocked_out,
            ListeningScore.remark_sealed,
            ListeningSample.stands,
            ListeningScore.at,
        )
        .join(ListeningSample, ListeningSample.id == ListeningScore.sample_id)
        .join(ListeningWeek, ListeningWeek.id == ListeningSample.week_id)
        .join(Call, Call.id == ListeningSample.call_id)
        .join(User, User.id == ListeningSample.operator_id)
        .join(listener, listener.id == ListeningScore.listener_id)
        .outerjoin(Team, Team.id == User.team_id)
        .where(ListeningSample.week_id == week_id, *_scope(viewer), revealed(viewer.user_id))
        .order_by(ListeningSample.operator_id, ListeningSample.place, ListeningScore.position)
        .limit(limit)
    )
    return [SheetRow(**row._asdict()) for row in session.execute(query)]


def _scope(viewer: Viewer) -> list[Any]:
    where = [ListeningSample.operator_id != viewer.user_id]
    if viewer.teams is not None:
        where.append(User.team_id.in_(list(viewer.teams)))
    return where


def _finished(viewer: Viewer, since: date) -> Subquery:
    """One row a call everybody is done with, since a Monday."""
    of_calls = (ListeningSample.id, ListeningSample.operator_id, ListeningWeek.monday)
    query: Select[*tuple[Any, ...]] = (
        select(*of_calls)
        .join(ListeningWeek, ListeningWeek.id == ListeningSample.week_id)
        .join(User, User.id == ListeningSample.operator_id)
        .where(*_scope(viewer), ListeningWeek.monday >= since)
        .group_by(*of_calls)
    )
    return _final(query).subquery()


def _final(calls: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Drawn calls, a group each, with the mean of the sheets that stand.

    A sheet that only its writer may see yet is in no mean, not even in their own.
    """
    return (
        calls.add_columns(
            func.avg(cast(ListeningScore.permille, Float)).label("permille"),
            func.max(cast(ListeningScore.knocked_out, Integer)).label("knocked_out"),
        )
        .join(ListeningScore, ListeningScore.sample_id == ListeningSample.id)
        .where(
            open_to_all(),
            or_(
                ListeningSample.stands.is_(None),
                ListeningSample.stands == ListeningScore.position,
            ),
        )
    )


def _means(calls: Subquery) -> tuple[Any, ...]:
    return (
        calls.c.monday,
        func.count().label("calls"),
        func.count(calls.c.permille).label("rated"),
        func.avg(calls.c.permille).label("permille"),
        func.sum(case((calls.c.knocked_out > 0, 1), else_=0)).label("knocked_out"),
    )


def _mean(row: Any) -> Mean:
    told = row._asdict()
    permille = told["permille"]
    told["permille"] = None if permille is None else float(permille)
    return Mean(**{**told, "knocked_out": int(told["knocked_out"] or 0)})
