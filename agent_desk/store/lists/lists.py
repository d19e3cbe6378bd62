"""Lists and their entries: made, filled, counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from agent_desk.models.lists import CustomerList, ListEntry


def list_id_of(
    session: Session,
    name: str,
    product_id: int,
    *,
    source: str,
    at: datetime,
    lawful_basis: str = "",
) -> int:
    """The list of this name, making it (with its provenance, rule R58) if there is none."""
    found = session.scalar(select(CustomerList.id).where(CustomerList.name == name))
    if found is not None:
        return found
    row = insert(CustomerList).values(
        name=name,
        product_id=product_id,
        source=source,
        lawful_basis=lawful_basis,
        created_at=at,
    )
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]


def exists(session: Session, list_id: int) -> bool:
    """Whether there is a list of this id."""
    return session.get(CustomerList, list_id) is not None


def product_of(session: Session, list_id: int) -> int:
    """The product a list is about; raises NoResultFound for an id that is none."""
    return session.scalars(select(CustomerList.product_id).where(CustomerList.id == list_id)).one()


def source_of(session: Session, list_id: int) -> str:
    """Whose external ids the files of a list hold."""
    return session.scalars(select(CustomerList.source).where(CustomerList.id == list_id)).one()


def add_entry(session: Session, list_id: int, customer_id: int, *, at: datetime) -> int:
    """Put a customer at the end of a list, to be called from `at` on; the entry's id."""
    row = insert(ListEntry).values(
        list_id=list_id, customer_id=customer_id, next_at=at, created_at=at
    )
    return int(session.execute(row).inserted_primary_key[0])  # type: ignore[attr-defined]
