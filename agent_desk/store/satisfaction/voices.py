"""What customers said of us (お客様の声), sealed, one text per call and person who heard it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.satisfaction import CallScore, CustomerVoice
from agent_desk.models.users import User
from agent_desk.store.reports.scope import of_campaigns, people_of
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


@dataclass(frozen=True)
class HeardVoice:
    """One text with its call; `score` is what the customer pressed there."""

    call_id: str
    on: datetime
    campaign: str
    username: str
    heard: str
    text: str
    score: int | None


def listed(
    session: Session, sealer: Sealer, where: Sequence[ColumnElement[bool]], *, most: int
) -> list[HeardVoice]:
    """Texts under conditions on them (`figures.voices_within`), newest first."""
    query = (
        select(CustomerVoice, Campaign.name, User.username, CallScore.score)
        .join(Campaign, Campaign.id == CustomerVoice.campaign_id)
        .join(User, User.id == CustomerVoice.user_id)
        .outerjoin(CallScore, CallScore.call_id == CustomerVoice.call_id)
        .where(*where)
        .order_by(CustomerVoice.at.desc(), CustomerVoice.id.desc())
        .limit(most)
    )
    return [
        HeardVoice(
            row.call_id, row.at, campaign, who, row.heard, sealer.open(row.text_sealed), score
        )
        for row, campaign, who, score in session.execute(query)
    ]


def listed_of(session: Session, sealer: Sealer, call_id: str, *, most: int) -> list[HeardVoice]:
    """Those of one call."""
    return listed(session, sealer, [CustomerVoice.call_id == call_id], most=most)


def call_on(session: Session, call_id: str, teams: Collection[int] | None) -> datetime | None:
    """When a bridged call in the scope of these teams (None: all) was made; None for any other."""
    found = select(Call.leased_at).where(
        Call.id == call_id,
        Call.bridged_at.is_not(None),
        *of_campaigns(Call.campaign_id, teams=teams),
    )
    if teams is not None:
        found = found.where(Call.seat_user_id.in_(sorted(people_of(session, teams))))
    return session.scalar(found)
