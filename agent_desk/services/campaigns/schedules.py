"""Campaigns that start and end by themselves, by the business clock.

A planned start sets a campaign running, a planned end stops it; nothing else does. Each is seen to
once, and which was last is kept with it: whoever stops a campaign by hand finds it stopped until
its next planned start, and a desk that was down at a start makes up for it while the campaign
should be running. Whom the rules of calling protect is not called because a schedule says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.commands import SetCampaignRunning
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.campaigns.recent_changes import WAS
from agent_desk.services.campaigns.settings import Settings
from agent_desk.services.ports import Clock
from agent_desk.services.rules.calendar import closed_days
from agent_desk.services.running.group_commit import Entry, GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import schedules as rows
from agent_desk.store.campaigns.schedules import ScheduleRow
from agent_desk.store.unit_of_work import Database, Session

BY = "schedule"  # who set a campaign running, or stopped it
SEARCHED_DAYS = 60  # no row of holidays and days off is as long
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Edge:
    """A planned start, or a planned end."""

    at: datetime
    starts: bool


def works_on(row: ScheduleRow, day: date) -> bool:
    """Whether the campaign starts by itself on this Japanese day."""
    if (row.first_on and day < row.first_on) or (row.last_on and day > row.last_on):
        return False
    if row.closed_on_holidays and day in closed_days(day.year):
        return False
    return day.weekday() in row.weekdays


def last_edge(row: ScheduleRow, now: datetime) -> Edge | None:
    """The newest planned start or end up to `now`, which counts."""
    today = business_date(now)
    for back in range(SEARCHED_DAYS):
        day = today - back * DAY
        if not works_on(row, day):
            continue
        for edge in (Edge(at(day, row.end_minute), False), Edge(at(day, row.start_minute), True)):
            if edge.at <= now:
                return edge
    return None


def next_start(row: ScheduleRow, now: datetime) -> datetime | None:
    """The first planned start after `now`; None: none is in sight."""
    today = business_date(now)
    for ahead in range(SEARCHED_DAYS):
        day = today + ahead * DAY
        if works_on(row, day) and at(day, row.start_minute) > now:
            return at(day, row.start_minute)
    return None


def planned(wanted: Settings, now: datetime) -> ScheduleRow:
    """The schedule of settings that are without fault."""
    first, last = wanted["first_on"], wanted["last_on"]
    return ScheduleRow(
        campaign_id=0,
        weekdays=frozenset(wanted["weekdays"]),
        start_minute=wanted["start_minute"],
        end_minute=wanted["end_minute"],
        first_on=date.fromisoformat(first) if first else None,
        last_on=date.fromisoformat(last) if last else None,
        seen_to=now,
        closed_on_holidays=wanted["closed_on_holidays"],
    )


def next_starts(session: Session, now: datetime) -> Mapping[int, datetime]:
    """When campaigns start next by themselves, by id."""
    found = {row.campaign_id: next_start(row, now) for row in rows.all_planned(session)}
    return {campaign_id: start for campaign_id, start in found.items() if start is not None}


class Schedules:
    """Sees to planned starts and ends; `step` several times a second."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._asked: dict[int, tuple[datetime, Entry]] = {}

    def step(self) -> None:
        """Start and stop what is due. While the clock is wrong nothing is."""
        if self._clock.stepped:
            return
        now = self._clock.now()
        with self._database.read() as session:
            schedules = rows.all_planned(session)
        for row in schedules:
            edge = last_edge(row, now)
            if edge is not None and edge.at > row.seen_to and not self._is_asked(row, edge):
                self._asked[row.campaign_id] = (edge.at, self._see_to(row, edge))

    def _is_asked(self, row: ScheduleRow, edge: Edge) -> bool:
        """Whether this one is on the queue already, or done; one that failed is asked again."""
        known = self._asked.get(row.campaign_id)
        if known is None or known[0] != edge.at:
            return False
        return known[1].reply is None or known[1].reply.ok

    def _see_to(self, row: ScheduleRow, edge: Edge) -> Entry:
        campaign = self._commits.floor.campaigns[CampaignId(row.campaign_id)]
        wanted = "running" if edge.starts else "stopped"
        now = self._clock.now()
        changes = campaign.running != wanted

        def note(session: Session) -> None:
            rows.see_to(session, row.campaign_id, edge.at)
            if changes:
                audit.append(
                    session,
                    at=now,
                    actor=BY,
                    action=f"campaign.{wanted}",
                    subject=f"campaign:{row.campaign_id}",
                    details={"planned": edge.at.isoformat(), f"running{WAS}": campaign.running},
                )

        if not changes:
            return self._commits.put(None, rows=note)
        command = SetCampaignRunning(campaign.campaign_id, wanted, BY)  # type: ignore[arg-type]
        return self._commits.put(command, rows=note)
