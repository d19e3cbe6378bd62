"""Ways of looking at the floor that are kept under a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.floor_views import FloorView


@dataclass(frozen=True)
class ViewRow:
    """One of them; `opens`: the one a page begins with."""

    id: int
    name: str
    layout: str
    filters: Mapping[str, Any]
    sort: Sequence[Mapping[str, Any]]
    opens: bool


def of(session: Session, user_id: int) -> list[ViewRow]:
    """Somebody's own, by name."""
    query = (
        select(FloorView).where(FloorView.user_id == user_id).order_by(FloorView.name, FloorView.id)
    )
    return [
        ViewRow(each.id, each.name, each.layout, each.filters, each.sort, each.opens)
        for each in session.scalars(query)
    ]


def is_of(session: Session, view_id: int, user_id: int) -> bool:
    """Whether there is such a one and it is theirs."""
    query = select(FloorView.id).where(FloorView.id == view_id, FloorView.user_id == user_id)
    return session.scalar(query) is not None


def count_of(session: Session, user_id: int) -> int:
    """How many somebody has."""
    query = select(func.count()).select_from(FloorView).where(FloorView.user_id == user_id)
    return session.scalar(query) or 0


def named(session: Session, user_id: int, name: str) -> int | None:
    """The id of theirs of this name."""
    query = select(FloorView.id).where(FloorView.user_id == user_id, FloorView.name == name)
    return session.scalar(query)


def put(session: Session, view: ViewRow, *, user_id: int, at: datetime) -> None:
    """Keep a new one (id 0), or keep this instead of what it was before."""
    if view.opens:  # no other of theirs does any more
        session.execute(update(FloorView).where(FloorView.user_id == user_id).values(opens=False))
    values = {
        "name": view.name,
        "layout": view.layout,
        "filters": dict(view.filters),
        "sort": [dict(each) for each in view.sort],
        "opens": view.opens,
        "changed_at": at,
    }
    if view.id:
        session.execute(update(FloorView).where(FloorView.id == view.id).values(**values))
    else:
        session.execute(insert(FloorView).values(user_id=user_id, **values))


def remove(session: Session, view_id: int) -> None:
    """Forget it."""
    session.execute(delete(FloorView).where(FloorView.id == view_id))
