"""Filters with names and versions, and looking through customers with one, a span at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer
from agent_desk.models.filters import FilterVersion, SavedFilter
from agent_desk.store.customers import search
from agent_desk.store.lists.filter_grammar import Group
from agent_desk.store.lists.filter_queries import Context, compiled


@dataclass(frozen=True)
class FilterRow:
    """One saved filter as its newest version has it. `teams` None: of every team's customers."""

    id: int
    name: str
    version: int
    definition: Mapping[str, Any]
    actor: str
    at: datetime
    teams: frozenset[int] | None


@dataclass(frozen=True)
class VersionRow:
    """What a filter said from `at` on."""

    version: int
    definition: Mapping[str, Any]
    actor: str
    at: datetime


def newest(session: Session) -> list[FilterRow]:
    """Every filter, by name."""
    return [_row(row) for row in session.execute(_FILTERS.order_by(SavedFilter.name))]


def named(session: Session, name: str) -> FilterRow | None:
    """The filter of this name."""
    row = session.execute(_FILTERS.where(SavedFilter.name == name)).first()
    return None if row is None else _row(row)


def by_id(session: Session, filter_id: int) -> FilterRow | None:
    """The filter of this id."""
    row = session.execute(_FILTERS.where(SavedFilter.id == filter_id)).first()
    return None if row is None else _row(row)


def versions(
    session: Session, filter_id: int, *, before: int | None, most: int
) -> list[VersionRow]:
    """Its versions, newest first; those older than `before`."""
    query = _VERSIONS.where(FilterVersion.filter_id == filter_id)
    if before is not None:
        query = query.where(FilterVersion.version < before)
    rows = session.execute(query.order_by(FilterVersion.version.desc()).limit(most))
    return [VersionRow(*row) for row in rows]


def save(
    session: Session,
    name: str,
    definition: Mapping[str, Any],
    *,
    teams: Collection[int] | None,
    actor: str,
    at: datetime,
) -> int:
    """A new filter, or the next version of the one of this name; its id."""
    known = named(session, name)
    if known is None:
        scope = None if teams is None else sorted(teams)
        made = insert(SavedFilter).values(
            name=name, actor=actor, teams=scope, version=1, created_at=at
        )
        filter_id = int(session.execute(made).inserted_primary_key[0])  # type: ignore[attr-defined]
        version = 1
    else:
        filter_id, version = known.id, known.version + 1
        where = SavedFilter.id == filter_id
        session.execute(update(SavedFilter).where(where).values(version=version))
    session.execute(
        insert(FilterVersion).values(
            filter_id=filter_id, version=version, definition=dict(definition), actor=actor, at=at
        )
    )
    return filter_id


def last_customer(session: Session) -> int:
    """The highest id there is."""
    return session.scalar(select(func.max(Customer.id))) or 0


def matching(
    session: Session, group: Group, context: Context, *, teams: Collection[int] | None
) -> Select[int]:
    """Ids of customers who fit and are not erased, above `after` up to `upto`, in id order."""
    return (
        select(Customer.id)
        .where(
            Customer.id > bindparam("after"),
            Customer.id <= bindparam("upto"),
            Customer.erased_at.is_(None),
            *search.within(teams, session),
            compiled(group, context),
        )
        .order_by(Customer.id)
    )


def count_of(chosen: Select[int]) -> Select[int]:
    """How many a `matching` query finds."""
    return select(func.count()).select_from(chosen.order_by(None).subquery())


def _row(row: Any) -> FilterRow:
    teams = None if row.teams is None else frozenset(row.teams)
    return FilterRow(row.id, row.name, row.version, row.definition, row.actor, row.at, teams)


_VERSIONS = select(
    FilterVersion.version, FilterVersion.definition, FilterVersion.actor, FilterVersion.at
)
_FILTERS = select(
    SavedFilter.id,
    SavedFilter.name,
    SavedFilter.version,
    SavedFilter.teams,
    FilterVersion.definition,
    FilterVersion.actor,
    FilterVersion.at,
).join(
    FilterVersion,
    (FilterVersion.filter_id == SavedFilter.id) & (FilterVersion.version == SavedFilter.version),
)
