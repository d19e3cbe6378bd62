"""What the rules blocked and what was called under an override, counted from the audit trail.

Each verdict that said no, or that rested on an override, is in the trail with its rules and the
entries it was about (`store/leasing/verdicts.py`), so these counts are as good as the chain. The
trail is asked by its index of instants; the database reads the JSON, for a month has many rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Text, cast, func, literal, select
from sqlalchemy.orm import Session

from agent_desk.models.audit import AuditRow
from agent_desk.models.campaigns import Campaign
from agent_desk.models.rules import Override
from agent_desk.store.reports.dialing import Period
from agent_desk.store.reports.scope import of_campaigns
from agent_desk.store.rules.overrides import of_teams

BLOCKED, LIFTED = "call.blocked", "call.override"
_SUBJECT = "campaign:"


@dataclass(frozen=True)
class RuleCount:
    """How often one rule was named in one campaign; a verdict may name several."""

    rule_id: str
    campaign: str
    count: int


@dataclass(frozen=True)
class Granted:
    """Overrides of one rule that somebody made, by their role."""

    rule_id: str
    role: str
    count: int


def blocked(session: Session, period: Period) -> list[RuleCount]:
    """Verdicts that said no in the period, by rule and campaign: one per customer judged."""
    return _named(session, period, BLOCKED, "rules")


def lifted(session: Session, period: Period) -> list[RuleCount]:
    """Verdicts that said yes because a rule was set aside, by that rule and campaign."""
    return _named(session, period, LIFTED, "lifted")


def verdicts_blocked(session: Session, period: Period) -> int:
    """Verdicts that said no, each once, whatever number of rules it names."""
    entries = _length(session, "entries")
    query = (
        select(func.coalesce(func.sum(entries), 0))
        .select_from(AuditRow)
        .join(Campaign, _subject_of(Campaign.id))
        .where(*_within(period, BLOCKED))
    )
    return int(session.scalar(query) or 0)


def granted(session: Session, period: Period) -> list[Granted]:
    """Overrides somebody made for the teams' customers and campaigns, by rule and role; of one
    campaign: those made for all of it."""
    query = (
        select(Override.rule_id, Override.role, func.count())
        .where(Override.made_at >= period.start, Override.made_at < period.end)
        .group_by(Override.rule_id, Override.role)
        .order_by(Override.rule_id, Override.role)
    )
    if period.teams is not None:
        query = query.where(of_teams(period.teams))
    if period.campaign_id is not None:
        query = query.where(Override.campaign_id == period.campaign_id)
    return [Granted(*row) for row in session.execute(query)]


def _named(session: Session, period: Period, action: str, key: str) -> list[RuleCount]:
    rule, rules = _each(session, key)
    entries = func.sum(_length(session, "entries"))
    query = (
        select(rule, Campaign.name, entries)
        .select_from(AuditRow)
        .join(Campaign, _subject_of(Campaign.id))
        .join(rules, rules.c.value.is_not(None))
        .where(*_within(period, action))
        .group_by(rule, Campaign.name)
        .order_by(rule, Campaign.name)
    )
    return [RuleCount(row[0], row[1], int(row[2])) for row in session.execute(query)]


def _within(period: Period, action: str) -> list[Any]:
    return [
        AuditRow.at >= period.start,
        AuditRow.at < period.end,
        AuditRow.action == action,
        *of_campaigns(Campaign.id, teams=period.teams, campaign_id=period.campaign_id),
    ]


def _subject_of(campaign_id: Any) -> Any:
    return AuditRow.subject == literal(_SUBJECT) + cast(campaign_id, Text)


def _each(session: Session, key: str) -> tuple[Any, Any]:
    """The members of a list within the details, as a column and its table."""
    if _is_postgresql(session):
        rules = func.json_array_elements_text(AuditRow.details[key]).table_valued("value")
    else:
        rules = func.json_each(AuditRow.details, f"$.{key}").table_valued("value")
    return rules.c.value, rules


def _length(session: Session, key: str) -> Any:
    """How many members a list within the details has."""
    if _is_postgresql(session):
        return cast(func.json_array_length(AuditRow.details[key]), Integer)
    return cast(func.json_array_length(AuditRow.details, f"$.{key}"), Integer)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
