"""Figures for managers: per operator and the funnel, from closed rows only, within scope.

A page is looked at; a file leaves the house. So only the export is noted in the audit trail.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook, StatusFacts
from agent_desk.services.running.day_figures import JST, business_date
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.reports import figures as reporting
from agent_desk.store.unit_of_work import Database, Session

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class StatusColumn:
    """One status column; several campaigns may share a code."""

    code: str
    label: str


@dataclass(frozen=True)
class FunnelStep:
    """One step: how many calls reached it, and what part of the step before and of the first."""

    code: str
    label: str
    count: int
    rate_prev: float | None
    rate_first: float | None


@dataclass(frozen=True)
class Report:
    """One period's figures. Seconds are whole intervals cut at the period's edges."""

    rows: Sequence[reporting.OperatorRow]
    total: reporting.OperatorRow
    statuses: Sequence[StatusColumn]
    funnel: Sequence[FunnelStep]
    outcomes: Sequence[FunnelStep]  # of those who left the way: no steps, so `rate_prev` is None
    as_of: datetime


class ReportService:
    """Reads; what is exported is noted."""

    def __init__(
        self, *, database: Database, commits: GroupCommit, book: CampaignBook, clock: Clock
    ) -> None:
        self._database = database
        self._commits = commits
        self._book = book
        self._clock = clock

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

    def report(
        self,
        first: date,
        last: date,
        *,
        campaign_id: int | None,
        teams: frozenset[int] | None,
        locale: str,
    ) -> Report:
        """Figures of the days `first` to `last`, JST, both included."""
        now = self._clock.now()
        start = datetime.combine(first, datetime.min.time(), JST)
        end = datetime.combine(last + timedelta(days=1), datetime.min.time(), JST)
        with self._database.read() as session:
            rows = reporting.operators(
                session, start, end, now=now, campaign_id=campaign_id, teams=teams
            )
            steps = reporting.funnel(session, start, end, campaign_id=campaign_id, teams=teams)
        statuses = self._statuses(campaign_id, teams, locale)
        return Report(
            rows=rows,
            total=reporting.total(rows),
            statuses=[StatusColumn(s.code, s.label(locale)) for s in statuses],
            funnel=_funnel(steps, statuses, locale),
            outcomes=_outcomes(steps, statuses, locale),
            as_of=now,
        )

    def note_export(
        self, first: date, last: date, *, campaign_id: int | None, actor: str, locale: str
    ) -> None:
        """Note durably who takes the figures of these days away; ServiceError `not-stored`."""
        now = self._clock.now()
        days = {"from": first.isoformat(), "to": last.isoformat()}

        def rows(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=actor,
                action="report.operators.exported",
                subject="report:operators",
                details={**days, "campaign": campaign_id, "locale": locale},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")

    def _statuses(
        self, campaign_id: int | None, teams: frozenset[int] | None, locale: str
    ) -> list[StatusFacts]:
        """The status columns: those of the campaign, or of all in scope, each code once."""
        found: dict[str, StatusFacts] = {}
        for facts in self._book.all().values():
            wanted = campaign_id is None or facts.campaign_id == CampaignId(campaign_id)
            if wanted and (teams is None or teams & facts.team_ids):
                for status in facts.statuses:
                    found.setdefault(status.code, status)
        return list(found.values())


def _funnel(
    counts: reporting.FunnelCounts, statuses: Sequence[StatusFacts], locale: str
) -> list[FunnelStep]:
    steps: list[tuple[str, str, int]] = [
        ("attempts", "", counts.attempts),
        ("answered", "", counts.answered),
        ("bridged", "", counts.bridged),
    ]
    # Who refused or was somebody else has left the way to the end: a column, but not a step of it.
    way = [status for status in statuses if status.bars is None]
    steps += [(s.code, s.label(locale), counts.codes.get(s.code, 0)) for s in way]
    built: list[FunnelStep] = []
    for place, (code, label, count) in enumerate(steps):
        before = steps[place - 1][2] if place else 0
        first = steps[0][2]
        built.append(
            FunnelStep(
                code=code,
                label=label,
                count=count,
                rate_prev=count / before if before else None,
                rate_first=count / first if first and place else None,
            )
        )
    return built


def _outcomes(
    counts: reporting.FunnelCounts, statuses: Sequence[StatusFacts], locale: str
) -> list[FunnelStep]:
    """What ended the way before its end, as a share of all attempts."""
    left = [(s, counts.codes.get(s.code, 0)) for s in statuses if s.bars is not None]
    every = counts.attempts
    return [
        FunnelStep(s.code, s.label(locale), count, None, count / every if every else None)
        for s, count in left
    ]


def csv_text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """CSV for a spreadsheet: UTF-8 with BOM, and no cell that would run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_inert(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def _inert(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell
