"""Every table in one import, for migrations and tests that need the whole schema."""

from __future__ import annotations

from sqlalchemy import MetaData

from agent_desk.models import (
    audit,
    base,
    calls,
    campaigns,
    customers,
    imports,
    lists,
    predictive,
    quality,
    results,
    rules,
    scripts,
    seat_moves,
    strategy,
    system,
    users,
)

MODULES = (
    users,
    campaigns,
    customers,
    lists,
    calls,
    seat_moves,
    strategy,
    results,
    rules,
    predictive,
    scripts,
    quality,
    audit,
    imports,
    system,
)

METADATA: MetaData = base.Base.metadata
