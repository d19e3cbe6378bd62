"""The report of operators and the funnel, made beside the desk; and what somebody sees of
themselves. A month that was closed is shown as it was closed (`closed_report.py`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import closed_report, operator_data
from agent_desk.services.reports.closed_report import Closing
from agent_desk.services.reports.corrections import corrections
from agent_desk.services.reports.figures import Report, report
from agent_desk.services.reports.making import Asked, Ground, Made, Table
from agent_desk.services.reports.operator_tables import funnel_table, operators_table, points
from agent_desk.store.campaigns import campaigns
from agent_desk.store.facts.reading import Facts
from agent_desk.store.reports.late_changes import Whose

# Up to so many days the rows are counted as they are at this moment; of more, the facts.
FEW_DAYS = 3


@dataclass(frozen=True)
class _Found:
    report: Report
    closing: Closing | None
    corrections: int


def make(asked: Asked, ground: Ground) -> Made:
    """Of the days `from` to `to` and one `campaign`, or all of them; scope in the queries.
    `figures=now`: of a closed month, as they are now."""
    found = _find(asked, ground)
    tables = [operators_table(found.report), funnel_table(found.report, asked.locale)]
    made = _made(asked, found, tables, "operators.html")
    data = partial(operator_data.told, found.report, found.closing, asked.params)
    return replace(made, picture="_funnel.html", data=data)


def make_own(asked: Asked, ground: Ground) -> Made:
    """What somebody sees of themselves; never of anybody else (B30)."""
    if asked.user_id is None:
        raise ServiceError("not-in-scope")
    # Their own row wherever they worked: whoever asks is the scope.
    found = _find(asked, ground, own=True)
    return _made(asked, found, [operators_table(found.report)], "own.html")


def _made(asked: Asked, found: _Found, tables: list[Table], template: str) -> Made:
    if found.closing is not None:
        tables = [*tables, *closed_report.tables(found.closing, asked.locale)]
    values = {
        "report": found.report,
        "closing": found.closing,
        "points": points,
    }
    past = found.report.past
    return Made(
        tables,
        found.report.as_of,
        template,
        values,
        corrections=found.corrections,
        beside=[] if past is None else [(past.first, past.last)],
        tells_closed=found.closing.version.month if found.closing else "",
    )


def _find(asked: Asked, ground: Ground, *, own: bool = False) -> _Found:
    campaign_id = asked.whole("campaign")
    first, last = asked.day("from"), asked.day("to")
    teams = None if own else asked.teams
    with ground.database.read() as session:
        book = campaigns.all_facts(session)
        if campaign_id is not None and not any(
            each.campaign_id == campaign_id and (asked.teams is None or asked.teams & each.team_ids)
            for each in book
        ):
            raise ServiceError("not-in-scope", campaign=campaign_id)
        now = report(
            session,
            first,
            last,
            now=asked.now,
            campaign_id=campaign_id,
            teams=teams,
            campaigns=book,
            locale=asked.locale,
            user_id=asked.user_id,
            facts=facts_if_there(ground) if (last - first).days >= FEW_DAYS else None,
            compared=not own,
        )
        whose = Whose(campaign_id, teams, asked.user_id)
        closing = closed_report.closing_of(session, asked, whose, (first, last), now)
        days = instant_of(first, 0), instant_of(last + timedelta(days=1), 0)
        scope = replace(asked, teams=teams)
        later = corrections(session, scope, days)
    return _Found(closing.report if closing else now, closing, later)


def facts_if_there(ground: Ground) -> Facts | None:
    """The facts, if they are there: until they are, the rows say the same more slowly."""
    try:
        return ground.facts()
    except ServiceError:
        return None
