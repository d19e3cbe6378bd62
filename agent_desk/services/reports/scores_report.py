"""What audits of recordings come to (A48): means by team and operator over weeks, and how far two
listeners agree. The sheets themselves are under `/admin/listening-audits`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.listening_audits import settings
from agent_desk.services.listening_audits.agreement import Agreement, agreement, together
from agent_desk.services.listening_audits.results import SPANS, MeanLine, lines_of
from agent_desk.services.reports.making import (
    NUMBER,
    SCORE,
    SHARE,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.store.listening_audits import scores
from agent_desk.store.listening_audits.samples import Viewer
from agent_desk.store.reports.scope import person_named

MOST_OPERATORS = 5_000
_AGREEMENT = [
    Column("audit_criterion", TEXT),
    Column("audit_pairs"),
    Column("audit_equal", SHARE),
    Column("audit_kappa", SCORE),
    Column("audit_why_not", TEXT),
]


def make(asked: Asked, ground: Ground) -> Made:
    """Of the `weeks` before this one; nobody's own talks, and no sheet that is not to be seen."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    weeks = asked.whole("weeks") or SPANS[1]
    if weeks not in SPANS:
        raise ServiceError("bad-payload", reason="weeks")
    today = business_date(asked.now)
    since = today - timedelta(days=today.weekday() + 7 * weeks)
    mondays = [since + timedelta(days=7 * number) for number in range(weeks)]
    with ground.database.read() as session:
        viewer = Viewer(person_named(session, asked.username), asked.teams)
        teams = lines_of(scores.by_team(session, viewer, since=since))
        people = scores.by_operator(session, viewer, since=since, after=None, limit=MOST_OPERATORS)
        operators = lines_of(people)
        pairs = scores.pairs(session, viewer, since=since)
        criteria = settings.newest(session).criteria
    tables = [
        _means("teams", list(teams.values()), mondays, asked.locale),
        _means("operators", list(operators.values()), mondays, asked.locale),
    ]
    rows = [
        _agreed(each.label(asked.locale), agreement(pairs.get(each.code, {})), asked.locale)
        for each in criteria
    ]
    whole = translate("listening.all_criteria", locale=asked.locale)
    total = _agreed(whole, together(pairs.values()), asked.locale)
    tables.append(Table(_AGREEMENT, [*rows, total], "listening.agreement"))
    return Made(tables, asked.now, beside=[(since, today)])


def _means(of: str, lines: Sequence[MeanLine], mondays: Sequence[date], locale: str) -> Table:
    columns = [
        Column("operator" if of == "operators" else "audit_team", TEXT),
        *([Column("audit_team", TEXT)] if of == "operators" else []),
        *(Column("audit_week", NUMBER, f"{monday:%m/%d}") for monday in mondays),
        Column("audit_mean", NUMBER),
        Column("audit_calls"),
        Column("audit_knocked_out"),
    ]
    nobody = translate("listening.no_team", locale=locale)
    rows: list[list[Cell]] = [
        [
            line.name or nobody,
            *([line.team or nobody] if of == "operators" else []),
            *(_points(line.weeks[day].permille if day in line.weeks else None) for day in mondays),
            _points(line.permille),
            line.calls,
            line.knocked_out,
        ]
        for line in lines
    ]
    title = "listening.by_operator" if of == "operators" else "listening.by_team"
    return Table(columns, rows, title, empty="listening.results_none")


def _points(permille: float | None) -> float | None:
    """Of 100, as the sheets are read."""
    return None if permille is None else permille / 10


def _agreed(name: str, each: Agreement, locale: str) -> list[Cell]:
    why = (
        translate(f"listening.undefined.{each.undefined}", locale=locale) if each.undefined else ""
    )
    return [name, each.pairs, each.equal, each.kappa, why]
