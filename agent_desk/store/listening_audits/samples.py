"""Drawn calls as those see them who listen: within their teams, and without their own talks.

Blindness is kept here and nowhere else: a sheet of a call that two people hear is in no answer,
except to who filled it in, until the other one is there too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Call, Recording
from agent_desk.models.campaigns import Campaign
from agent_desk.models.listening_audits import (
    ListeningAnswer,
    ListeningSample,
    ListeningScore,
    ListeningWeek,
)
from agent_desk.models.users import Team, User

SHOWN = ("all", "open", "second", "done", "gone")


@dataclass(frozen=True)
class Viewer:
    """Who looks: their own talks are never in it; `teams` None: every team's."""

    user_id: int
    teams: Collection[int] | None


@dataclass(frozen=True)
class SampleRow:
    """One drawn call. Nothing of the customer is in it. `scores` counts sheets of whomever."""

    id: int
    week_id: int
    monday: date
    settings_version: int
    operator_id: int
    operator: str
    team: str | None
    place: int
    call_id: str
    talked_at: datetime
    campaign: str
    duration_ms: int | None
    recording: str | None  # its state now
    second_wanted: bool
    gone_reason: str | None
    replaces_place: int | None
    stands: int | None
    decision_sealed: bytes | None = field(repr=False)
    decided_by: str | None
    decided_at: datetime | None
    scores: int
    scored_by_viewer: bool


@dataclass(frozen=True)
class ScoreRow:
    """One sheet that may be seen."""

    id: int
    sample_id: int
    position: int
    listener_id: int
    listener: str
    permille: int | None
    knocked_out: bool
    remark_sealed: bytes | None = field(repr=False)
    at: datetime


def page(
    session: Session,
    viewer: Viewer,
    week_id: int,
    *,
    shown: str,
    after: tuple[int, int] | None,
    limit: int,
) -> list[SampleRow]:
    """By operator and drawn order, behind (operator, place)."""
    query = _rows(viewer).where(ListeningSample.week_id == week_id, *_of_kind(shown))
    if after is not None:
        operator_id, place = after
        behind = and_(ListeningSample.operator_id == operator_id, ListeningSample.place > place)
        query = query.where(or_(ListeningSample.operator_id > operator_id, behind))
    query = query.order_by(ListeningSample.operator_id, ListeningSample.place).limit(limit)
    return [SampleRow(**row._asdict()) for row in session.execute(query)]


def one(session: Session, viewer: Viewer, sample_id: int) -> SampleRow | None:
    """The drawn call of this id, where they may see it."""
    row = session.execute(_rows(viewer).where(ListeningSample.id == sample_id)).one_or_none()
    return None if row is None else SampleRow(**row._asdict())


def counts(session: Session, viewer: Viewer, week_id: int) -> dict[str, int]:
    """How many of the week's drawn calls are of each kind in `SHOWN`."""
    found = {}
    for shown in SHOWN:
        query = _seen(select(func.count(ListeningSample.id)), viewer)
        query = query.where(ListeningSample.week_id == week_id, *_of_kind(shown))
        found[shown] = session.scalar(query) or 0
    return found


def scores(session: Session, viewer: Viewer, sample_ids: Sequence[int]) -> list[ScoreRow]:
    """The sheets of these calls that may be seen, first ones first."""
    query = (
        _seen(
            select(
                ListeningScore.id,
                ListeningScore.sample_id,
                ListeningScore.position,
                ListeningScore.listener_id,
                _LISTENER.name.label("listener"),
                ListeningScore.permille,
                ListeningScore.knocked_out,
                ListeningScore.remark_sealed,
                ListeningScore.at,
            ).join(ListeningSample, ListeningSample.id == ListeningScore.sample_id),
            viewer,
        )
        .join(_LISTENER, _LISTENER.id == ListeningScore.listener_id)
        .where(ListeningScore.sample_id.in_(sample_ids), revealed(viewer.user_id))
        .order_by(ListeningScore.sample_id, ListeningScore.position)
    )
    return [ScoreRow(**row._asdict()) for row in session.execute(query)]


def answers(session: Session, score_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Level by criterion, of sheets that `scores` gave."""
    found: dict[int, dict[str, str]] = {score_id: {} for score_id in score_ids}
    query = select(ListeningAnswer).where(ListeningAnswer.score_id.in_(score_ids))
    for row in session.scalars(query):
        found[row.score_id][row.criterion] = row.level
    return found


def ids(session: Session, week_id: int) -> list[tuple[int, bool]]:
    """The drawn calls of a week in their order, and whether two hear them."""
    order = (ListeningSample.operator_id, ListeningSample.place)
    columns = select(ListeningSample.id, ListeningSample.second_wanted)
    query = columns.where(ListeningSample.week_id == week_id).order_by(*order)
    return [(row[0], row[1]) for row in session.execute(query)]


def revealed(viewer_id: int) -> ColumnElement[bool]:
    """Whether somebody may see a sheet: their own, or one that everybody may."""
    return or_(ListeningScore.listener_id == viewer_id, open_to_all())


def open_to_all() -> ColumnElement[bool]:
    """Whether nobody's ear can be led any more: one hears the call alone, or both are done."""
    second = aliased(ListeningScore)
    both = exists().where(second.sample_id == ListeningSample.id, second.position == 2)
    return or_(
        ListeningSample.second_wanted.is_(False),
        ListeningSample.gone_reason.is_not(None),
        both.correlate(ListeningSample),
    )


def was_heard(session: Session, call_id: str, username: str) -> bool:
    """Whether somebody played the recording of a call: every listening is in the trail."""
    query = exists().where(
        AuditRow.subject == f"call:{call_id}",
        AuditRow.action == "recording.listened",
        AuditRow.actor == username,
    )
    return bool(session.scalar(select(query)))


def decide(
    session: Session, sample_id: int, *, stands: int | None, sealed: bytes, by: int, at: datetime
) -> bool:
    """Which sheet stands, and why; False when that was decided already."""
    where = (ListeningSample.id == sample_id, ListeningSample.decided_at.is_(None))
    values = {"stands": stands, "decision_sealed": sealed, "decided_by": by, "decided_at": at}
    done = session.execute(update(ListeningSample).where(*where).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


_LISTENER = aliased(User)
_DECIDER = aliased(User)
_REPLACED = aliased(ListeningSample)


def _seen(columns: Select[*tuple[Any, ...]], viewer: Viewer) -> Select[*tuple[Any, ...]]:
    query = columns.join(User, User.id == ListeningSample.operator_id)
    query = query.where(ListeningSample.operator_id != viewer.user_id)
    return query if viewer.teams is None else query.where(User.team_id.in_(list(viewer.teams)))


def _sheets(*where: ColumnElement[bool]) -> Any:
    count = select(func.count(ListeningScore.id)).where(
        ListeningScore.sample_id == ListeningSample.id, *where
    )
    return count.correlate(ListeningSample).scalar_subquery()


def _of_kind(shown: str) -> Sequence[Any]:
    there = ListeningSample.gone_reason.is_(None)
    match shown:
        case "open":
            return (there, _sheets() == 0)
        case "second":
            return (there, ListeningSample.second_wanted, _sheets() == 1)
        case "done":
            single = and_(ListeningSample.second_wanted.is_(False), _sheets() == 1)
            return (or_(_sheets() == 2, single),)
        case "gone":
            return (ListeningSample.gone_reason.is_not(None),)
        case _:
            return ()


def _rows(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        _seen(
            select(
                ListeningSample.id,
                ListeningSample.week_id,
                ListeningWeek.monday,
                ListeningWeek.settings_version,
                ListeningSample.operator_id,
                User.name.label("operator"),
                Team.name.label("team"),
                ListeningSample.place,
                ListeningSample.call_id,
                Call.bridged_at.label("talked_at"),
                Campaign.name.label("campaign"),
                Recording.duration_ms,
                Recording.state.label("recording"),
                ListeningSample.second_wanted,
                ListeningSample.gone_reason,
                _REPLACED.place.label("replaces_place"),
                ListeningSample.stands,
                ListeningSample.decision_sealed,
                _DECIDER.name.label("decided_by"),
                ListeningSample.decided_at,
                _sheets().label("scores"),
                (_sheets(ListeningScore.listener_id == viewer.user_id) > 0).label(
                    "scored_by_viewer"
                ),
            ),
            viewer,
        )
        .join(ListeningWeek, ListeningWeek.id == ListeningSample.week_id)
        .outerjoin(Team, Team.id == User.team_id)
        .join(Call, Call.id == ListeningSample.call_id)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .outerjoin(Recording, Recording.call_id == Call.id)
        .outerjoin(_DECIDER, _DECIDER.id == ListeningSample.decided_by)
        .outerjoin(_REPLACED, _REPLACED.id == ListeningSample.replaces_id)
    )
