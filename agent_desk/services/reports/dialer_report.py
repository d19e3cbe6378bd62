"""How the dialer did, as a report: attempts, abandonment, delays, outcomes and their causes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from agent_desk.catalogue import catalogue, translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.dialer_figures import (
    AXES,
    DialerFigures,
    DialingRow,
    Three,
    figures,
)
from agent_desk.services.reports.making import (
    COUNT,
    DAY,
    MS,
    SHARE,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.operators_report import FEW_DAYS, facts_if_there
from agent_desk.store.reports.dialing import Axis, Window

_COUNTS = [
    Column("dial_attempts", COUNT),
    Column("dial_answered", COUNT),
    Column("dial_answered_share", SHARE),
    Column("dial_live", COUNT),
    Column("dial_bridged", COUNT),
    Column("dial_abandoned", COUNT),
    Column("dial_abandoned_share", SHARE),
    *(
        Column(f"{clock}_{part}_ms", MS)
        for clock in ("answer", "greeting")
        for part in ("p50", "p95", "max")
    ),
]
_WINDOWS = [
    Column("campaign", TEXT),
    Column("window_live_24h", COUNT),
    Column("window_abandoned_24h", COUNT),
    Column("window_share_24h", SHARE),
    Column("window_live_30d", COUNT),
    Column("window_abandoned_30d", COUNT),
    Column("window_share_30d", SHARE),
    Column("window_target", SHARE),
]
_CAUSES = [
    Column("sip_code", TEXT),
    Column("sip_words", TEXT),
    Column("q850_code", TEXT),
    Column("q850_words", TEXT),
    Column("outcome", TEXT),
    Column("cause_count", COUNT),
]


def make(asked: Asked, ground: Ground) -> Made:
    """Of the days `from` to `to`, one `campaign` or all, `by` one axis `and` perhaps another."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    axes = _axes(asked)
    first, last = asked.day("from"), asked.day("to")
    facts = facts_if_there(ground) if (last - first).days >= FEW_DAYS else None
    with ground.database.read() as session:
        found = figures(
            session,
            first,
            last,
            now=asked.now,
            teams=asked.teams,
            axes=axes,
            campaign_id=asked.whole("campaign"),
            facts=facts,
        )
    tables = [
        _figures(found, asked.locale),
        Table(_WINDOWS, [_window(each) for each in found.windows], "dialing.windows"),
        _outcomes(found, asked.locale),
        _causes(found, asked.locale),
    ]
    as_of = asked.now if facts is None else facts.as_of
    return Made(tables, as_of, "dialer.html", {"dialing": found}, picture="_outcomes.html")


def sip_words(code: int | None, locale: str) -> str:
    """What a final answer of SIP means; "" for none, and for one without words."""
    return catalogue(locale).get(f"sip.{code}", "")


def q850_words(cause: int | None, locale: str) -> str:
    """What a cause of ITU-T Q.850 means, as ISDN and ISUP carry it."""
    return catalogue(locale).get(f"isup.{cause}", "")


def _axes(asked: Asked) -> tuple[Axis, ...]:
    """The axes asked for, each once; ServiceError `bad-payload`."""
    named = [asked.params.get("by") or AXES[0], asked.params.get("and") or ""]
    wanted = tuple(dict.fromkeys(axis for axis in named if axis))
    if not set(wanted) <= set(AXES):
        raise ServiceError("bad-payload", reason="by")
    return cast(tuple[Axis, ...], wanted)


def _figures(found: DialerFigures, locale: str) -> Table:
    keys = [Column(f"dial_{axis}", DAY if axis == "day" else TEXT) for axis in found.axes]
    total = [translate("report.total", locale=locale), *([""] * (len(keys) - 1))]
    return Table(
        [*keys, *_COUNTS],
        [[*_key(row, found.axes, locale), *_counts(row)] for row in found.rows],
        "dialing.figures",
        [*total, *_counts(found.total)],
    )


def _key(row: DialingRow, axes: Sequence[Axis], locale: str) -> list[Cell]:
    return [
        translate("dialing.hour", locale=locale, n=part)
        if axis == "hour"
        else part
        if isinstance(part, date)
        else str(part)
        for axis, part in zip(axes, row.key, strict=True)
    ]


def _counts(row: DialingRow) -> list[Cell]:
    counts = row.counts
    return [
        counts.attempts,
        counts.answered,
        counts.answered_share,
        counts.live,
        counts.bridged,
        counts.abandoned,
        counts.abandoned_share,
        *_ms(row.since_answer),
        *_ms(row.since_greeting),
    ]


def _ms(waits: Three) -> list[Cell]:
    return [None] * 3 if waits is None else [round(1000 * wait) for wait in waits]


def _window(window: Window) -> list[Cell]:
    return [
        window.campaign,
        window.live_24h,
        window.abandoned_24h,
        window.abandoned_24h / window.live_24h if window.live_24h else None,
        window.live_30d,
        window.abandoned_30d,
        window.abandoned_30d / window.live_30d if window.live_30d else None,
        window.target,
    ]


def _outcomes(found: DialerFigures, locale: str) -> Table:
    blames = [
        Column("blame_count", COUNT, translate(f"blame.{blame}", locale=locale))
        for blame in found.blames
    ]
    rows: list[list[Cell]] = [
        [
            translate(f"outcome.{row.outcome}", locale=locale),
            row.count,
            *(row.by_blame.get(blame, 0) for blame in found.blames),
        ]
        for row in found.outcomes
    ]
    sums = [sum(cast(int, row[place]) for row in rows) for place in range(1, 2 + len(blames))]
    total: list[Cell] = [translate("report.total", locale=locale), *sums]
    columns = [Column("outcome", TEXT), Column("outcome_count", COUNT), *blames]
    return Table(columns, rows, "dialing.outcomes", total)


def _causes(found: DialerFigures, locale: str) -> Table:
    rows: list[list[Cell]] = [
        [
            _code(each.sip_code),
            sip_words(each.sip_code, locale),
            _code(each.q850),
            q850_words(each.q850, locale),
            translate(f"outcome.{each.outcome}", locale=locale),
            each.count,
        ]
        for each in found.causes
    ]
    return Table(_CAUSES, rows, "dialing.causes")


def _code(code: int | None) -> str:
    return "" if code is None else str(code)
