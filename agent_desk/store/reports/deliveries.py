"""Mails with reports: what is to be sent, what was, and what could not be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.report_schedules import ReportDelivery
from agent_desk.models.users import User

WAITING, SENT, FAILED, SKIPPED = "waiting", "sent", "failed", "skipped"
STATES = (SENT, WAITING, FAILED, SKIPPED)
MOST_IN_HAND = 100  # a process has one


@dataclass(frozen=True)
class DeliveryRow:
    """One mail to one person. `reason`: why not, or not yet; `smtp_code`: what the server said."""

    id: int
    schedule_id: int
    due_at: datetime
    user_id: int
    recipient: str
    message_id: str
    state: str
    reason: str | None
    smtp_code: int | None
    tries: int
    next_try_at: datetime | None
    sent_at: datetime | None

    @property
    def in_hand(self) -> bool:
        """Whether a try has begun of which nobody has told how it ended."""
        return self.state == WAITING and self.tries > 0 and self.reason is None


@dataclass(frozen=True)
class Standing:
    """What has become of one by now."""

    state: str
    reason: str | None = None
    smtp_code: int | None = None
    next_try_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True)
class LastDue:
    """An instant, and how many of its mails stand how."""

    due_at: datetime
    counts: dict[str, int]


def add(
    session: Session,
    *,
    schedule_id: int,
    due_at: datetime,
    user_id: int,
    message_id: str,
    standing: Standing,
) -> bool:
    """A mail for this person at this instant; False when there is one already."""
    known = select(ReportDelivery.id).where(
        ReportDelivery.schedule_id == schedule_id,
        ReportDelivery.due_at == due_at,
        ReportDelivery.user_id == user_id,
    )
    if session.scalar(known) is not None:
        return False
    session.execute(
        insert(ReportDelivery).values(
            schedule_id=schedule_id,
            due_at=due_at,
            user_id=user_id,
            message_id=message_id,
            tries=0,
            **vars(standing),
        )
    )
    return True


def next_to_send(session: Session, now: datetime) -> DeliveryRow | None:
    """The one that has waited longest for its turn."""
    found = _rows(
        session,
        ReportDelivery.next_try_at <= now,
        order=(ReportDelivery.next_try_at, ReportDelivery.id),
        limit=1,
    )
    return found[0] if found else None


def of_schedule(session: Session, schedule_id: int, *, limit: int) -> list[DeliveryRow]:
    """The newest of one schedule, the newest first."""
    return _rows(
        session,
        ReportDelivery.schedule_id == schedule_id,
        order=(ReportDelivery.due_at.desc(), ReportDelivery.id.desc()),
        limit=limit,
    )


def last_of(session: Session, schedule_ids: Collection[int]) -> dict[int, LastDue]:
    """What came of the last instant each schedule was due; of those that ever were."""
    last = (
        select(ReportDelivery.schedule_id, func.max(ReportDelivery.due_at).label("due_at"))
        .where(ReportDelivery.schedule_id.in_(schedule_ids))
        .group_by(ReportDelivery.schedule_id)
        .subquery()
    )
    query = (
        select(last.c.schedule_id, last.c.due_at, ReportDelivery.state, func.count())
        .join(
            ReportDelivery,
            and_(
                ReportDelivery.schedule_id == last.c.schedule_id,
                ReportDelivery.due_at == last.c.due_at,
            ),
        )
        .group_by(last.c.schedule_id, last.c.due_at, ReportDelivery.state)
    )
    found: dict[int, LastDue] = {}
    for schedule_id, due_at, state, count in session.execute(query):
        found.setdefault(schedule_id, LastDue(due_at, {})).counts[state] = count
    return found


def last_failed(session: Session, schedule_ids: Collection[int]) -> dict[int, DeliveryRow]:
    """The newest mail of each schedule that did not arrive, or has not yet for some reason."""
    amiss = ReportDelivery.state.in_((FAILED, SKIPPED)) | (
        (ReportDelivery.state == WAITING) & ReportDelivery.reason.is_not(None)
    )
    newest = (
        select(func.max(ReportDelivery.id))
        .where(ReportDelivery.schedule_id.in_(schedule_ids), amiss)
        .group_by(ReportDelivery.schedule_id)
    )
    found = _rows(
        session,
        ReportDelivery.id.in_(newest),
        order=(ReportDelivery.id,),
        limit=len(schedule_ids),
    )
    return {each.schedule_id: each for each in found}


def by_id(session: Session, delivery_id: int) -> DeliveryRow | None:
    """The one of this id."""
    found = _rows(session, ReportDelivery.id == delivery_id, order=(ReportDelivery.id,), limit=1)
    return found[0] if found else None


def waits(session: Session, schedule_id: int, user_id: int) -> bool:
    """Whether a mail of this schedule to this person is still to be sent."""
    query = select(ReportDelivery.id).where(
        ReportDelivery.schedule_id == schedule_id,
        ReportDelivery.user_id == user_id,
        ReportDelivery.state == WAITING,
    )
    return session.scalar(query.limit(1)) is not None


def take(session: Session, delivery_id: int, *, tries: int, next_try_at: datetime) -> bool:
    """Begin the try after `tries`; `next_try_at` is until when somebody tells how it ended. False
    when somebody else has begun it, or it does not wait any more."""
    taken = session.execute(
        update(ReportDelivery)
        .where(
            ReportDelivery.id == delivery_id,
            ReportDelivery.tries == tries,
            ReportDelivery.state == WAITING,
        )
        .values(tries=tries + 1, next_try_at=next_try_at, reason=None, smtp_code=None)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def in_hand(session: Session) -> list[DeliveryRow]:
    """Those of which a try has begun, and nobody has told how it ended."""
    begun = (ReportDelivery.state == WAITING, ReportDelivery.tries > 0)
    return _rows(
        session,
        *begun,
        ReportDelivery.reason.is_(None),
        order=(ReportDelivery.id,),
        limit=MOST_IN_HAND,
    )


def settle(session: Session, delivery_id: int, *, tries: int, standing: Standing) -> bool:
    """What the try of this number came to; False for a try that is not the newest."""
    settled = session.execute(
        update(ReportDelivery)
        .where(
            ReportDelivery.id == delivery_id,
            ReportDelivery.tries == tries,
            ReportDelivery.state == WAITING,
        )
        .values(**vars(standing))
    )
    return bool(settled.rowcount)  # type: ignore[attr-defined]


def forget(session: Session, before: datetime) -> None:
    """Delete what was due before this instant and is over."""
    session.execute(
        delete(ReportDelivery).where(
            ReportDelivery.due_at < before, ReportDelivery.state != WAITING
        )
    )


def _rows(
    session: Session, *where: object, order: tuple[object, ...], limit: int
) -> list[DeliveryRow]:
    query = select(ReportDelivery, User.name).join(User, User.id == ReportDelivery.user_id)
    found = session.execute(query.where(*where).order_by(*order).limit(limit))  # type: ignore[arg-type]
    return [_row(*each) for each in found]


def _row(row: ReportDelivery, recipient: str) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        schedule_id=row.schedule_id,
        due_at=row.due_at,
        user_id=row.user_id,
        recipient=recipient,
        message_id=row.message_id,
        state=row.state,
        reason=row.reason,
        smtp_code=row.smtp_code,
        tries=row.tries,
        next_try_at=row.next_try_at,
        sent_at=row.sent_at,
    )
