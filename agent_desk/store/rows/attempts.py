"""Attempts as the lease writes them, before any INVITE, with the calls they may become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.lists import ListEntry
from agent_desk.store import straight


@dataclass(frozen=True)
class LeasedRow:
    """One attempt as written."""

    call_id: str
    campaign_id: int
    list_entry_id: int
    customer_id: int
    phone_id: int
    number_key: str
    number_today: int
    cap_today: int
    trunk_id: str
    gateway_id: str
    not_after: datetime
    line: str | None = None  # by which rate it is charged, where the number's kind does not say


def write(
    session: Session,
    rows: Sequence[LeasedRow],
    *,
    now: datetime,
    seat_id: str | None,
    desk_epoch: int,
    record: bool,
) -> None:
    """Write them and take their list entries out of the ready ones.

    `seat_id` is the seat that previews; `record`: the calls must be recorded.
    """
    straight.write(
        session,
        _ATTEMPT,
        *(
            {
                "id": row.call_id,
                "campaign_id": row.campaign_id,
                "whose_tariff": row.campaign_id,
                "list_entry_id": row.list_entry_id,
                "customer_id": row.customer_id,
                "phone_id": row.phone_id,
                "number_key": row.number_key,
                "line": row.line,
                "number_today": row.number_today,
                "cap_today": row.cap_today,
                "trunk_id": row.trunk_id,
                "gateway_id": row.gateway_id,
                "seat_id": seat_id,
                "desk_epoch": desk_epoch,
                "leased_at": now,
                "not_after": row.not_after,
            }
            for row in rows
        ),
    )
    straight.write(
        session,
        _CALL,
        *(
            {
                "id": row.call_id,
                "campaign_id": row.campaign_id,
                "customer_id": row.customer_id,
                "since": now,
                "leased_at": now,
                "record": record,
            }
            for row in rows
        ),
    )
    straight.write(session, _TAKE, {"ids": [row.list_entry_id for row in rows]})


# Built once, and plain: the session would look at each row as an object of its own.
_TARIFF = select(Campaign.tariff_id).where(Campaign.id == bindparam("whose_tariff"))
_ATTEMPT = insert(Attempt).values(tariff_id=_TARIFF.scalar_subquery())
_CALL = insert(Call)
_TAKE = (
    update(ListEntry)
    .where(ListEntry.id.in_(bindparam("ids", expanding=True)))
    .values(state="leased", own_next_at=None)
)
