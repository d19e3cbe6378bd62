"""What was done about the rules, and by whom, for the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from agent_desk.services.actor import Actor
from agent_desk.store import audit
from agent_desk.store.unit_of_work import Session


def note(
    session: Session,
    action: str,
    *,
    subject: str,
    at: datetime,
    actor: Actor,
    details: Mapping[str, object],
) -> None:
    """One row, with the caller's transaction; ids, codes and hashes only."""
    audit.append(
        session, at=at, actor=actor.username, action=action, subject=subject, details=details
    )
