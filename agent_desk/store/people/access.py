"""The rules of getting in, by name: `house`, and `role:<role>` for each role that has its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.users import AccessSetting


def every(session: Session) -> dict[str, dict[str, Any]]:
    """Each setting by its name."""
    rows = session.execute(select(AccessSetting.name, AccessSetting.value))
    return {name: value for name, value in rows}


def put(session: Session, name: str, value: Mapping[str, Any], *, by: str, at: datetime) -> None:
    """Set one."""
    values = {"value": dict(value), "changed_at": at, "changed_by": by}
    done = session.execute(update(AccessSetting).where(AccessSetting.name == name).values(**values))
    if done.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(AccessSetting).values(name=name, **values))
