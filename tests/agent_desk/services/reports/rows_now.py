"""The report of operators out of the rows of a small desk, as they are at this moment."""

from __future__ import annotations

from datetime import date

from agent_desk.services.reports import figures
from agent_desk.services.reports.figures import Report
from agent_desk.store.campaigns import campaigns
from tests.agent_desk.small_desk import SmallDesk


def report(
    desk: SmallDesk,
    first: date,
    last: date | None = None,
    *,
    campaign_id: int | None = None,
    teams: frozenset[int] | None = None,
) -> Report:
    """Of these days, both included; of one day where there is no `last`."""
    with desk.desk.database.read() as session:
        return figures.report(
            session,
            first,
            last or first,
            now=desk.clock.now(),
            campaign_id=campaign_id,
            teams=teams,
            campaigns=campaigns.all_facts(session),
            locale="ja",
        )
