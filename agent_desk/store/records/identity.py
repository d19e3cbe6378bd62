"""本人確認: the stored answer, and how often it was missed on a call."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer, Phone
from agent_desk.models.results import IdentityCheck
from agent_desk.store import straight
from agent_desk.store.sealing import Sealer

_SEALED = {
    "birth_date": Customer.birth_date_sealed,
    "address_town": Customer.address_town_sealed,
    "member_last4": Customer.member_last4_sealed,
}


def failures(session: Session, call_id: str) -> int:
    """Tries on this call that did not end in a match."""
    return straight.scalar(session, _FAILURES, {"call_id": call_id}) or 0


def matched(session: Session, call_id: str) -> set[str]:
    """The factors that were right on this call, while others are still to be asked."""
    return {row[0] for row in straight.rows(session, _MATCHED, {"call_id": call_id})}


def was_right(session: Session, call_id: str) -> bool:
    """Whether the newest try on this call was a match."""
    query = select(IdentityCheck.state).where(IdentityCheck.call_id == call_id)
    newest = session.scalar(query.order_by(IdentityCheck.id.desc()).limit(1))
    return newest in ("verified", "matched")


def factor(session: Session, sealer: Sealer, customer_id: int, *, factor: str) -> str | None:
    """What the customer would have to say; None when nobody ever told us."""
    if factor == "phone_last4":
        query = (
            select(Phone.number_sealed)
            .where(Phone.customer_id == customer_id)
            .order_by(Phone.position, Phone.id)
            .limit(1)
        )
        number = sealer.open_optional(session.scalar(query))
        return None if number is None else number[-4:]
    return sealer.open_optional(
        session.scalar(select(_SEALED[factor]).where(Customer.id == customer_id))
    )


# Built once: each record that is shown asks.
_FAILURES = select(func.count()).where(
    IdentityCheck.call_id == bindparam("call_id"),
    IdentityCheck.state.not_in(("verified", "matched")),
)
_MATCHED = select(IdentityCheck.factor).where(
    IdentityCheck.call_id == bindparam("call_id"), IdentityCheck.state == "matched"
)
