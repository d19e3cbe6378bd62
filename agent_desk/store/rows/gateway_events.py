"""How far each gateway's numbered events are stored, by boot."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.system import GatewayEvents
from agent_desk.store import straight

_ADVANCED = "gateway_events"  # in a transaction's session: up to which event it has noted


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
    """Note event `seq` as stored if the one before it is the last that was; whether it is.

    The database is asked for the first of a transaction; those that follow it are in order.
    """
    found = {"of_gateway": gateway_id, "of_boot": boot_id, "before": seq - 1, "seq": seq}
    this = (_ADVANCED, gateway_id, boot_id)
    if session.info.get(this) == seq - 1:
        straight.write(session, _ADVANCE, found)
    elif straight.changed(session, _ADVANCE, found) == 0:
        return False
    session.info[this] = seq
    return True


def set_last_seq(
    session: Session, gateway_id: str, boot_id: str, seq: int, *, at: datetime
) -> None:
    """Note with the rows of an event that it is stored; never goes back."""
    session.info.pop((_ADVANCED, gateway_id, boot_id), None)
    where = (GatewayEvents.gateway_id == gateway_id, GatewayEvents.boot_id == boot_id)
    stored = session.scalar(select(GatewayEvents.last_seq).where(*where))
    if stored is None:
        row = {"gateway_id": gateway_id, "boot_id": boot_id, "last_seq": seq, "booted_at": at}
        session.execute(insert(GatewayEvents).values(**row))
    elif seq > stored:
        session.execute(update(GatewayEvents).where(*where).values(last_seq=seq))


# Dozens a second: made once, and past the session, which has no objects of these.
_ADVANCE = (
    update(GatewayEvents)
    .where(
        GatewayEvents.gateway_id == bindparam("of_gateway"),
        GatewayEvents.boot_id == bindparam("of_boot"),
        GatewayEvents.last_seq == bindparam("before"),
    )
    .values(last_seq=bindparam("seq"))
)
