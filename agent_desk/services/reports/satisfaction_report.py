"""Customer satisfaction as a report: by campaign and operator, its trend, the calls behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from agent_desk.catalogue import dated, translate
from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.making import (
    COUNT,
    INSTANT,
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
from agent_desk.services.reports.satisfaction import SCALE, Scores, Step, by, trend, whole
from agent_desk.store.satisfaction import figures
from agent_desk.store.satisfaction.figures import ScoredCall, Wanted

STEPS = {"day": 1, "week": 7}
SHOWN = 200  # of the calls themselves; files have more
MOST = 20_000

_SCORES = [
    Column("csat_asked", COUNT),
    Column("csat_answered", COUNT),
    Column("csat_answer_share", SHARE),
    Column("csat_mean", SCORE),
    Column("csat_low", SCORE),
    Column("csat_high", SCORE),
    Column("csat_high_share", SHARE),
    *(Column("csat_n", COUNT, str(score)) for score in SCALE),
    Column("csat_skipped", COUNT),
]
_TREND = [
    Column("csat_asked", COUNT),
    Column("csat_answered", COUNT),
    Column("csat_mean", SCORE),
    Column("csat_high_share", SHARE),
    Column("csat_answered_before", COUNT),
    Column("csat_mean_before", SCORE),
    Column("csat_change", SCORE),
]
_CALLS = [
    Column("csat_at", INSTANT),
    Column("campaign", TEXT),
    Column("operator", TEXT),
    Column("csat_state", TEXT),
    Column("csat_score", COUNT),
    Column("call_id", TEXT),
]


def make(asked: Asked, ground: Ground) -> Made:
    """Of the days `from` to `to`, of one `campaign` or `operator`; the trend `by` day or week, the
    calls of one `score` or all."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    first, last = asked.day("from"), asked.day("to")
    step, score = asked.params.get("by") or "day", asked.whole("score")
    if step not in STEPS or (score is not None and score not in SCALE):
        raise ServiceError("bad-payload", reason="by" if step not in STEPS else "score")
    wanted = _wanted(asked, first, last)
    length = last - first + timedelta(days=1)
    with ground.database.read() as session:
        counts = figures.counts(session, wanted)
        earlier = figures.counts(
            session, replace(wanted, start=at(first - length, 0), end=wanted.start)
        )
        calls = figures.calls(session, wanted, score=score, most=MOST)
        voices = figures.voices(session, wanted)
    steps = trend(counts, earlier, first=first, last=last, days=STEPS[step])
    now, before = whole(counts), whole(earlier)
    campaigns, operators = by(counts, _campaign), by(counts, _operator)
    locale = asked.locale
    tables = [
        _table("campaign", campaigns, now, "csat.campaigns", locale),
        _table("operator", operators, now, "csat.operators", locale),
        _trend(steps, now, before, locale),
        Table(_CALLS, [_call(each, locale) for each in calls], "csat.calls"),
    ]
    values = {
        "csat": now,
        "before": before,
        "steps": steps,
        "by": step,
        "score": score,
        "voices": voices,
        "scale": SCALE,
        "lines": replace(tables[3], rows=tables[3].rows[:SHOWN]),
        "more": len(calls) - SHOWN,
        "days": [business_date(each.asked_at).isoformat() for each in calls[:SHOWN]],
    }
    return Made(
        tables,
        asked.now,
        "satisfaction.html",
        values,
        picture="_csat.html",
        beside=[(first - length, first - timedelta(days=1))],
    )


def _wanted(asked: Asked, first: date, last: date) -> Wanted:
    return Wanted(
        at(first, 0),
        at(last + timedelta(days=1), 0),
        teams=asked.teams,
        campaign_id=asked.whole("campaign"),
        user_id=asked.whole("operator"),
    )


def _campaign(count: figures.ScoreCount) -> str:
    return count.campaign


def _operator(count: figures.ScoreCount) -> str:
    return count.operator


def _table(
    key: str, rows: Sequence[tuple[str, Scores]], total: Scores, title: str, locale: str
) -> Table:
    last: list[Cell] = [translate("report.total", locale=locale), *_cells(total)]
    body = [[name, *_cells(scores)] for name, scores in rows]
    return Table([Column(key, TEXT), *_SCORES], body, title, last)


def _cells(scores: Scores) -> list[Cell]:
    low, high = scores.interval or (None, None)
    return [
        scores.asked,
        scores.answered,
        scores.answer_share,
        scores.mean,
        low,
        high,
        scores.high_share,
        *(scores.spread[score] for score in SCALE),
        scores.skipped,
    ]


def _trend(steps: Sequence[Step], now: Scores, before: Scores, locale: str) -> Table:
    rows = [[_named(each, locale), *_changed(each.now, each.before)] for each in steps]
    total: list[Cell] = [translate("report.total", locale=locale), *_changed(now, before)]
    return Table([Column("csat_when", TEXT), *_TREND], rows, "csat.trend", total)


def _named(step: Step, locale: str) -> str:
    first = dated(step.first.isoformat(), locale=locale)
    if step.first == step.last:
        return first
    return f"{first} – {dated(step.last.isoformat(), locale=locale)}"


def _changed(now: Scores, before: Scores) -> list[Cell]:
    change = None
    if now.mean is not None and before.mean is not None:
        change = now.mean - before.mean
    return [
        now.asked,
        now.answered,
        now.mean,
        now.high_share,
        before.answered,
        before.mean,
        change,
    ]


def _call(line: ScoredCall, locale: str) -> list[Cell]:
    return [
        line.asked_at,
        line.campaign,
        line.operator,
        translate(f"csat.state.{line.state}", locale=locale),
        line.score,
        line.call_id,
    ]
