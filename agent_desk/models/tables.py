"""Every table in one import, for migrations and tests that need the whole schema."""

from __future__ import annotations

from sqlalchemy import MetaData

from agent_desk.models import (
    audit,
    base,
    calls,
    campaign_versions,
    campaigns,
    costs,
    customers,
    filters,
    imports,
    listening_audits,
    lists,
    messages,
    orders,
    predictive,
    quality,
    record_fields,
    report_runs,
    results,
    rules,
    scripts,
    seat_moves,
    strategy,
    supervision,
    system,
    tariffs,
    tokens,
    users,
    working_time,
)

MODULES = (
    users,
    working_time,
    campaigns,
    campaign_versions,
    customers,
    lists,
    filters,
    calls,
    seat_moves,
    strategy,
    results,
    record_fields,
    orders,
    listening_audits,
    rules,
    predictive,
    messages,
    scripts,
    supervision,
    quality,
    audit,
    imports,
    report_runs,
    system,
    tariffs,
    costs,
    tokens,
)

METADATA: MetaData = base.Base.metadata
