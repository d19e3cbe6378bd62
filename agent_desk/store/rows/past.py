"""What happened before this desk: notes and promises that come with a customer's file."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from agent_desk.models.customers import Note
from agent_desk.models.results import Promise
from agent_desk.store.sealing import Sealer


def add_note(
    session: Session, sealer: Sealer, customer_id: int, *, text: str, at: datetime
) -> None:
    """A note nobody here wrote."""
    session.execute(
        insert(Note).values(customer_id=customer_id, text_sealed=sealer.seal(text), at=at)
    )


def add_promise(
    session: Session,
    customer_id: int,
    *,
    due_on: date,
    amount_yen: int,
    state: str,
    made_at: datetime,
) -> None:
    """A promise made elsewhere; `state` is kept or broken."""
    session.execute(
        insert(Promise).values(
            customer_id=customer_id,
            due_on=due_on,
            amount_yen=amount_yen,
            state=state,
            made_at=made_at,
        )
    )
