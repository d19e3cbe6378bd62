"""How far each gateway's numbered events are stored, by boot."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.system import GatewayEvents
from agent_desk.store.kept_plans import kept


def last_seq(session: Session, gateway_id: str, boot_id: str) -> int:
    """Number of the last stored event of this boot; 0 when there is none."""
    query = select(GatewayEvents.last_seq).where(
        GatewayEvents.gateway_id == gateway_id, GatewayEvents.boot_id == boot_id
    )
    return session.scalar(query) or 0


def last_boots(session: Session) -> dict[str, str]:
    """The newest boot id of every gateway that ever said hello."""
    query = select(GatewayEvents.gateway_id, GatewayEvents.boot_id).order_by(
        GatewayEvents.booted_at
    )
    return {gateway_id: boot_id for gateway_id, boot_id in session.execute(query)}


def remember_boot(session: Session, gateway_id: str, boot_id: str, *, at: datetime) -> None:
    """Note a boot that said hello, keeping what is stored of it."""
    set_last_seq(session, gateway_id, boot_id, last_seq(session, gateway_id, boot_id), at=at)


def advance(session: Session, gateway_id: str, boot_id: str, seq: int) -> bool:
    """Note event `seq` as stored if the one before it is the last that was; whether it is."""
    found = {"of_gateway": gateway_id, "of_boot": boot_id, "before": seq - 1, "seq": seq}
    return session.connection().execute(_ADVANCE, found).rowcount == 1


def set_last_seq(
    session: Session, gateway_id: str, boot_id: str, seq: int, *, at: datetime
) -> None:
    """Note with the rows of an event that it is stored; never goes back."""
    where = (GatewayEvents.gateway_id == gateway_id, GatewayEvents.boot_id == boot_id)
    stored = session.scalar(select(GatewayEvents.last_seq).where(*where))
    if stored is None:
        row = {"gateway_id": gateway_id, "boot_id": boot_id, "last_seq": seq, "booted_at": at}
        session.execute(insert(GatewayEvents).values(**row))
    elif seq > stored:
        session.execute(update(GatewayEvents).where(*where).values(last_seq=seq))


# Dozens a second: made once, and past the session, which has no objects of these.
_ADVANCE = kept(
    update(GatewayEvents)
    .where(
        GatewayEvents.gateway_id == bindparam("of_gateway"),
        GatewayEvents.boot_id == bindparam("of_boot"),
        GatewayEvents.last_seq == bindparam("before"),
    )
    .values(last_seq=bindparam("seq"))
)
