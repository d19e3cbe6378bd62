"""What the reports on money are asked: a period, one before it, a campaign, and who asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.making import Asked, Ground, within
from agent_desk.services.reports.money import Question
from agent_desk.services.reports.operators_report import FEW_DAYS, facts_if_there
from agent_desk.store.campaigns import campaigns
from agent_desk.store.reports.achievements import Scope
from agent_desk.store.unit_of_work import Session

# Costs tell wages: neither operators nor leads are shown them.
COST_READERS = ("manager", "auditor", "admin")
COST_WRITERS = ("manager", "admin")
LONGEST_DAYS = 366


def may_see_costs(role: str) -> bool:
    """Whether wages and what follows from them are shown to this role."""
    return role in COST_READERS


def question(asked: Asked, first: str = "from", last: str = "to") -> Question:
    """The period named by these two parameters; ServiceError `bad-payload`, and `not-in-scope`
    for who sees themselves only: these figures are about everybody."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    begun, ended = asked.day(first), asked.day(last)
    _check(begun, ended, last)
    return Question(begun, ended, Scope(asked.whole("campaign"), asked.teams), asked.now)


def _check(first: date, last: date, name: str) -> None:
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise ServiceError("bad-payload", reason=name)


def out_of_facts(wanted: Question, ground: Ground) -> Question:
    """The same, counted out of the facts where it is about more than a few days."""
    few = (wanted.last - wanted.first).days < FEW_DAYS
    return replace(wanted, facts=None if few else facts_if_there(ground))


def require_campaign(session: Session, asked: Asked) -> str:
    """The name of the campaign asked for, "" where it is all of them; ServiceError
    not-in-scope."""
    campaign_id = asked.whole("campaign")
    if campaign_id is None:
        return ""
    for each in campaigns.all_facts(session):
        if each.campaign_id == campaign_id and within(asked, each.team_ids):
            return each.name
    raise ServiceError("not-in-scope", campaign=campaign_id)
