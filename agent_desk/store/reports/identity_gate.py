"""本人確認 of a period: how often the answer matched, and how often the gate stayed shut (R32)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Campaign
from agent_desk.models.results import IdentityCheck
from agent_desk.store.reports.dialing import Period


@dataclass(frozen=True)
class GateCount:
    """Of one campaign: checks, those that did not match, calls left with somebody else."""

    campaign: str
    checks: int
    missed: int
    third_party_calls: int


def counts(session: Session, period: Period) -> list[GateCount]:
    """In order of the campaign's name."""
    third = case((IdentityCheck.state == "third_party", IdentityCheck.call_id))
    query = (
        select(
            Campaign.name,
            func.count(),
            _number(IdentityCheck.state.not_in(("verified", "matched"))),
            func.count(third.distinct()),
        )
        .join(Attempt, Attempt.id == IdentityCheck.call_id)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(*period.within(ours=False))
        .group_by(Campaign.name)
        .order_by(Campaign.name)
    )
    return [
        GateCount(row[0], *(int(each or 0) for each in row[1:])) for row in session.execute(query)
    ]


def _number(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
