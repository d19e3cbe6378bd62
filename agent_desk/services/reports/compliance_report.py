"""The compliance report: blocked, overridden, not said, and what must not have happened (A50)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent_desk.catalogue import catalogue, translate
from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.compliance_figures import ComplianceFigures, figures
from agent_desk.services.reports.making import (
    COUNT,
    INSTANT,
    SHARE,
    TEXT,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)

_RULE = [Column("rule_id", TEXT), Column("rule_name", TEXT)]
_RULES = [
    *_RULE,
    Column("campaign", TEXT),
    Column("rule_blocked", COUNT),
    Column("rule_lifted", COUNT),
]
_GRANTED = [*_RULE, Column("override_role", TEXT), Column("overrides_made", COUNT)]
_STATEMENTS = [
    *_RULE,
    Column("campaign", TEXT),
    Column("statement", TEXT),
    Column("statement_needed", COUNT),
    Column("statement_made", COUNT),
    Column("statement_told", COUNT),
    Column("statement_missing", COUNT),
]
_MISSING = [
    *_RULE,
    Column("statement", TEXT),
    Column("standing", TEXT),
    Column("call_ended", INSTANT),
    Column("campaign", TEXT),
    Column("operator", TEXT),
    Column("call_id", TEXT),
]
_BREACHES = [
    *_RULE,
    Column("breach_what", TEXT),
    Column("called_at", INSTANT),
    Column("campaign", TEXT),
    Column("call_id", TEXT),
]
_OVER = [
    *_RULE,
    Column("campaign", TEXT),
    Column("window_live_24h", COUNT),
    Column("window_abandoned_24h", COUNT),
    Column("window_share_24h", SHARE),
    Column("window_live_30d", COUNT),
    Column("window_abandoned_30d", COUNT),
    Column("window_share_30d", SHARE),
]
_GATE = [
    Column("campaign", TEXT),
    Column("gate_checks", COUNT),
    Column("gate_missed", COUNT),
    Column("gate_third_party_calls", COUNT),
]
ABANDONMENT = "R20"
SHOWN = 200  # of single calls; files have them all


def make(asked: Asked, ground: Ground) -> Made:
    """Of the days `from` to `to` and one `campaign`, or all of them."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    with ground.database.read() as session:
        found = figures(
            session,
            asked.day("from"),
            asked.day("to"),
            now=asked.now,
            teams=asked.teams,
            campaign_id=asked.whole("campaign"),
        )
    tables = [
        _rules(found, asked.locale),
        _granted(found, asked.locale),
        _statements(found, asked.locale),
        _missing(found, asked.locale),
        _breaches(found, asked.locale),
        _over(found, asked.locale),
        _gate(found),
    ]
    tables = [each for each in tables if each.rows]
    shown = [(replace(each, rows=each.rows[:SHOWN]), len(each.rows) - SHOWN) for each in tables]
    days = {
        "comply.missing_calls": [_day(each.talk.leased_at) for each in found.missing],
        "comply.breaches": [_day(each.leased_at) for each in found.breaches],
    }
    values = {"comply": found, "shown": shown, "days": days}
    return Made(tables, asked.now, "compliance.html", values)


def rule_name(rule_id: str, locale: str) -> str:
    """What a rule is about; "" for one without words."""
    key = f"rule.{rule_id}"
    return translate(key, locale=locale) if key in catalogue(locale) else ""


def _day(instant: datetime) -> str:
    return business_date(instant).isoformat()


def _ruled(rule_id: str, locale: str) -> list[Cell]:
    return [rule_id, rule_name(rule_id, locale)]


def _rules(found: ComplianceFigures, locale: str) -> Table:
    rows: list[list[Cell]] = [
        [*_ruled(row.rule_id, locale), row.campaign, row.blocked, row.lifted] for row in found.rules
    ]
    return Table(_RULES, rows, "comply.rules")


def _granted(found: ComplianceFigures, locale: str) -> Table:
    rows: list[list[Cell]] = [
        [*_ruled(row.rule_id, locale), translate(f"role.{row.role}", locale=locale), row.count]
        for row in found.granted
    ]
    return Table(_GRANTED, rows, "comply.granted")


def _statements(found: ComplianceFigures, locale: str) -> Table:
    rows: list[list[Cell]] = [
        [
            *_ruled(row.rule_id, locale),
            row.campaign,
            row.statement,
            row.needed,
            row.made,
            row.told,
            row.missing,
        ]
        for row in found.statements
    ]
    return Table(_STATEMENTS, rows, "comply.statements")


def _missing(found: ComplianceFigures, locale: str) -> Table:
    rows: list[list[Cell]] = [
        [
            *_ruled(each.rule_id, locale),
            each.statement,
            translate(
                "report.statement_told" if each.told else "report.statement_missing", locale=locale
            ),
            each.talk.ended_at,
            each.talk.campaign,
            each.talk.operator,
            each.talk.call_id,
        ]
        for each in found.missing
    ]
    return Table(_MISSING, rows, "comply.missing_calls")


def _breaches(found: ComplianceFigures, locale: str) -> Table:
    rows: list[list[Cell]] = [
        [
            *_ruled(each.rule_id, locale),
            translate(f"comply.what.{each.what}", locale=locale),
            each.leased_at,
            each.campaign,
            each.call_id,
        ]
        for each in found.breaches
    ]
    return Table(_BREACHES, rows, "comply.breaches")


def _over(found: ComplianceFigures, locale: str) -> Table:
    rows: list[list[Cell]] = [
        [
            *_ruled(ABANDONMENT, locale),
            each.campaign,
            each.live_24h,
            each.abandoned_24h,
            each.abandoned_24h / each.live_24h if each.live_24h else None,
            each.live_30d,
            each.abandoned_30d,
            each.abandoned_30d / each.live_30d if each.live_30d else None,
        ]
        for each in found.over_limit
    ]
    return Table(_OVER, rows, "comply.over_limit")


def _gate(found: ComplianceFigures) -> Table:
    rows: list[list[Cell]] = [
        [each.campaign, each.checks, each.missed, each.third_party_calls] for each in found.gate
    ]
    return Table(_GATE, rows, "comply.gate")
