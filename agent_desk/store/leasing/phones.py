"""A customer's numbers, opened for the one moment they are called."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer, Phone
from agent_desk.store.sealing import Sealer


def number(session: Session, sealer: Sealer, phone_id: int) -> str:
    """The number in E.164; LookupError for an id that is none."""
    sealed = session.scalar(select(Phone.number_sealed).where(Phone.id == phone_id))
    if sealed is None:
        raise LookupError(f"no phone has id {phone_id}")
    return sealer.open(sealed)


def lives_in(session: Session, sealer: Sealer, phone_id: int, prefecture: str) -> bool:
    """Whether the address of the number's customer is in this prefecture."""
    query = select(Customer.prefecture_key).join(Phone, Phone.customer_id == Customer.id)
    key = session.scalar(query.where(Phone.id == phone_id))
    return key is not None and key == sealer.area_key("prefecture", prefecture)
