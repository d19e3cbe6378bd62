"""How many calls of a report's period were corrected: said beside "as of" wherever marks count."""

from __future__ import annotations

from datetime import datetime

from agent_desk.services.reports.making import Asked
from agent_desk.store.reports import corrected
from agent_desk.store.unit_of_work import Session


def corrections(session: Session, asked: Asked, *periods: tuple[datetime, datetime]) -> int:
    """Of the calls of these periods, within the scope of who asks."""
    return sum(
        corrected.calls(
            session,
            start,
            end,
            teams=asked.teams,
            campaign_id=asked.whole("campaign"),
            user_id=asked.user_id,
        )
        for start, end in periods
    )
