"""The report of operators and the funnel, made beside the desk; and what somebody sees of
themselves."""

from __future__ import annotations

from collections.abc import Sequence

from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.figures import Report, report
from agent_desk.services.reports.funnels import StatusColumn
from agent_desk.services.reports.making import (
    COUNT,
    SECONDS,
    SHARE,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.store.campaigns import campaigns
from agent_desk.store.facts.reading import Facts
from agent_desk.store.reports.operator_rows import OperatorRow

TIMES = ("login_s", "starting_s", "idle_s", "talk_s", "hold_s", "wrap_s", "away_s")
# Up to so many days the rows are counted as they are at this moment; of more, the facts.
FEW_DAYS = 3
AVERAGES = ("idle_avg_s", "talk_avg_s", "wrap_avg_s")


def make(asked: Asked, ground: Ground) -> Made:
    """Of the days `from` to `to` and one `campaign`, or all of them; scope in the queries."""
    found = _report(asked, ground)
    table = _table(found.rows, found.total, found.statuses)
    return Made([table], found.as_of, "operators.html", {"report": found})


def make_own(asked: Asked, ground: Ground) -> Made:
    """What somebody sees of themselves; never of anybody else (B30)."""
    if asked.user_id is None:
        raise ServiceError("not-in-scope")
    # Their own row wherever they worked: whoever asks is the scope.
    found = _report(asked, ground, everywhere=True)
    table = _table(found.rows, found.total, found.statuses)
    return Made([table], found.as_of, "own.html", {"report": found})


def _report(asked: Asked, ground: Ground, *, everywhere: bool = False) -> Report:
    campaign_id = asked.whole("campaign")
    first, last = asked.day("from"), asked.day("to")
    with ground.database.read() as session:
        book = campaigns.all_facts(session)
        if campaign_id is not None and not any(
            each.campaign_id == campaign_id and (asked.teams is None or asked.teams & each.team_ids)
            for each in book
        ):
            raise ServiceError("not-in-scope", campaign=campaign_id)
        return report(
            session,
            first,
            last,
            now=asked.now,
            campaign_id=campaign_id,
            teams=None if everywhere else asked.teams,
            campaigns=book,
            locale=asked.locale,
            user_id=asked.user_id,
            facts=_facts(ground) if (last - first).days >= FEW_DAYS else None,
        )


def _facts(ground: Ground) -> Facts | None:
    """The facts, if they are there: until they are, the rows say the same more slowly."""
    try:
        return ground.facts()
    except ServiceError:
        return None


def _table(
    rows: Sequence[OperatorRow], total: OperatorRow, statuses: Sequence[StatusColumn]
) -> Table:
    """For files: everything the page shows, and away by reason."""
    reasons = list(total.away_by)
    columns = [
        Column("username", TEXT),
        Column("name", TEXT),
        *(Column(key, SECONDS) for key in TIMES),
        Column("calls"),
        *(Column(key, SECONDS) for key in AVERAGES),
        Column("paid_s", SECONDS),
        Column("utilisation", SHARE),
        Column("promises"),
        *(Column("code", COUNT, status.label) for status in statuses),
        *(Column("away_for", SECONDS, reason) for reason in reasons),
    ]
    keys = [column.metric for column in columns if column.metric not in ("code", "away_for")]

    def cells(row: OperatorRow) -> list[Cell]:
        return [
            *(getattr(row, key) for key in keys),
            *(row.codes.get(status.code, 0) for status in statuses),
            *(row.away_by.get(reason, 0.0) for reason in reasons),
        ]

    return Table(columns, [cells(row) for row in rows], "report.operators", cells(total))
