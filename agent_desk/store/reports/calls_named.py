"""Calls by their ids, as a report lists them: no names and no numbers of customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign, CampaignTeam, Status
from agent_desk.models.results import StatusMark
from agent_desk.models.users import User

AT_ONCE = 500


@dataclass(frozen=True)
class NamedCall:
    """One attempt that is over. `statuses` are labels, `talk_s` None without a talk."""

    call_id: str
    leased_at: datetime
    campaign: str
    operator: str
    outcome: str
    statuses: tuple[str, ...]
    talk_s: float | None


def rows(
    session: Session, call_ids: Sequence[str], *, teams: Collection[int] | None, locale: str
) -> list[NamedCall]:
    """In the order of `call_ids`; those of campaigns of these teams (None: all)."""
    found: dict[str, NamedCall] = {}
    for first in range(0, len(call_ids), AT_ONCE):
        some = list(call_ids[first : first + AT_ONCE])
        on = _statuses(session, some, locale)
        query = (
            select(Attempt, Call, AttemptOutcome.outcome, Campaign.name, User.name)
            .join(Call, Call.id == Attempt.id)
            .join(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
            .join(Campaign, Campaign.id == Attempt.campaign_id)
            .outerjoin(User, User.id == Call.seat_user_id)
            .where(Attempt.id.in_(some))
        )
        if teams is not None:
            theirs = select(CampaignTeam.campaign_id).where(CampaignTeam.team_id.in_(list(teams)))
            query = query.where(Attempt.campaign_id.in_(theirs))
        for attempt, call, outcome, campaign, operator in session.execute(query):
            talk_s = None
            if call.bridged_at is not None and call.ended_at is not None:
                talk_s = (call.ended_at - call.bridged_at).total_seconds()
            found[attempt.id] = NamedCall(
                attempt.id,
                attempt.leased_at,
                campaign,
                operator or "",
                outcome,
                tuple(on.get(attempt.id, ())),
                talk_s,
            )
    return [found[call_id] for call_id in call_ids if call_id in found]


def _statuses(session: Session, call_ids: Sequence[str], locale: str) -> dict[str, list[str]]:
    """What is on at each call, as its campaign calls it."""
    label = Status.label_en if locale == "en" else Status.label_ja
    query = (
        select(StatusMark.call_id, label)
        .join(
            Status,
            (Status.campaign_id == StatusMark.campaign_id) & (Status.code == StatusMark.code),
        )
        .where(StatusMark.call_id.in_(call_ids), StatusMark.current, StatusMark.marked)
        .order_by(StatusMark.call_id, Status.position)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for call_id, name in session.execute(query):
        found[call_id].append(name)
    return found
