"""Rows of what leads ordered for seats; each order and its end is in the audit trail as well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer import events
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.dialer.seat_order import SeatOrder
from agent_desk.models.seat_moves import SeatMove
from agent_desk.models.seat_orders import SeatOrder as OrderRow
from agent_desk.models.users import User
from agent_desk.store import audit
from agent_desk.store.rows.context import RowContext


def ordered(context: RowContext, event: events.SeatOrdered) -> None:
    """A lead ordered this."""
    order = event.order
    context.session.execute(
        insert(OrderRow).values(
            id=order.order_id,
            seat_user_id=event.user_id,
            by_user_id=context.user_of(order.by),
            call_id=event.call_id,
            what=order.what,
            reason=order.reason,
            campaigns=list(order.campaigns),
            note=order.note,
            ordered_at=order.at,
        )
    )
    details = {"what": order.what, "reason": order.reason, "campaigns": list(order.campaigns)}
    _audit(context, order.by, event.seat_id, event.at, "seat.ordered", details)


def ended(context: RowContext, event: events.SeatOrderEnded) -> None:
    """It came about, or did not."""
    context.session.execute(
        update(OrderRow)
        .where(OrderRow.id == event.order.order_id)
        .values(ended_at=event.at, how=event.how)
    )
    by = event.by or event.order.by
    details = {"what": event.order.what, "how": event.how}
    _audit(context, by, event.seat_id, event.at, "seat.order-ended", details)


def wrap_up_finished(context: RowContext, event: events.WrapUpFinished) -> None:
    """A lead ended somebody's wrap-up; the words of why are not for the trail."""
    details = {"call": event.call_id, "noted": bool(event.note)}
    _audit(context, event.by, event.seat_id, event.at, "wrap-up.finished", details)


def waiting(session: Session) -> dict[SeatId, SeatOrder]:
    """Those that have not ended, by seat."""
    operator, lead = aliased(User), aliased(User)
    query = (
        select(OrderRow, operator.username, lead.username)
        .join(operator, operator.id == OrderRow.seat_user_id)
        .join(lead, lead.id == OrderRow.by_user_id)
        .where(OrderRow.ended_at.is_(None))
    )
    return {
        SeatId(seat): SeatOrder(
            order_id=row.id,
            what=row.what,  # type: ignore[arg-type]  # written from one
            by=SeatId(by),
            at=row.ordered_at,
            reason=row.reason,
            campaigns=tuple(map(CampaignId, row.campaigns)),
            note=row.note,
        )
        for row, seat, by in session.execute(query)
    }


def assigned(session: Session) -> dict[SeatId, frozenset[CampaignId]]:
    """The campaigns a lead left each seat since its operator came; a log-out ends that."""
    came = (
        select(func.max(SeatMove.at))
        .where(SeatMove.user_id == OrderRow.seat_user_id, SeatMove.from_state == "offline")
        .correlate(OrderRow)
        .scalar_subquery()
    )
    query = (
        select(User.username, OrderRow.campaigns)
        .join(User, User.id == OrderRow.seat_user_id)
        .where(OrderRow.what == "work_on", OrderRow.how == "done", OrderRow.ended_at >= came)
        .order_by(OrderRow.ended_at)
    )
    found = session.execute(query)
    return {SeatId(seat): frozenset(map(CampaignId, theirs)) for seat, theirs in found}


def _audit(
    context: RowContext,
    actor: str,
    seat_id: str,
    at: datetime,
    action: str,
    details: Mapping[str, Any],
) -> None:
    audit.append(
        context.session,
        at=at,
        actor=actor,
        action=action,
        subject=f"seat:{seat_id}",
        details=dict(details),
    )
