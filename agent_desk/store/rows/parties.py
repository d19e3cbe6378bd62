"""Rows of who else was in a call, and of what was done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer import events
from agent_desk.dialer.ids import SeatId
from agent_desk.dialer.party import Party
from agent_desk.models.scripts import CallParty
from agent_desk.models.users import User
from agent_desk.store import audit
from agent_desk.store.rows.context import RowContext


def asked(context: RowContext, event: events.PartyAsked) -> None:
    """Who was asked in, by whom; a number only sealed, and as its key in the audit trail."""
    context.session.execute(
        insert(CallParty).values(
            party_id=event.party_id,
            call_id=event.call_id,
            user_id=event.user_id,
            seat_user_id=None if event.seat_id is None else context.user_of(event.seat_id),
            number_sealed=context.sealer.seal(event.number) if event.number else None,
            number_key=event.number_key or None,
            caller_id=event.caller_id if event.number else None,
            blind=event.blind,
            state="asked",
            cause="",
            asked_at=event.at,
        )
    )
    whom = {"seat": event.seat_id} if event.seat_id else {"number_key": event.number_key}
    _audit(context, event, "call.party.asked", {**whom, "blind": event.blind})


def moved(context: RowContext, event: events.PartyMoved) -> None:
    """What became of them."""
    values: dict[str, Any] = {"state": event.state, "cause": event.cause}
    if event.state == "joined":
        values["joined_at"] = event.at
    if event.ended:
        values["ended_at"] = event.at
    where = CallParty.party_id == event.party_id
    context.session.execute(update(CallParty).where(where).values(**values))
    if event.state in ("handed", "carrier"):
        _audit(context, event, "call.handed-over", {"party": event.party_id})


def digits_sent(context: RowContext, event: events.DigitsSent) -> None:
    """That keys were pressed; they may be a card's number, so nobody keeps which."""
    _audit(context, event, "call.digits", {"count": event.count})


def _audit(
    context: RowContext,
    event: events.PartyAsked | events.PartyMoved | events.DigitsSent,
    action: str,
    details: dict[str, Any],
) -> None:
    user_id = getattr(event, "user_id", None)
    audit.append(
        context.session,
        at=event.at,
        actor="dialer" if user_id is None else context.seat_of(int(user_id)),
        action=action,
        subject=f"call:{event.call_id}",
        details=details,
    )


def present(session: Session, call_ids: Sequence[str]) -> dict[str, Party]:
    """Who was in these calls when the last row was written.

    Whether the gateway had been asked to call them, or the carrier to take over, is known by its
    events alone; until those come they are on their way.
    """
    colleague = aliased(User)
    query = (
        select(CallParty, colleague.username)
        .outerjoin(colleague, colleague.id == CallParty.seat_user_id)
        .where(CallParty.call_id.in_(call_ids), CallParty.ended_at.is_(None))
    )
    return {row.call_id: _party(row, name) for row, name in session.execute(query)}


def _party(row: CallParty, colleague: str | None) -> Party:
    return Party(
        party_id=row.party_id,
        kind="number" if colleague is None else "seat",
        shown=colleague or "",
        state="dialing" if row.joined_at is None else "joined",
        mode="conference" if row.state == "conference" else "consult",
        seat_id=None if colleague is None else SeatId(colleague),
        number_key=row.number_key or "",
        blind=row.blind,
    )
