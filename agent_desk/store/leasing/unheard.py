"""Open attempts as their lease wrote them, for whoever may not have heard of them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Call
from agent_desk.store.rows.attempts import LeasedRow


def open_attempts(session: Session, epoch: int) -> list[LeasedRow]:
    """Ours of this epoch whose call has not begun."""
    columns = (getattr(Attempt, name) for name in _NAMES)
    query = (
        select(Attempt.id, *columns)
        .join(Call, Call.id == Attempt.id)
        .where(Call.live, Call.state == "leased", Attempt.open, Attempt.inbound.is_(False))
        .where(Attempt.desk_epoch == epoch)
    )
    return [LeasedRow(*row) for row in session.execute(query)]


_NAMES = (
    "campaign_id",
    "list_entry_id",
    "customer_id",
    "phone_id",
    "number_key",
    "number_today",
    "cap_today",
    "trunk_id",
    "gateway_id",
    "not_after",
)
