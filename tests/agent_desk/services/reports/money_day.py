"""A centre whose calls and hours have prices, and one day in it that is known to the yen."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, update

from agent_desk.dialer.charges import Version
from agent_desk.models.campaigns import Campaign
from agent_desk.models.costs import CostRates
from agent_desk.store.campaigns import tariffs
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.dialer.test_charges import OSORA
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, add_entries, at, small_centre

DAY = date(2026, 11, 24)  # a Tuesday; NOON is its 12:00
HOUR = 3_600


def priced(database: Database) -> Story:
    """A centre whose campaign is on a tariff, with wages typed."""
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 4, next_s=-2 * 86_400)
        tariff_id = tariffs.add(session, "OSORA", at=NOON)
        begun = Version(date(2026, 11, 1), OSORA)
        tariffs.add_version(session, tariff_id, begun, by="admin1", at=NOON)
        session.execute(update(Campaign).values(tariff_id=tariff_id))
        rates = {
            "version": 1,
            "from_on": date(2026, 11, 1),
            "wage_yen": 1_500,
            "evening_percent": 10,
            "night_percent": 25,
            "holiday_percent": 35,
            "holiday_weekdays": 0b100_0000,
            "national_holidays": True,
            "monthly_yen": 60_000,
            "made_by": "manager1",
            "made_at": NOON,
        }
        session.execute(insert(CostRates).values(**rates))
    return Story(database, centre)


def a_day(story: Story, begun: float = 0) -> None:
    """12:00-19:00 and 21:00-23:00; two calls of a minute, one of them a contact; 4,000 yen paid."""
    story.available("operator1", at(begun))
    for seconds in (begun + 60, begun + 300):
        row = story.lease(at(seconds))
        story.bridge(row, "operator1", at(seconds))
        if seconds == begun + 60:
            story.mark(row, "operator1", "contact", at(seconds + 5))
        story.hang_up(row, "operator1", at(seconds + 60))
        story.save(row, "operator1", at(seconds + 70))
    evening, night = at(begun + 7 * HOUR), at(begun + 9 * HOUR)
    story.write(story.seat("operator1", "offline", evening, from_state="available"))
    story.available("operator2", night)
    late = at(begun + 11 * HOUR)
    story.write(story.seat("operator2", "offline", late, from_state="available"))
