"""Values the desk remembers about itself, by name."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.system import SystemValue
from agent_desk.models.users import User
from agent_desk.store import straight

DESK_EPOCH = "desk_epoch"  # grows with every start of a desk; older ones are fenced off (I15)
RECOVERED_EPOCH = "recovered_epoch"  # the epoch whose start has settled what the last one left
RECOVERED_AT = "recovered_at"
ALIVE_AT = "alive_at"  # business instant at which the desk was last known to run
INDEX_KEY = "index_key"  # which index key the hashes are made with
DEMO_SEED = "demo_seed"  # version of the demo data in here; absent on a real desk


class Superseded(Exception):
    """A later desk has taken over this database: nothing more may be written here (I15)."""


def fence(session: Session, epoch: int) -> None:
    """Raise `Superseded` where a later epoch has begun; asked in every transaction of a desk.

    None begins before this transaction has ended: what is written behind the fence is seen by
    whoever takes over. SQLite has one writer anyhow.
    """
    newest = int(straight.scalar(session, _EPOCH, {}) or 0)
    if newest > epoch:
        raise Superseded(f"desk {newest} has taken over from desk {epoch}")


def get(session: Session, key: str) -> str | None:
    """The value, or None."""
    return session.scalar(select(SystemValue.value).where(SystemValue.key == key))


def put(session: Session, key: str, value: str) -> None:
    """Set the value."""
    done = session.execute(update(SystemValue).where(SystemValue.key == key).values(value=value))
    if done.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(SystemValue).values(key=key, value=value))


def identity(session: Session) -> str:
    """Tells this database from every other one: which key its hashes are made with, and when its
    first user was made. A copy that was put back is the same database."""
    first = session.scalar(select(func.min(User.created_at)))
    key = get(session, INDEX_KEY) or ""
    return f"{key}:{first.isoformat() if first is not None else ''}"


def desk_epoch(session: Session) -> int:
    """The newest epoch; 0 before the first start."""
    return int(get(session, DESK_EPOCH) or 0)


def begin_epoch(session: Session) -> int:
    """Start a new epoch and return it, when older desks have ended what they were writing."""
    epoch = int(session.scalar(_epoch().with_for_update()) or 0) + 1
    put(session, DESK_EPOCH, str(epoch))
    return epoch


def finish_recovery(session: Session, epoch: int, *, at: datetime) -> None:
    """Say that every attempt and seat left by earlier epochs is settled or taken over."""
    put(session, RECOVERED_EPOCH, str(epoch))
    put(session, RECOVERED_AT, at.isoformat())


def recovery(session: Session) -> tuple[int, datetime]:
    """The newest epoch that has recovered, and when; 0 and long ago before the first."""
    epoch, at = get(session, RECOVERED_EPOCH), get(session, RECOVERED_AT)
    if epoch is None or at is None:
        return 0, datetime.min.replace(tzinfo=UTC)
    return int(epoch), datetime.fromisoformat(at)


def alive_at(session: Session) -> datetime | None:
    """When the desk was last known to run; None before its first start."""
    noted = get(session, ALIVE_AT)
    return None if noted is None else datetime.fromisoformat(noted)


def note_alive(session: Session, *, at: datetime) -> None:
    """The desk runs at this instant."""
    put(session, ALIVE_AT, at.isoformat())


def _epoch() -> Select[str]:
    return select(SystemValue.value).where(SystemValue.key == DESK_EPOCH)


# Built once: each transaction of a desk asks.
_EPOCH = _epoch().with_for_update(read=True)
