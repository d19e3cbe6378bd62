"""People and areas that are left alone for a time, or for good (rules R06, R36, R60)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.models.base import UtcDateTime
from agent_desk.models.customers import Customer
from agent_desk.models.rules import AreaHold, CustomerHold
from agent_desk.store import straight
from agent_desk.store.lists.scope import customers_of

FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
# These never end by themselves, whatever date was written with them (R36).
REPRESENTED = frozenset({"lawyer_notice", "bankruptcy"})


@dataclass(frozen=True)
class HoldRow:
    """One hold in force on a person."""

    id: int
    customer_id: int
    external_id: str | None
    reason: str
    until: datetime
    ticket_due_at: datetime | None
    actor: str
    made_at: datetime


@dataclass(frozen=True)
class AreaRow:
    """One hold in force on an area."""

    id: int
    kind: str
    value: str
    area_key: str
    reason: str
    until: datetime
    actor: str
    made_at: datetime


def put(session: Session, customer_id: int, *, now: datetime, **columns: Any) -> int:
    """A new hold on a person; its id."""
    row = insert(CustomerHold).values(customer_id=customer_id, made_at=now, **columns)
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]


def in_force(now: Any) -> ColumnElement[bool]:
    """Whether a hold on a person stands at an instant, or at one bound by a parameter."""
    lasts = or_(CustomerHold.until > now, CustomerHold.reason.in_(sorted(REPRESENTED)))
    return and_(CustomerHold.released_at.is_(None), lasts)


def standing(session: Session, hold_id: int) -> HoldRow | None:
    """A hold nobody has released; None for any other id."""
    found = session.execute(_STANDING.where(CustomerHold.id == hold_id)).one_or_none()
    return None if found is None else HoldRow(*found)


def tickets_due(session: Session, until: datetime) -> list[tuple[int, datetime]]:
    """Complaints nobody has settled whose answer is due until then: hold and instant."""
    query = select(CustomerHold.id, CustomerHold.ticket_due_at).where(
        CustomerHold.released_at.is_(None), CustomerHold.ticket_due_at <= until
    )
    return [(row[0], row[1]) for row in session.execute(query) if row[1] is not None]


def made_since(session: Session, customer_id: int, since: datetime) -> set[str]:
    """The reasons somebody gave since an instant for leaving a person alone."""
    query = select(CustomerHold.reason).where(
        CustomerHold.customer_id == customer_id, CustomerHold.made_at >= since
    )
    return set(session.scalars(query))


def of_customer(session: Session, customer_id: int, now: datetime) -> dict[str, int]:
    """Why a person is left alone at this instant, with the id of the hold."""
    found = straight.rows(session, _OF_CUSTOMER, {"customer_id": customer_id, "now": now})
    return {row.reason: row.id for row in found}


def current(
    session: Session, now: datetime, *, limit: int, teams: Collection[int] | None
) -> list[HoldRow]:
    """Holds in force, newest first; `teams` (None: all) is who may see them."""
    query = _STANDING.where(in_force(now)).order_by(CustomerHold.id.desc())
    if teams is not None:
        query = query.where(CustomerHold.customer_id.in_(customers_of(teams)))
    return [HoldRow(*row) for row in session.execute(query.limit(limit))]


def release(session: Session, hold: HoldRow, *, now: datetime, actor: str) -> None:
    """End a hold; the row stays as evidence."""
    session.execute(
        update(CustomerHold)
        .where(CustomerHold.id == hold.id)
        .values(released_at=now, released_by=actor)
    )


def put_area(session: Session, *, now: datetime, **columns: Any) -> int:
    """A new hold on an area; its id."""
    row = insert(AreaHold).values(made_at=now, **columns)
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]


def standing_area(session: Session, hold_id: int) -> AreaRow | None:
    """An area's hold nobody has released; None for any other id."""
    found = session.execute(_AREAS.where(AreaHold.id == hold_id)).one_or_none()
    return None if found is None else AreaRow(*found)


def current_areas(session: Session, now: datetime) -> list[AreaRow]:
    """Areas nobody is called in, newest first."""
    query = _AREAS.where(AreaHold.until > now).order_by(AreaHold.id.desc())
    return [AreaRow(*row) for row in session.execute(query)]


def release_area(session: Session, hold_id: int, *, now: datetime, actor: str) -> None:
    """End an area's hold; the row stays as evidence."""
    session.execute(
        update(AreaHold).where(AreaHold.id == hold_id).values(released_at=now, released_by=actor)
    )


def set_wish(
    session: Session,
    customer_id: int,
    *,
    from_minute: int | None,
    until_minute: int | None,
    weekdays: int | None,
    ends_on: date | None,
) -> None:
    """The hours the person named for contact (R02); all None: none any more."""
    _set(
        session,
        customer_id,
        {
            "contact_from_minute": from_minute,
            "contact_until_minute": until_minute,
            "contact_weekdays": weekdays,
            "contact_wish_ends_on": ends_on,
        },
    )


def set_vip(session: Session, customer_id: int, on: bool) -> None:
    """Mark a person as one who is called by people only, one at a time (A33)."""
    _set(session, customer_id, {"vip": on})


def _set(session: Session, customer_id: int, values: Mapping[str, Any]) -> None:
    session.execute(update(Customer).where(Customer.id == customer_id).values(**values))


_STANDING = (
    select(
        CustomerHold.id,
        CustomerHold.customer_id,
        Customer.external_id,
        CustomerHold.reason,
        CustomerHold.until,
        CustomerHold.ticket_due_at,
        CustomerHold.actor,
        CustomerHold.made_at,
    )
    .join(Customer, Customer.id == CustomerHold.customer_id)
    .where(CustomerHold.released_at.is_(None))
)
_AREAS = select(
    AreaHold.id,
    AreaHold.kind,
    AreaHold.value,
    AreaHold.area_key,
    AreaHold.reason,
    AreaHold.until,
    AreaHold.actor,
    AreaHold.made_at,
).where(AreaHold.released_at.is_(None))


# Built once: each record that is shown asks.
_OF_CUSTOMER = (
    select(CustomerHold.id, CustomerHold.reason)
    .where(
        CustomerHold.customer_id == bindparam("customer_id"),
        in_force(bindparam("now", type_=UtcDateTime())),
    )
    .order_by(CustomerHold.id)
)
