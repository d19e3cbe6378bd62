"""Figures for managers: per operator and the funnel, from closed rows only, within scope.

A page is looked at; a file leaves the house. So only the export is noted in the audit trail.
`report` is asked beside the desk (`operators_report.py`), the service in it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.spreadsheets import inert
from agent_desk.services.mailing.all_schedules import AllSchedules
from agent_desk.services.mailing.handing_out import HandingOut
from agent_desk.services.mailing.schedules import Schedules
from agent_desk.services.people.paid_time import with_paid_time
from agent_desk.services.ports import Clock
from agent_desk.services.reports.audit_scores import with_scores
from agent_desk.services.reports.funnels import (
    FunnelStep,
    StatusColumn,
    funnel,
    merged,
    outcomes,
)
from agent_desk.services.reports.month_closing import MonthClosing
from agent_desk.services.reports.requests import Requests
from agent_desk.services.reports.run_log import RunLog
from agent_desk.services.reports.saved_reports import SavedReports
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.day_figures import business_date
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.running.timers import Job
from agent_desk.store import audit
from agent_desk.store.campaigns import statuses
from agent_desk.store.campaigns.campaigns import FactsRow
from agent_desk.store.campaigns.statuses import StatusRow
from agent_desk.store.facts import figures as of_facts
from agent_desk.store.facts.reading import Facts
from agent_desk.store.reports import figures as reporting
from agent_desk.store.reports.figures import FunnelCounts
from agent_desk.store.reports.operator_rows import OperatorRow
from agent_desk.store.reports.operator_rows import total as total_of
from agent_desk.store.unit_of_work import Database, Session
from config import DeskConfig


@dataclass(frozen=True)
class Report:
    """One period's figures. Seconds are whole intervals cut at the period's edges."""

    rows: Sequence[OperatorRow]
    total: OperatorRow
    statuses: Sequence[StatusColumn]
    funnel: Sequence[FunnelStep]
    outcomes: Sequence[FunnelStep]  # of those who left the way: no steps, so `rate_prev` is None
    as_of: datetime
    past: PastFunnel | None = None


@dataclass(frozen=True)
class PastFunnel:
    """The funnel of as many days before, by step."""

    first: date
    last: date
    steps: Mapping[str, FunnelStep]

    @property
    def worst(self) -> FunnelStep | None:
        """Where most were lost then."""
        return next((step for step in self.steps.values() if step.worst), None)


class ReportService:
    """Reads; what is exported is noted."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        book: CampaignBook,
        clock: Clock,
        config: DeskConfig,
    ) -> None:
        self._database = database
        self._commits = commits
        self._book = book
        self._clock = clock
        self.log = RunLog(database=database, commits=commits, clock=clock)
        self.requests = Requests(now=clock.now, noted=self.log.note)
        self.saved = SavedReports(database=database, commits=commits, clock=clock)
        self.schedules = Schedules(database=database, commits=commits, clock=clock, config=config)
        self.all_schedules = AllSchedules(database=database, commits=commits, clock=clock)
        self.mail = HandingOut(
            database=database,
            commits=commits,
            clock=clock,
            plans=self.schedules,
            runs=self.log,
        )
        self.months = MonthClosing(
            database=database, commits=commits, clock=clock, requests=self.requests
        )

    @property
    def chores(self) -> tuple[Job, ...]:
        """What the desk does again and again."""
        return (*self.log.chores, *self.months.chores)

    def now(self) -> datetime:
        """Business time."""
        return self._clock.now()

    def today(self) -> date:
        """The business day, JST."""
        return business_date(self._clock.now())

    def campaigns(self, teams: frozenset[int] | None) -> list[tuple[int, str]]:
        """(id, name) of the campaigns in scope."""
        return [
            (int(facts.campaign_id), facts.name)
            for _, facts in sorted(self._book.all().items())
            if teams is None or teams & facts.team_ids
        ]

    def note_export(self, kind: str, params: Mapping[str, str], form: str, *, actor: str) -> None:
        """Note durably who takes which figures away; ServiceError `not-stored`."""
        now = self._clock.now()

        def rows(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=actor,
                action="report.exported",
                subject=f"report:{kind}",
                details={**params, "form": form},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def report(
    session: Session,
    first: date,
    last: date,
    *,
    now: datetime,
    campaign_id: int | None,
    teams: frozenset[int] | None,
    campaigns: Sequence[FactsRow],
    locale: str,
    user_id: int | None = None,
    facts: Facts | None = None,
    compared: bool = False,
) -> Report:
    """Figures of the days `first` to `last`, JST, both included; of one person with `user_id`.

    Out of `facts`, as of when those were made, or out of the rows as they are. `compared`: with
    the funnel of as many days before.
    """
    start, end = instant_of(first, 0), instant_of(last + timedelta(days=1), 0)
    if facts is not None:
        now = facts.as_of
    whose: Any = {"campaign_id": campaign_id, "teams": teams}
    if facts is None:
        rows = reporting.operators(session, start, end, now=now, user_id=user_id, **whose)
    else:
        rows = of_facts.operators(facts, session, start, end, now=now, user_id=user_id, **whose)
    rows = with_scores(session, rows, start, end, campaign_id)
    if campaign_id is None:  # nobody is paid by the campaign
        rows = with_paid_time(session, rows, first, last, now=now)
    steps = _funnel(facts, session, start, end, whose)
    earlier = _funnel(facts, session, start - (end - start), start, whose) if compared else None
    wanted = [
        int(each.campaign_id)
        for each in campaigns
        if (not each.training if campaign_id is None else each.campaign_id == campaign_id)
        and (teams is None or teams & each.team_ids)
    ]
    pressed = {each: statuses.of_campaign(session, each) for each in wanted}
    used = {*steps.codes, *total_of(rows).codes, *(earlier.codes if earlier else ())}
    ways = _columns(pressed, used, locale)
    past = None
    if earlier is not None:
        days = (last - first) + timedelta(days=1)
        found = {step.code: step for step in funnel(earlier, ways)}
        past = PastFunnel(first - days, first - timedelta(days=1), found)
    return assembled(rows, steps, ways, as_of=now, past=past)


def assembled(
    rows: Sequence[OperatorRow],
    steps: FunnelCounts,
    ways: Mapping[int, Sequence[StatusColumn]],
    *,
    as_of: datetime,
    past: PastFunnel | None = None,
) -> Report:
    """The report of these figures; `ways` are the statuses of each campaign in their order."""
    return Report(
        rows=rows,
        total=total_of(rows),
        statuses=merged(list(ways.values())),
        funnel=funnel(steps, ways),
        outcomes=outcomes(steps, ways),
        as_of=as_of,
        past=past,
    )


def _funnel(
    facts: Facts | None, session: Session, start: datetime, end: datetime, whose: Mapping[str, Any]
) -> FunnelCounts:
    if facts is None:
        return reporting.funnel(session, start, end, **whose)
    return of_facts.funnel(facts, session, start, end, **whose)


def _columns(
    ways: Mapping[int, Sequence[StatusRow]], used: Collection[str], locale: str
) -> dict[int, list[StatusColumn]]:
    """Those in use, and retired ones somebody pressed in the period."""
    return {
        campaign_id: [
            StatusColumn(
                row.code, row.label_en if locale == "en" else row.label_ja, row.bars is not None
            )
            for row in way
            if not row.retired or row.code in used
        ]
        for campaign_id, way in ways.items()
    }


def csv_text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """CSV for a spreadsheet: UTF-8 with BOM, and no cell that would run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([inert(cell) for cell in header])
    for row in rows:
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in row])
    return "\ufeff" + out.getvalue()
