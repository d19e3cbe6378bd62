"""Versions of campaigns' scripts, and the statements ticked on calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer
from agent_desk.models.scripts import ScriptTick, ScriptVersion, ThirdPartyScript, VipScript

Audience = Literal["customer", "third_party", "vip"]
# Where the versions are kept, and the column that holds the one in use.
_Kept = type[ScriptVersion] | type[ThirdPartyScript] | type[VipScript]
_KEPT: Mapping[Audience, tuple[_Kept, str]] = {
    "customer": (ScriptVersion, "script"),
    "third_party": (ThirdPartyScript, "third_party_script"),
    "vip": (VipScript, "vip_script"),
}


@dataclass(frozen=True)
class VersionRow:
    """One version; `lint` are the findings it was saved with."""

    version: int
    text: str
    lint: Sequence[Mapping[str, Any]]
    allowed: str
    by: str
    at: datetime


def add(
    session: Session,
    campaign_id: int,
    *,
    text: str,
    lint: Sequence[Mapping[str, Any]],
    allowed: str,
    by: str,
    at: datetime,
    audience: Audience = "customer",
) -> int:
    """The next version, in use from now on; its number."""
    model, column = _KEPT[audience]
    version = newest(session, campaign_id, audience) + 1
    session.execute(
        insert(model).values(
            campaign_id=campaign_id,
            version=version,
            text=text,
            lint=list(lint),
            allowed=allowed,
            by=by,
            at=at,
        )
    )
    session.execute(update(Campaign).where(Campaign.id == campaign_id).values({column: text}))
    return version


def newest(session: Session, campaign_id: int, audience: Audience = "customer") -> int:
    """The version in use; 0 for a text that was there before versions were kept."""
    model, _ = _KEPT[audience]
    query = select(func.max(model.version)).where(model.campaign_id == campaign_id)
    return session.scalar(query) or 0


def versions(
    session: Session, campaign_id: int, audience: Audience = "customer"
) -> list[VersionRow]:
    """All versions, newest first."""
    model, _ = _KEPT[audience]
    columns = (model.version, model.text, model.lint, model.allowed, model.by, model.at)
    query = select(*columns).where(model.campaign_id == campaign_id)
    return [VersionRow(*row) for row in session.execute(query.order_by(model.version.desc()))]


def tick(
    session: Session,
    call_id: str,
    *,
    user_id: int,
    version: int,
    audience: Audience,
    statement: str,
    ticked: bool,
    at: datetime,
) -> None:
    """Append what an operator says of a statement."""
    session.execute(
        insert(ScriptTick).values(
            call_id=call_id,
            user_id=user_id,
            version=version,
            audience=audience,
            statement=statement,
            ticked=ticked,
            at=at,
        )
    )


def ticks(session: Session, call_id: str) -> dict[str, bool]:
    """What was said last of each statement on this call."""
    query = (
        select(ScriptTick.statement, ScriptTick.ticked)
        .where(ScriptTick.call_id == call_id)
        .order_by(ScriptTick.id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def current(session: Session, campaign_id: int, audience: Audience = "customer") -> tuple[int, str]:
    """The version in use and its text."""
    column = getattr(Campaign, _KEPT[audience][1])
    text = session.scalar(select(column).where(Campaign.id == campaign_id))
    return newest(session, campaign_id, audience), text or ""


def in_use(
    session: Session, campaign_id: int, *, customer_id: int | None, third_party: bool
) -> tuple[Audience, int, str]:
    """For whom the script of a talk is, its version and its text.

    Somebody else and VIPs hear what the campaign has for them, or else what it has for everybody.
    """
    special: list[Audience] = ["third_party"] if third_party else []
    if customer_id is not None and _is_vip(session, customer_id):
        special.append("vip")
    for audience in special:
        version, text = current(session, campaign_id, audience)
        if text:
            return audience, version, text
    return "customer", *current(session, campaign_id)


def _is_vip(session: Session, customer_id: int) -> bool:
    return bool(session.scalar(select(Customer.vip).where(Customer.id == customer_id)))
