"""List entries that only some seats may take, and who those are.

An operator's own callback is his for a while, a VIP customer belongs to operators named for the
campaign; both are shown in preview, never dialed ahead. A reserved entry has two times: the
reservation's `due_at` is for those it is kept for, its own `next_at` for everybody else. So
nothing is lost when nobody comes: at `next_at` the ordinary order meets it again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.strategy import ReservedEntry, VipOperator
from agent_desk.models.users import User
from agent_desk.store import straight
from agent_desk.store.leasing.candidates import EntryRow


@dataclass(frozen=True)
class Taker:
    """Whom a lease is for: nobody in particular, or the operator who previews."""

    user_id: int | None = None
    sees_vips: bool = False


NOBODY = Taker()


def taker(session: Session, campaign_id: int, seat_id: str | None) -> Taker:
    """The operator of a seat (its id is the username); `NOBODY` for None or nobody's seat."""
    if seat_id is None:
        return NOBODY
    named = exists().where(VipOperator.user_id == User.id, VipOperator.campaign_id == campaign_id)
    found = session.execute(select(User.id, named).where(User.username == seat_id)).first()
    return NOBODY if found is None else Taker(found[0], bool(found[1]))


def keep_for(
    session: Session, list_entry_id: int, list_id: int, *, user_id: int | None, due_at: datetime
) -> None:
    """Reserve an entry from `due_at` on, for one operator or (None) for those named for VIPs."""
    values = {"user_id": user_id, "due_at": due_at}
    where = ReservedEntry.list_entry_id == list_entry_id
    done = session.execute(update(ReservedEntry).where(where).values(**values))
    if done.rowcount == 0:  # type: ignore[attr-defined]
        row = insert(ReservedEntry).values(list_entry_id=list_entry_id, list_id=list_id, **values)
        session.execute(row)


def keep_vips(session: Session, entries: Sequence[EntryRow]) -> None:
    """Reserve entries of VIP customers from the time they have now."""
    for entry in entries:
        keep_for(session, entry.list_entry_id, entry.list_id, user_id=None, due_at=entry.next_at)


def put_off(session: Session, list_entry_id: int, *, until: datetime) -> None:
    """Those it is kept for may not call before `until` either."""
    where = ReservedEntry.list_entry_id == list_entry_id
    session.execute(
        update(ReservedEntry).where(where, ReservedEntry.due_at < until).values(due_at=until)
    )


def release(session: Session, list_entry_ids: Collection[int]) -> None:
    """Leased, or anybody's again."""
    straight.write(session, _RELEASE, {"entry_ids": list(list_entry_ids)})


# Built once: every lease and many an attempt that ends asks.
_RELEASE = delete(ReservedEntry).where(
    ReservedEntry.list_entry_id.in_(bindparam("entry_ids", expanding=True))
)
