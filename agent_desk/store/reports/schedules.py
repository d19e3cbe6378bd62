"""When saved reports are sent by mail, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.report_schedules import ReportDelivery, ReportSchedule
from agent_desk.models.saved_reports import SavedReport
from agent_desk.models.users import User


@dataclass(frozen=True)
class ScheduleRow:
    """One schedule with the saved report it sends; paused ones have no `next_due_at`."""

    id: int
    user_id: int
    saved_id: int
    often: str
    weekday: int | None
    day_of_month: int | None
    minute: int
    not_on_holidays: bool
    form: str
    recipients: tuple[int, ...]
    next_due_at: datetime | None
    version: int
    name: str
    page: str
    params: Mapping[str, str]
    period: str


@dataclass(frozen=True)
class OwnedSchedule:
    """A schedule and who made it; `enabled`: whether they can still log in."""

    row: ScheduleRow
    owner: str
    enabled: bool


@dataclass(frozen=True)
class Setting:
    """What one chooses of a schedule."""

    saved_id: int
    often: str
    weekday: int | None
    day_of_month: int | None
    minute: int
    not_on_holidays: bool
    form: str
    recipients: tuple[int, ...]


@dataclass(frozen=True)
class PersonRow:
    """Somebody who may log in, and whether they have an address."""

    user_id: int
    name: str
    role: str
    team_id: int | None
    has_address: bool


def of_user(session: Session, user_id: int) -> list[ScheduleRow]:
    """Those somebody made, by the name of the report."""
    query = _every().where(ReportSchedule.user_id == user_id)
    found = session.execute(query.order_by(SavedReport.name, ReportSchedule.id))
    return [_row(*each) for each in found]


def every(session: Session) -> list[OwnedSchedule]:
    """Everybody's, by the name of who made them."""
    query = _every().add_columns(User.name, User.enabled)
    query = query.join(User, User.id == ReportSchedule.user_id)
    found = session.execute(query.order_by(User.name, User.id, SavedReport.name, ReportSchedule.id))
    return [OwnedSchedule(_row(*each[:-2]), each[-2], each[-1]) for each in found]


def by_id(session: Session, schedule_id: int) -> ScheduleRow | None:
    """The one of this id, whosever it is."""
    found = session.execute(_every().where(ReportSchedule.id == schedule_id)).first()
    return None if found is None else _row(*found)


def due(session: Session, now: datetime) -> list[ScheduleRow]:
    """Those that are to be sent by now, the longest due first."""
    query = _every().where(ReportSchedule.next_due_at <= now)
    found = session.execute(query.order_by(ReportSchedule.next_due_at, ReportSchedule.id))
    return [_row(*each) for each in found]


def count_of(session: Session, user_id: int) -> int:
    """How many somebody has."""
    query = select(func.count()).select_from(ReportSchedule)
    return session.scalar(query.where(ReportSchedule.user_id == user_id)) or 0


def sends(session: Session, saved_id: int, *, but_of: int | None = None) -> bool:
    """Whether any schedule sends this saved report, leaving out those of one person."""
    query = select(ReportSchedule.id).where(ReportSchedule.saved_id == saved_id)
    if but_of is not None:
        query = query.where(ReportSchedule.user_id != but_of)
    return session.scalar(query.limit(1)) is not None


def hand_over(session: Session, saved_id: int, *, from_user: int, to_user: int) -> None:
    """The schedules of a saved report are of whoever has it now."""
    session.execute(
        update(ReportSchedule)
        .where(ReportSchedule.saved_id == saved_id, ReportSchedule.user_id == from_user)
        .values(user_id=to_user)
    )


def remove_of(session: Session, saved_id: int) -> None:
    """Forget every schedule of a saved report, and what was sent."""
    of_it = select(ReportSchedule.id).where(ReportSchedule.saved_id == saved_id)
    for schedule_id in session.scalars(of_it).all():
        remove(session, schedule_id)


def add(
    session: Session, setting: Setting, *, user_id: int, next_due_at: datetime, at: datetime
) -> int:
    """A new one, active; its id."""
    row = session.execute(
        insert(ReportSchedule).values(
            **_values(setting),
            user_id=user_id,
            next_due_at=next_due_at,
            version=1,
            made_at=at,
            changed_at=at,
        )
    )
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def change(
    session: Session,
    schedule_id: int,
    setting: Setting,
    *,
    based_on: int,
    next_due_at: datetime | None,
    at: datetime,
) -> bool:
    """The next version; False when it is not the one that was read."""
    changed = session.execute(
        update(ReportSchedule)
        .where(ReportSchedule.id == schedule_id, ReportSchedule.version == based_on)
        .values(**_values(setting), next_due_at=next_due_at, version=based_on + 1, changed_at=at)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def set_next(session: Session, schedule_id: int, next_due_at: datetime | None) -> None:
    """When it is due next; None: paused."""
    session.execute(
        update(ReportSchedule)
        .where(ReportSchedule.id == schedule_id)
        .values(next_due_at=next_due_at)
    )


def remove(session: Session, schedule_id: int) -> bool:
    """Forget it and what was sent; whether it was there."""
    session.execute(delete(ReportDelivery).where(ReportDelivery.schedule_id == schedule_id))
    gone = session.execute(delete(ReportSchedule).where(ReportSchedule.id == schedule_id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def people(session: Session) -> list[PersonRow]:
    """All who may log in, by name."""
    query = select(User.id, User.name, User.role, User.team_id, User.mail.is_not(None))
    found = session.execute(query.where(User.enabled).order_by(User.name, User.id))
    return [PersonRow(*each[:4], bool(each[4])) for each in found]


def address(session: Session, user_id: int) -> str | None:
    """Where somebody gets mail."""
    return session.scalar(select(User.mail).where(User.id == user_id))


def _values(setting: Setting) -> dict[str, object]:
    return {**vars(setting), "recipients": list(setting.recipients)}


def _every() -> Select[ReportSchedule, str, str, dict[str, str], str]:
    return select(
        ReportSchedule, SavedReport.name, SavedReport.page, SavedReport.params, SavedReport.period
    ).join(SavedReport, SavedReport.id == ReportSchedule.saved_id)


def _row(
    row: ReportSchedule, name: str, page: str, params: Mapping[str, str], period: str
) -> ScheduleRow:
    return ScheduleRow(
        id=row.id,
        user_id=row.user_id,
        saved_id=row.saved_id,
        often=row.often,
        weekday=row.weekday,
        day_of_month=row.day_of_month,
        minute=row.minute,
        not_on_holidays=row.not_on_holidays,
        form=row.form,
        recipients=tuple(row.recipients),
        next_due_at=row.next_due_at,
        version=row.version,
        name=name,
        page=page,
        params=params,
        period=period,
    )
