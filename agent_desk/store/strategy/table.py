"""Versions of the strategy table: each written once, the newest in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from agent_desk.dialer.strategy import (
    BUILT_IN,
    CLASSES,
    ClassRow,
    PaymentRule,
    Strategy,
)
from agent_desk.models.strategy import StrategyClass, StrategyPaymentRule, StrategyVersion


@dataclass(frozen=True)
class VersionRow:
    """Who made a version, and when."""

    version: int
    made_by: str
    made_at: datetime


def current(session: Session) -> Strategy:
    """The version in force; the table the product comes with while nobody has made another."""
    newest = session.scalar(_NEWEST)
    return BUILT_IN if newest is None else of_version(session, newest)


def of_version(session: Session, version: int) -> Strategy:
    """One version, 0 included; LookupError when there is none of that number."""
    if version == BUILT_IN.version:
        return BUILT_IN
    found = {
        row.delinquency: row
        for row in session.scalars(select(StrategyClass).where(StrategyClass.version == version))
    }
    if not found:
        raise LookupError(f"no strategy has version {version}")
    payments = select(StrategyPaymentRule).where(StrategyPaymentRule.version == version)
    return Strategy(
        version=version,
        rows=tuple(
            ClassRow(code, found[code].weekly_calls, found[code].ai_percent) for code in CLASSES
        ),
        payment_rules=tuple(
            PaymentRule(row.on_time, row.fewer)
            for row in session.scalars(payments.order_by(StrategyPaymentRule.on_time))
        ),
    )


def newest(session: Session) -> int:
    """The number of the version in force."""
    return session.scalar(_NEWEST) or BUILT_IN.version


def add(session: Session, strategy: Strategy, *, by: str, at: datetime) -> None:
    """Write the next version; IntegrityError when somebody else has just written that number."""
    version = strategy.version
    session.execute(insert(StrategyVersion).values(version=version, made_by=by, made_at=at))
    session.execute(
        insert(StrategyClass),
        [
            {
                "version": version,
                "delinquency": row.delinquency,
                "weekly_calls": row.weekly_calls,
                "ai_percent": row.ai_percent,
            }
            for row in strategy.rows
        ],
    )
    if strategy.payment_rules:
        session.execute(
            insert(StrategyPaymentRule),
            [
                {"version": version, "on_time": rule.on_time, "fewer": rule.fewer}
                for rule in strategy.payment_rules
            ],
        )


def versions(session: Session) -> list[VersionRow]:
    """Every version made, the newest first."""
    query = select(StrategyVersion.version, StrategyVersion.made_by, StrategyVersion.made_at)
    rows = session.execute(query.order_by(StrategyVersion.version.desc()))
    return [VersionRow(*row) for row in rows]


_NEWEST = select(func.max(StrategyVersion.version))
