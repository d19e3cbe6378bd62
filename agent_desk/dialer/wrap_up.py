"""After-call work: it ends by saving the result, or by the deadline, which the server owns."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from agent_desk.dialer import results, seats
from agent_desk.dialer.commands import ExtendWrapUp, SaveResult
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.effects import TellLeads
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import ResultRecorded, WrapUpExtended
from agent_desk.dialer.floor import Call, CallState, Campaign, Seat

AWAY_AFTER_WRAP_UP = "wrap_up_expired"  # reason of away when the campaign sends seats there


def save_result(draft: Draft, command: SaveResult) -> None:
    """Note and marks become the result; the seat is available, or away if that was queued."""
    seat, call = results.own_call(draft, command.seat_id, command.call_id, "SaveResult")
    wanted = results.required_by(draft.campaign(call.campaign_id), call.codes)
    if "note" in wanted and not command.note.strip():
        raise Refused(ErrorId.NOTE_REQUIRED)
    if "callback" in wanted and call.callback_at is None:
        raise Refused(ErrorId.CALLBACK_REQUIRED)
    campaign = draft.campaign(call.campaign_id)
    results.refuse_contradiction(campaign, call.codes)
    said = command.counterpart if results.asks_counterpart(campaign, call) else None
    _record(draft, seat, call, note=command.note, recorded=True, said=said)
    if seat.queued_away is None:
        draft.move_seat(seat, "SaveResult")
    else:
        draft.move_seat(seat, "SaveResultToAway", reason=seat.queued_away)


def extensions_allowed(campaign: Campaign) -> int:
    """How often after-call work may be put off."""
    return campaign.wrap_up_extensions if campaign.wrap_up_policy == "extendable" else 0


def extend(draft: Draft, command: ExtendWrapUp) -> None:
    """More time, as often as the campaign allows, counted from the standing deadline."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "ExtendWrapUp", seat.seat_id)
    call = draft.calls.get(seat.call_id)
    campaign = draft.campaign(seat.campaign_id) if call is None else draft.terms(call)
    allowed = extensions_allowed(campaign)
    if seat.extensions >= allowed:
        raise Refused(ErrorId.EXTENSIONS_USED_UP, allowed=allowed)
    if seat.call_id is None or seat.deadline is None:
        raise Refused(ErrorId.NOT_IN_WRAP_UP)
    deadline = seat.deadline + timedelta(seconds=campaign.wrap_up_extension_s)
    draft.put_seat(replace(seat, deadline=deadline, extensions=seat.extensions + 1))
    draft.emit(WrapUpExtended(seat.seat_id, seat.user_id, seat.call_id, deadline, draft.now))


def expire(draft: Draft, seat: Seat) -> None:
    """The deadline passed: the draft stands, the lead is told, the seat follows the policy.

    Where after-call work is optional that is how it ends: what was pressed is the result.
    """
    call = draft.calls.get(seat.call_id)
    campaign = draft.campaign(seat.campaign_id) if call is None else draft.terms(call)
    if call is not None and _is_enough(draft, campaign, call):
        _record(draft, seat, call, note=None, recorded=True)
        _leave(draft, seat, campaign, at=seat.deadline)
    else:
        end_unsaved(draft, seat, at=seat.deadline)


def end_unsaved(draft: Draft, seat: Seat, *, at: datetime | None) -> None:
    """The draft becomes the result nobody saved, and the seat follows the policy."""
    call = draft.calls.get(seat.call_id)
    campaign = draft.campaign(seat.campaign_id) if call is None else draft.terms(call)
    record_as_it_stands(draft, seat)
    _leave(draft, seat, campaign, at=at)


def _leave(draft: Draft, seat: Seat, campaign: Campaign, *, at: datetime | None) -> None:
    if seat.queued_away is not None:
        draft.move_seat(seat, "WrapUpExpiredToAway", at=at, reason=seat.queued_away)
    elif campaign.after_wrap_up == "away":
        draft.move_seat(seat, "WrapUpExpiredToAway", at=at, reason=AWAY_AFTER_WRAP_UP)
    else:
        draft.move_seat(seat, "WrapUpExpired", at=at)


def _is_enough(draft: Draft, campaign: Campaign, call: Call) -> bool:
    """Whether nobody has to add anything to what was pressed."""
    wanted = results.required_by(draft.campaign(call.campaign_id), call.codes)
    return campaign.wrap_up_policy == "optional" and not wanted


def record_as_it_stands(draft: Draft, seat: Seat) -> None:
    """The result nobody saved: marks as pressed, the note as drafted, `unrecorded`."""
    call = draft.calls.get(seat.call_id)
    if call is not None:
        _record(draft, seat, call, note=None, recorded=False)
        draft.do(TellLeads("result-unrecorded", seat.seat_id, call.campaign_id))


def _record(
    draft: Draft,
    seat: Seat,
    call: Call,
    *,
    note: str | None,
    recorded: bool,
    said: str | None = None,
) -> None:
    draft.emit(
        ResultRecorded(
            call_id=call.call_id,
            customer_id=call.customer_id,
            list_entry_id=call.list_entry_id,
            campaign_id=call.campaign_id,
            user_id=seat.user_id,
            codes=tuple(sorted(call.codes)),
            note=note,
            recorded=recorded,
            at=draft.now,
            counterpart=said or results.counterpart(call, draft.campaign(call.campaign_id)),
        )
    )
    if call.taken_by is None or call.state is CallState.ENDED:
        draft.calls.remove(call.call_id)  # else a lead still talks on it
