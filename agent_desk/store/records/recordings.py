"""Rows of recordings: what gateways reported, who may hear them, what the worker did with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.models.calls import Call, DeletionCertificate, Recording, RecordingPause
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Debt
from agent_desk.models.users import User
from agent_desk.store import audit
from agent_desk.store.rows.context import RowContext

PLAYABLE = ("sealed", "verified")
KEPT = (*PLAYABLE, "damaged")


# --- what gateways report -----------------------------------------------------------------------


def kept(context: RowContext, event: events.RecordingKept) -> None:
    """A file is complete. Told again (after a crash of the gateway) it changes nothing."""
    session = context.session
    if not _is_call(session, event.call_id):
        return
    row = session.get(Recording, event.call_id)
    if row is None:
        row = Recording(call_id=event.call_id, state="sealed", truncated=False, paused_ms=0)
        session.add(row)
    elif row.state != "failed":
        return
    row.state = "sealed"
    row.path, row.sha256, row.size_bytes = event.path, event.sha256, event.size_bytes
    row.duration_ms, row.paused_ms = event.duration_ms, event.paused_ms
    row.truncated = event.truncated
    row.started_at, row.ended_at = event.started_at, event.at
    session.flush()


def failed(context: RowContext, event: events.RecordingFailed) -> None:
    """Nothing, or not all, is recorded. The first reason stands; a file that is there stays."""
    session = context.session
    if not _is_call(session, event.call_id):
        return
    row = session.get(Recording, event.call_id)
    if row is None:
        session.execute(
            insert(Recording).values(
                call_id=event.call_id,
                path=event.path,
                state="failed",
                reason=event.reason,
                started_at=event.at,
            )
        )
    elif row.reason is None and row.state == "sealed":
        row.reason = event.reason
        session.flush()


def paused(context: RowContext, event: events.RecordingPaused) -> None:
    """Append what was pressed, and to the trail who pressed it."""
    context.session.execute(
        insert(RecordingPause).values(
            call_id=event.call_id, user_id=event.user_id, paused=event.on, at=event.at
        )
    )
    audit.append(
        context.session,
        at=event.at,
        actor=context.seat_of(event.user_id),
        action="recording.paused" if event.on else "recording.resumed",
        subject=f"call:{event.call_id}",
    )


def _is_call(session: Session, call_id: str) -> bool:
    """A gateway may tell of calls of a database that was replaced under it."""
    return session.scalar(select(Call.id).where(Call.id == call_id)) is not None


# --- who may hear them --------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """Whose recordings somebody may hear: of their own calls, of some teams, or (both None) all."""

    user_id: int | None = None
    teams: frozenset[int] | None = None


@dataclass(frozen=True)
class RecordingRow:
    """A recording as it is played. Paths are below RECORDING_DIR."""

    call_id: str
    state: str
    path: str
    opus_path: str | None
    started_at: datetime
    duration_ms: int
    paused_ms: int
    truncated: bool
    reason: str | None


def find(session: Session, call_id: str, scope: Scope) -> RecordingRow | None:
    """The recording of a call in scope, whatever its state; None for any other call."""
    query = (
        select(Recording)
        .join(Call, Call.id == Recording.call_id)
        .outerjoin(User, User.id == Call.seat_user_id)
        .where(Recording.call_id == call_id)
    )
    if scope.user_id is not None:
        query = query.where(Call.seat_user_id == scope.user_id)
    if scope.teams is not None:
        query = query.where(User.team_id.in_(scope.teams))
    row = session.scalar(query)
    return None if row is None else _row(row)


def _row(row: Recording) -> RecordingRow:
    return RecordingRow(
        call_id=row.call_id,
        state=row.state,
        path=row.path,
        opus_path=row.opus_path,
        started_at=row.started_at,
        duration_ms=row.duration_ms or 0,
        paused_ms=row.paused_ms,
        truncated=row.truncated,
        reason=row.reason,
    )


def states(session: Session, call_ids: Sequence[str]) -> dict[str, str]:
    """The state of the recording of each of these calls that has one."""
    query = select(Recording.call_id, Recording.state).where(Recording.call_id.in_(call_ids))
    return {row[0]: row[1] for row in session.execute(query)}


# --- what the worker does with them -------------------------------------------------------------


@dataclass(frozen=True)
class SealedRow:
    """A file to be verified and made into Opus."""

    call_id: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Verified:
    """What the worker found and made."""

    opus_path: str
    opus_sha256: str
    opus_size_bytes: int


@dataclass(frozen=True)
class Held:
    """A recording and what its retention goes by (rule R51).

    `debts_ended_at`: the end of the customer's last debt, None while one is open or when there is
    none; `has_debts` tells the two apart.
    """

    call_id: str
    state: str
    path: str
    opus_path: str | None
    sha256: str | None
    opus_sha256: str | None
    size_bytes: int | None
    kind: str  # of the campaign
    recording_years: int | None
    started_at: datetime
    has_debts: bool
    debts_ended_at: datetime | None


def to_verify(session: Session, limit: int) -> Sequence[SealedRow]:
    """Files nobody has looked at since they were closed, oldest first."""
    query = (
        select(Recording.call_id, Recording.path, Recording.sha256)
        .where(Recording.state == "sealed")
        .order_by(Recording.started_at)
        .limit(limit)
    )
    return [SealedRow(row[0], row[1], row[2] or "") for row in session.execute(query)]


def held(
    session: Session,
    *,
    call_id: str | None = None,
    before: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 1,
) -> Sequence[Held]:
    """Recordings that still have files: the one of a call, or the oldest begun `before` an instant.

    `after` goes on behind the last one of the page before (its beginning and its call).
    """
    query = _held().order_by(Recording.started_at, Recording.call_id).limit(limit)
    if call_id is not None:
        query = query.where(Recording.call_id == call_id)
    if before is not None:
        query = query.where(Recording.started_at < before)
    if after is not None:
        began, last = after
        query = query.where(
            or_(
                Recording.started_at > began,
                and_(Recording.started_at == began, Recording.call_id > last),
            )
        )
    return [
        Held(
            call_id=row.call_id,
            state=row.state,
            path=row.path,
            opus_path=row.opus_path,
            sha256=row.sha256,
            opus_sha256=row.opus_sha256,
            size_bytes=row.size_bytes,
            kind=kind,
            recording_years=years,
            started_at=row.started_at,
            has_debts=bool(count),
            debts_ended_at=ended_at if count and count == closed else None,
        )
        for row, kind, years, count, closed, ended_at in session.execute(query)
    ]


def _held() -> Select[Any]:
    def of_debts(value: Any) -> Any:
        query = select(value).where(Debt.customer_id == Call.customer_id)
        return query.correlate(Call).scalar_subquery()

    return (
        select(
            Recording,
            Campaign.kind,
            Campaign.recording_years,
            of_debts(func.count()),
            of_debts(func.count(Debt.closed_at)),
            of_debts(func.max(Debt.closed_at)),
        )
        .join(Call, Call.id == Recording.call_id)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .where(Recording.state.in_((*KEPT, "deleting")))
    )


def verified(session: Session, call_id: str, found: Verified, *, at: datetime) -> bool:
    """The file is whole and its Opus is made; False when it is not waiting for that."""
    return _changed(
        session,
        call_id,
        ("sealed",),
        state="verified",
        verified_at=at,
        opus_path=found.opus_path,
        opus_sha256=found.opus_sha256,
        opus_size_bytes=found.opus_size_bytes,
    )


def damaged(session: Session, call_id: str, reason: str, *, at: datetime) -> bool:
    """The file is not what the gateway closed; it stays where it is."""
    return _changed(session, call_id, ("sealed",), state="damaged", reason=reason, verified_at=at)


def begin_deletion(session: Session, call_id: str, *, rule: str, delete_after: datetime) -> bool:
    """The files are about to be removed: from here nothing of it can be played."""
    return _changed(
        session,
        call_id,
        (*KEPT, "deleting"),
        state="deleting",
        retention_rule=rule,
        delete_after=delete_after,
    )


def certify_deletion(session: Session, call_id: str, *, by: str, at: datetime) -> bool:
    """The files are gone; False when their deletion was not begun, or is certified already."""
    if not _changed(session, call_id, ("deleting",), state="deleted", deleted_at=at):
        return False
    row = session.get_one(Recording, call_id)
    session.execute(
        insert(DeletionCertificate).values(
            call_id=call_id,
            sha256=row.sha256,
            opus_sha256=row.opus_sha256,
            size_bytes=row.size_bytes,
            rule=row.retention_rule,
            delete_after=row.delete_after,
            by=by,
            at=at,
        )
    )
    return True


def _changed(session: Session, call_id: str, states: Sequence[str], **values: object) -> bool:
    where = (Recording.call_id == call_id, Recording.state.in_(states))
    done = session.execute(update(Recording).where(*where).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]
