"""Talks in which statements had to be made, and what operators said they had made (R31, R37, R52).

A script may have changed since: each talk is held against the version that was in use when it
ended, or the one its operator was shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer
from agent_desk.models.results import StatusMark
from agent_desk.models.scripts import ScriptTick, ScriptVersion, ThirdPartyScript, VipScript
from agent_desk.models.users import User
from agent_desk.store.reports.dialing import Period


@dataclass(frozen=True)
class Talk:
    """A talk about the matter: with the person, where that had to be proven, else one that was
    given a status."""

    call_id: str
    campaign_id: int
    campaign: str
    operator: str
    leased_at: datetime
    ended_at: datetime
    identity: str
    vip: bool


@dataclass(frozen=True)
class Ticks:
    """What was said last of each statement of a call, and from which script."""

    audience: str
    version: int
    said: Mapping[str, bool]


@dataclass(frozen=True)
class ScriptText:
    """One version; number 0: a text from before versions were kept."""

    version: int
    text: str
    at: datetime | None


def talks(session: Session, period: Period) -> list[Talk]:
    """Those that are over, oldest first."""
    given = (
        select(StatusMark.id)
        .where(StatusMark.call_id == Call.id, StatusMark.current, StatusMark.marked)
        .correlate(Call)
    )
    asking = session.scalars(select(Campaign.id).where(Campaign.identity_needed)).all()
    about = or_(
        and_(Call.campaign_id.in_(asking), Call.identity == "verified"),
        and_(Call.campaign_id.not_in(asking), given.exists()),
    )
    # Customers lie all over the disk: looked at where they have a script of their own.
    own_script = Call.campaign_id.in_(
        [campaign_id for campaign_id, audience in scripts(session) if audience == "vip"]
    )
    vip = select(Customer.vip).where(Customer.id == Call.customer_id).correlate(Call)
    query: Select[*tuple[Any, ...]] = (
        select(
            Call.id,
            Call.campaign_id,
            Campaign.name,
            User.name,
            Call.leased_at,
            Call.ended_at,
            Call.identity,
            func.coalesce(case((own_script, vip.scalar_subquery())), false()),
        )
        .join(Campaign, Campaign.id == Call.campaign_id)
        .join(User, User.id == Call.seat_user_id)
        .where(
            *period.answered(),
            Call.bridged_at.is_not(None),
            Call.ended_at.is_not(None),
            about,
        )
        .order_by(Call.leased_at, Call.id)
    )
    return [Talk(*row) for row in session.execute(query)]


def ticks(session: Session, period: Period) -> dict[str, Ticks]:
    """By call, of those with any."""
    query = (
        select(
            ScriptTick.call_id,
            ScriptTick.audience,
            ScriptTick.version,
            ScriptTick.statement,
            ScriptTick.ticked,
        )
        .join(Attempt, Attempt.id == ScriptTick.call_id)
        .where(*period.within(ours=False))
        .order_by(ScriptTick.id)
    )
    said: dict[str, dict[str, bool]] = defaultdict(dict)
    shown: dict[str, tuple[str, int]] = {}
    for call_id, audience, version, statement, ticked in session.execute(query):
        said[call_id][statement] = ticked
        shown[call_id] = (audience, version)
    return {call_id: Ticks(*shown[call_id], said[call_id]) for call_id in said}


def scripts(session: Session) -> dict[tuple[int, str], Sequence[ScriptText]]:
    """Every version by campaign and audience, oldest first."""
    found: dict[tuple[int, str], list[ScriptText]] = defaultdict(list)
    for audience, (model, column) in _KEPT.items():
        query: Select[*tuple[Any, ...]] = select(
            model.campaign_id, model.version, model.text, model.at
        )
        for campaign_id, *version in session.execute(query.order_by(model.version)):
            found[campaign_id, audience].append(ScriptText(*version))
        for campaign_id, text in session.execute(select(Campaign.id, column)):
            if text and not found[campaign_id, audience]:
                found[campaign_id, audience].append(ScriptText(0, text, None))
    return dict(found)


_KEPT: Mapping[str, tuple[Any, Any]] = {
    "customer": (ScriptVersion, Campaign.script),
    "third_party": (ThirdPartyScript, Campaign.third_party_script),
    "vip": (VipScript, Campaign.vip_script),
}
