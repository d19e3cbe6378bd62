"""A lead's orders for a seat: queued behind the call in hand, carried out before the next one.

The engine carries out what waits right after the command that freed the seat and before waiting
calls are offered, so no customer can slip in between. There is one order a seat; a newer one takes
the place of the older, and both are written.
"""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import commands, effects, seat_commands, seats, wrap_up
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import SeatOrdered, WrapUpFinished
from agent_desk.dialer.floor import Seat, SeatState
from agent_desk.dialer.seat_order import SeatOrder


def order_seat(draft: Draft, command: commands.OrderSeat) -> None:
    """Queue it, or carry it out where no call is in hand."""
    seat, order = draft.seat(command.seat_id), command.order
    for campaign_id in order.campaigns:
        draft.campaign(campaign_id)
    busy = not _free(seat)
    if command.now and busy:
        wrapping = seat.state is SeatState.WRAP_UP
        raise Refused(ErrorId.RESULT_MISSING if wrapping else ErrorId.CALL_ON_SEAT)
    if seat.order is not None and not seat.order.done:
        seat = draft.end_order(seat, "replaced", by=order.by)
    seat = replace(seat, order=order)
    draft.put_seat(seat)
    draft.emit(SeatOrdered(seat.seat_id, seat.user_id, order, seat.call_id, draft.now))
    if not busy:
        _carry_out(draft, seat, order)


def cancel(draft: Draft, command: commands.CancelOrder) -> None:
    """Take back what has not been carried out yet."""
    seat = draft.seat(command.seat_id)
    if seat.order is None or seat.order.done:
        raise Refused(ErrorId.NOTHING_ORDERED)
    draft.put_seat(draft.end_order(seat, "cancelled", by=command.by))


def finish_wrap_up(draft: Draft, command: commands.FinishWrapUp) -> None:
    """As at the deadline: the draft stands as it is, the seat follows the campaign's policy."""
    seat = draft.seat(command.seat_id)
    if seat.state is not SeatState.WRAP_UP or seat.call_id is None:
        raise Refused(ErrorId.NOT_IN_WRAP_UP)
    draft.emit(
        WrapUpFinished(
            seat.seat_id, seat.user_id, seat.call_id, command.by, command.note, draft.now
        )
    )
    draft.do(effects.TellSeat("wrap-up-finished", seat.seat_id))
    wrap_up.end_unsaved(draft, seat, at=draft.now)


def carry_out_waiting(draft: Draft) -> None:
    """Orders of the seats that this command freed."""
    for seat_id in draft.freed:
        seat = draft.seats.get(seat_id)
        if seat is None or seat.order is None or seat.order.done or not _free(seat):
            continue
        try:
            _carry_out(draft, seat, seat.order)
        except Refused:  # not heard any more, say: nobody is made available by force
            draft.put_seat(draft.end_order(seat, "failed"))
            draft.do(effects.TellLeads("order-failed", seat.seat_id, seat.campaign_id))


def _carry_out(draft: Draft, seat: Seat, order: SeatOrder) -> None:
    """May raise Refused, having written nothing."""
    seat_id = seat.seat_id
    match order.what:
        case "away":
            seat_commands.go_away(draft, commands.GoAway(seat_id, order.reason or "other"))
        case "available":
            seat_commands.go_available(draft, commands.GoAvailable(seat_id))
        case "work_on":
            _assign(draft, seat, order)
        case "logout":
            draft.put_seat(draft.end_order(seat, "done"))
            seat_commands.close_seat(draft, commands.CloseSeat(seat_id, "logout"))
            return
    moved = draft.end_order(draft.seat(seat_id), "done")
    draft.put_seat(replace(moved, order=replace(order, done=True)))


def _assign(draft: Draft, seat: Seat, order: SeatOrder) -> None:
    only = frozenset(order.campaigns)
    draft.put_seat(replace(seat, assigned=only))
    work = commands.WorkOn(seat.seat_id, order.campaigns[0], only)
    seat_commands.work_on(draft, work)


def _free(seat: Seat) -> bool:
    return seat.state in seats.FREE and seat.consulted_on is None
