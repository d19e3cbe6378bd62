"""What an order to call says that the engine does not know: the number, what is shown, recording.

Asked for each attempt between its lease and its INVITE, so all of it is one question.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Phone
from agent_desk.store import straight
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class OrderRow:
    """`number` is E.164; `local_caller_ids` are (area, number); `record`: as it was leased."""

    number: str
    caller_id: str
    local_caller_ids: tuple[tuple[str, str], ...]
    record: bool


def order(session: Session, sealer: Sealer, call_id: str) -> OrderRow:
    """Of one leased attempt; LookupError when there is none, or none that calls a number."""
    found = straight.first(session, _ORDER, {"call_id": call_id})
    if found is None:
        raise LookupError(f"call {call_id} has no number to call")
    number, caller_id, local_caller_ids, record = found
    local = tuple((area, shown) for area, shown in local_caller_ids)
    return OrderRow(sealer.open(number), caller_id, local, bool(record))


_ORDER = (
    select(Phone.number_sealed, Campaign.caller_id, Campaign.local_caller_ids, Call.record)
    .select_from(Attempt)
    .join(Phone, Phone.id == Attempt.phone_id)
    .join(Campaign, Campaign.id == Attempt.campaign_id)
    .join(Call, Call.id == Attempt.id)
    .where(Attempt.id == bindparam("call_id"))
)
