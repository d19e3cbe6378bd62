"""What customers said of us (お客様の声), sealed, one text per call and person who heard it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call
from agent_desk.models.satisfaction import CustomerVoice
from agent_desk.models.users import User
from agent_desk.store.sealing import Sealer

Heard = Literal["talk", "recording"]


@dataclass(frozen=True)
class VoiceRow:
    """One text of a call, and who heard it where."""

    username: str
    heard: str
    text: str
    at: datetime


def write(
    session: Session,
    sealer: Sealer,
    call_id: str,
    *,
    user_id: int,
    heard: Heard,
    text: str,
    at: datetime,
) -> None:
    """Keep what this person heard there instead of what they wrote before; no text: nothing."""
    mine = (
        CustomerVoice.call_id == call_id,
        CustomerVoice.user_id == user_id,
        CustomerVoice.heard == heard,
    )
    if not text:
        session.execute(delete(CustomerVoice).where(*mine))
        return
    values = {"text_sealed": sealer.seal(text), "at": at}
    known = session.scalar(select(CustomerVoice.id).where(*mine))
    if known is not None:
        session.execute(update(CustomerVoice).where(CustomerVoice.id == known).values(**values))
        return
    call = session.execute(
        select(Call.campaign_id, Call.customer_id).where(Call.id == call_id)
    ).one()
    session.execute(
        insert(CustomerVoice).values(
            call_id=call_id,
            campaign_id=call.campaign_id,
            customer_id=call.customer_id,
            user_id=user_id,
            heard=heard,
            **values,
        )
    )


def of_call(session: Session, sealer: Sealer, call_id: str) -> list[VoiceRow]:
    """Everything written of one call, oldest first."""
    query = (
        select(CustomerVoice, User.username)
        .join(User, User.id == CustomerVoice.user_id)
        .where(CustomerVoice.call_id == call_id)
        .order_by(CustomerVoice.at, CustomerVoice.id)
    )
    return [
        VoiceRow(username, row.heard, sealer.open(row.text_sealed), row.at)
        for row, username in session.execute(query)
    ]


def own(session: Session, sealer: Sealer, call_id: str, *, user_id: int, heard: Heard) -> str:
    """What this person wrote of the call, "" for nothing."""
    query = select(CustomerVoice.text_sealed).where(
        CustomerVoice.call_id == call_id,
        CustomerVoice.user_id == user_id,
        CustomerVoice.heard == heard,
    )
    sealed = session.scalar(query)
    return "" if sealed is None else sealer.open(sealed)
