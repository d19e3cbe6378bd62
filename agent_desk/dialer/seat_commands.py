"""What an operator does with the seat itself: open, check, available, away, hold, mute, hang up."""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import commands, effects, endings, seats, skills, surveys, wrap_up
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import AwayQueued, MuteSet
from agent_desk.dialer.floor import PULSE_SLOW_S, CallState, Link, Seat, SeatState
from agent_desk.dialer.ids import CampaignId


def open_seat(draft: Draft, command: commands.OpenSeat) -> None:
    """First page of the day, or a reload or second tab that attaches to state and call as they are.

    After a reload nothing is known of the new page until it is heard, so the seat is no capacity
    for that moment; the device check is not repeated.
    """
    draft.campaign(command.campaign_id)
    seat = draft.seats.get(command.seat_id)
    link = Link(opened_at=draft.now)
    if seat is None:
        fresh = Seat(
            seat_id=command.seat_id,
            user_id=command.user_id,
            team_id=command.team_id,
            campaign_id=command.campaign_id,
            gateway_id=None,
            state=SeatState.OFFLINE,
            since=draft.now,
            link=link,
            serves=command.serves,
            skills=command.skills,
        )
        draft.move_seat(skills.fitted(draft, fresh), "OpenSeat")
        return
    seats.target(seat.state, "OpenSeat", seat.seat_id)
    serves = left_of(seat, command.serves)
    seat = replace(seat, link=link, team_id=command.team_id, serves=serves)
    if seat.state in seats.FREE and seat.campaign_id != command.campaign_id:
        seat = draft.change_campaign(seat, command.campaign_id)
    draft.put_seat(seat)


def close_seat(draft: Draft, command: commands.CloseSeat) -> None:
    """The seat leaves the floor; in wrap-up the result is first recorded as it stands."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "CloseSeat", seat.seat_id)
    _refuse_consulted(seat)
    if seat.state is SeatState.WRAP_UP:
        wrap_up.record_as_it_stands(draft, seat)
    seat = draft.end_order(draft.seat(seat.seat_id), "closed")
    if seat.gateway_id is not None:
        draft.do(effects.CloseSeatMedia(seat.seat_id, seat.gateway_id))
    draft.move_seat(seat, "CloseSeat", at=command.at)


def pass_device_check(draft: Draft, command: commands.PassDeviceCheck) -> None:
    """The operator heard and was heard."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "PassDeviceCheck", seat.seat_id)
    draft.put_seat(replace(seat, checked=True))


def go_available(draft: Draft, command: commands.GoAvailable) -> None:
    """待機: only when the next customer would really be heard. A paused campaign is no obstacle."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "GoAvailable", seat.seat_id)
    if seat.state is SeatState.AVAILABLE:
        return
    _refuse_consulted(seat)
    _require_working(draft, seat)
    draft.move_seat(seat, "GoAvailable")


def _refuse_consulted(seat: Seat) -> None:
    if seat.consulted_on is not None:
        raise Refused(ErrorId.CALL_ON_SEAT)


def _require_working(draft: Draft, seat: Seat) -> None:
    link = seat.link
    if not seat.checked:
        raise Refused(ErrorId.DEVICE_CHECK_MISSING)
    if not link.media_alive(draft.now):
        raise Refused(ErrorId.MEDIA_DOWN)
    if link.pulse_at is None or link.pulse_age_s(draft.now) > PULSE_SLOW_S:
        raise Refused(ErrorId.PAGE_NOT_HEARD)
    if not (link.track_live and link.track_unmuted):
        raise Refused(ErrorId.MICROPHONE_MUTED)


def go_away(draft: Draft, command: commands.GoAway) -> None:
    """離席 now, or after the call and its wrap-up."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "GoAway", seat.seat_id)
    _refuse_consulted(seat)
    if seat.state in seats.WITH_CALL:
        if seat.queued_away != command.reason:
            _queue_away(draft, seat, command.reason)
    elif (seat.state, seat.reason) != (SeatState.AWAY, command.reason):
        draft.move_seat(seat, "GoAway", reason=command.reason)


def work_on(draft: Draft, command: commands.WorkOn) -> None:
    """Another campaign from now on, and no others than `serves`; the row of the move keeps the
    figures apart."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "WorkOn", seat.seat_id)
    _refuse_consulted(seat)
    draft.campaign(command.campaign_id)
    seat = replace(seat, serves=command.serves)
    draft.put_seat(seat)
    if seat.campaign_id != command.campaign_id:
        draft.change_campaign(seat, command.campaign_id)


def serve(draft: Draft, command: commands.Serve) -> None:
    """Other campaigns from the next call on; between two calls it waits for one of theirs."""
    seat = draft.seats.get(command.seat_id)
    if seat is None:
        return
    team_id = seat.team_id if command.team_id is None else command.team_id
    serves = left_of(seat, command.serves)
    if (seat.serves, seat.team_id) == (serves, team_id):
        return
    seat = replace(seat, serves=serves, team_id=team_id)
    draft.put_seat(seat)
    if seat.state in seats.FREE and seat.consulted_on is None:
        campaign_id = draft.waits_for(seat)
        if campaign_id != seat.campaign_id:
            draft.change_campaign(seat, campaign_id)


def left_of(seat: Seat, serves: frozenset[CampaignId]) -> frozenset[CampaignId]:
    """Of the team's campaigns those a lead left this seat; all where none of them is there."""
    return (serves & seat.assigned) or serves


def cancel_away(draft: Draft, command: commands.CancelAway) -> None:
    """Take a queued 離席 back."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "CancelAway", seat.seat_id)
    if seat.queued_away is None:
        raise Refused(ErrorId.NOTHING_QUEUED)
    _queue_away(draft, seat, None)


def _queue_away(draft: Draft, seat: Seat, reason: str | None) -> None:
    draft.put_seat(replace(seat, queued_away=reason))
    if seat.call_id is not None:
        draft.emit(AwayQueued(seat.seat_id, seat.user_id, seat.call_id, reason, draft.now))


def hang_up(draft: Draft, command: commands.HangUp) -> None:
    """Ask for the end of the call; while reserved, only of a previewed one that is on its way."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "HangUp", seat.seat_id)
    call = draft.calls.get(seat.call_id)
    if call is None:
        raise Refused(ErrorId.NO_CALL)
    if seat.state is SeatState.RESERVED and (not call.preview or not call.may_exist):
        raise Refused(ErrorId.NO_CALL)
    if command.skips_survey and call.state is CallState.BRIDGED and call.ending_at is None:
        surveys.skip(draft, seat, call)
    endings.ask_to_end(draft, call, "operator", prompt=None)


def set_hold(draft: Draft, command: commands.SetHold) -> None:
    """保留 on or off; pressing the same twice is nothing."""
    seat = draft.seat(command.seat_id)
    event = "HoldOn" if command.on else "HoldOff"
    if seats.target(seat.state, event, seat.seat_id) is seat.state:
        return
    call = draft.calls.get(seat.call_id)
    if call is None:
        raise Refused(ErrorId.NO_CALL)
    draft.move_seat(seat, event)
    draft.do(effects.Hold(call.call_id, call.gateway_id, command.on))


def set_mute(draft: Draft, command: commands.SetMute) -> None:
    """The microphone, for this call only: it is open again when the next customer comes."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "SetMute", seat.seat_id)
    call = draft.calls.get(seat.call_id)
    if seat.muted == command.on or call is None:
        return
    draft.put_seat(replace(seat, muted=command.on))
    draft.emit(MuteSet(seat.seat_id, seat.user_id, call.call_id, command.on, draft.now))
    draft.do(effects.Mute(seat.seat_id, seat.gateway_id or call.gateway_id, command.on))
