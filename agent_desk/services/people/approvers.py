"""Who may answer for a recording by name: somebody with a login, in charge, and still here; and
never who brought it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from agent_desk.services.errors import ServiceError
from agent_desk.store.people import accounts

MAY_APPROVE = frozenset({"lead", "manager", "compliance", "admin"})


def require_approver(session: Session, username: str) -> None:
    """ServiceError `approver-unknown` unless such a person has this username."""
    found = accounts.by_username(session, username)
    if found is None or not found.enabled or found.role not in MAY_APPROVE:
        raise ServiceError("approver-unknown", username=username)


def require_two(brought_by: str, username: str) -> None:
    """ServiceError `message-own` for who would approve what they brought themselves."""
    if brought_by == username:
        raise ServiceError("message-own")
