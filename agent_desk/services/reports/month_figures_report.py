"""The figures of a month that is being closed, made beside the desk and handed to it as they are
stored: the desk keeps them and opens none of it (`month_data.py`)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.paid_time import with_paid_time
from agent_desk.services.reports import month_figures
from agent_desk.services.reports.audit_scores import with_scores
from agent_desk.services.reports.making import Asked, Ground, Made
from agent_desk.services.reports.month_data import MonthFigures, days, told
from agent_desk.services.reports.operators_report import facts_if_there
from agent_desk.store.campaigns import campaigns, statuses
from agent_desk.store.campaigns.campaigns import FactsRow
from agent_desk.store.facts import figures as of_facts
from agent_desk.store.facts.reading import Facts
from agent_desk.store.lists import valid_calls
from agent_desk.store.reports import closed_months, late_changes
from agent_desk.store.reports import figures as reporting
from agent_desk.store.reports.figures import FunnelCounts
from agent_desk.store.reports.operator_rows import OperatorRow
from agent_desk.store.unit_of_work import Session

_WORDS = "closing.progress"


def make(asked: Asked, ground: Ground) -> Made:
    """Of `month`, everybody's. ServiceError month-unknown, month-not-over."""
    first, last = days(asked.params.get("month", ""))
    start, end = instant_of(first, 0), instant_of(last + timedelta(days=1), 0)
    if asked.now < end:
        raise ServiceError("month-not-over")
    facts = facts_if_there(ground)
    if facts is not None and facts.as_of < end:
        facts = None
    as_of = asked.now if facts is None else facts.as_of
    with ground.database.read() as session:
        known = late_changes.known(session)
        if facts is not None:  # what came after these is in no fact yet
            known |= facts.read_up_to[0]
        book = [each for each in campaigns.all_facts(session) if not each.training]
        funnels = _funnels(facts, session, start, end)
        rows = _operators(facts, session, start, end, as_of)
        rows = with_paid_time(session, rows, first, last, now=as_of)
        parts = {closed_months.OF_ALL: month_figures.packed(rows, funnels)}
        for place, campaign in enumerate(book, start=1):
            theirs = _operators(facts, session, start, end, as_of, campaign.campaign_id)
            own = {key: each for key, each in funnels.items() if key == campaign.campaign_id}
            if theirs or own:
                parts[campaign.campaign_id] = month_figures.packed(theirs, own)
            ground.tell(place / len(book), _WORDS, n=place, of=len(book))
        definitions = _definitions(session, book)
    figures = MonthFigures(as_of, definitions, known, parts)
    return Made([], as_of, data=lambda: told(figures))


def _operators(
    facts: Facts | None,
    session: Session,
    start: datetime,
    end: datetime,
    as_of: datetime,
    campaign_id: int | None = None,
) -> list[OperatorRow]:
    if facts is None:
        rows = reporting.operators(session, start, end, now=as_of, campaign_id=campaign_id)
    else:
        rows = of_facts.operators(facts, session, start, end, now=as_of, campaign_id=campaign_id)
    return with_scores(session, rows, start, end, campaign_id)


def _funnels(
    facts: Facts | None, session: Session, start: datetime, end: datetime
) -> dict[int, FunnelCounts]:
    if facts is None:
        return reporting.funnel(session, start, end).by_campaign
    return of_facts.funnel(facts, session, start, end).by_campaign


def _definitions(session: Session, book: list[FactsRow]) -> dict[str, Any]:
    """By which formulas, with which statuses, and what a valid call was in each campaign."""
    ways = {
        str(each.campaign_id): [
            [row.code, row.label_ja, row.label_en, row.bars is not None]
            for row in statuses.of_campaign(session, each.campaign_id)
        ]
        for each in book
    }
    valid = {
        str(campaign): [
            {
                "since": version.since.isoformat() if version.since else None,
                **asdict(version.definition),
            }
            for version in history.versions
        ]
        for campaign, history in sorted(valid_calls.histories(session).items())
    }
    return {"formulas": month_figures.FORMULAS, "ways": ways, "valid_calls": valid}
