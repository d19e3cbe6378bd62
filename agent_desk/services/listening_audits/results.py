"""What audits come to: by team and operator over weeks, how far listeners agree, and the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.listening_audits import settings
from agent_desk.services.listening_audits.agreement import Agreement, agreement, together
from agent_desk.services.listening_audits.settings import AuditSettings
from agent_desk.services.listening_audits.weeks import viewer_of
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.listening_audits import drawing, samples, scores
from agent_desk.store.listening_audits.scores import Mean, SheetRow
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

SPANS = (4, 8, 13)  # weeks
PAGE = 50
MOST_EXPORTED = 5000


@dataclass(frozen=True)
class MeanLine:
    """One operator or team: the mean of each week that has one, and of all together."""

    name: str
    team: str | None
    weeks: Mapping[date, Mean]
    calls: int
    permille: float | None
    knocked_out: int


@dataclass(frozen=True)
class Results:
    """Since the Monday so many weeks ago. `following`: behind whom the next page begins."""

    mondays: tuple[date, ...]
    teams: tuple[MeanLine, ...]
    operators: tuple[MeanLine, ...]
    following: int | None
    settings: AuditSettings
    agreements: Mapping[str, Agreement]
    all_agreement: Agreement


@dataclass(frozen=True)
class ExportedSheet:
    """A sheet of the file with its words."""

    row: SheetRow
    settings: AuditSettings
    levels: Mapping[str, str]
    remark: str


class AuditResults:
    """Within the teams of who asks; never a sheet that may not be seen yet."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: WriteDoor, clock: Clock
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock

    def over_weeks(self, who: Person, *, weeks: int, after: int | None) -> Results:
        """ServiceError bad-payload (weeks)."""
        if weeks not in SPANS:
            raise ServiceError("bad-payload", reason="weeks")
        today = business_date(self._clock.now())
        this = today - timedelta(days=today.weekday())
        since = this - timedelta(days=7 * weeks)
        viewer = viewer_of(who)
        with self._database.read() as session:
            teams = lines_of(scores.by_team(session, viewer, since=since))
            found = lines_of(
                scores.by_operator(session, viewer, since=since, after=after, limit=PAGE + 1)
            )
            tables = scores.pairs(session, viewer, since=since)
            chosen = settings.newest(session)
        page = list(found.items())[:PAGE]
        return Results(
            mondays=tuple(since + timedelta(days=7 * n) for n in range(weeks)),
            teams=tuple(teams.values()),
            operators=tuple(line for _, line in page),
            following=page[-1][0] if len(found) > PAGE else None,
            settings=chosen,
            agreements={
                each.code: agreement(tables.get(each.code, {})) for each in chosen.criteria
            },
            all_agreement=together(tables.values()),
        )

    def export(self, who: Person, monday: date) -> list[ExportedSheet]:
        """The sheets of a week that may be seen, at most 5,000; it is noted.

        ServiceError: listening-week (not drawn), not-stored.
        """
        with self._database.read() as session:
            week = drawing.of_monday(session, monday)
            if week is None:
                raise ServiceError("listening-week")
            rows = scores.sheets(session, viewer_of(who), week.id, limit=MOST_EXPORTED)
            levels = samples.answers(session, [row.score_id for row in rows])
            chosen = settings.of_version(session, week.settings_version)
        now = self._clock.now()
        done = self._commits.submit(
            None,
            rows=lambda session: audit.append(
                session,
                at=now,
                actor=who.username,
                action="listening.exported",
                subject=f"listening_week:{week.id}",
                details={"count": len(rows)},
            ),
        )
        if not done.ok:
            raise ServiceError("not-stored")
        return [
            ExportedSheet(
                row,
                chosen,
                levels[row.score_id],
                self._sealer.open_optional(row.remark_sealed) or "",
            )
            for row in rows
        ]


def lines_of(means: Sequence[Mean]) -> dict[int, MeanLine]:
    """Weeks gathered by whom they are of, in the order they came."""
    gathered: dict[int, list[Mean]] = {}
    for each in means:
        gathered.setdefault(each.id, []).append(each)
    return {
        of: MeanLine(
            name=weeks[0].name,
            team=weeks[0].team,
            weeks={week.monday: week for week in weeks},
            calls=sum(week.calls for week in weeks),
            permille=_mean(weeks),
            knocked_out=sum(week.knocked_out for week in weeks),
        )
        for of, weeks in gathered.items()
    }


def _mean(weeks: Sequence[Mean]) -> float | None:
    """Of all calls, not of the weeks: a week of one call weighs as much as one call."""
    rated = [(week.rated, week.permille) for week in weeks if week.permille is not None]
    count = sum(n for n, _ in rated)
    return sum(n * permille for n, permille in rated) / count if count else None
