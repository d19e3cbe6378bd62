"""Leads in other people's calls: they listen, whisper, barge in, or take the call over.

The lead needs a leg of their own first (`OpenSupervisor`, and then an offer to the gateway), in the
gateway that has the call. They are in one call at a time: asking for another one leaves the first.
Several may listen to one call; only one of them at a time is heard in it, for an operator cannot
follow two voices, and nobody takes a call out of another lead's hands.

A use begins and ends as the gateway says, so that its row tells who was really heard by whom; a leg
the gateway brings in without a row is let go again.

To take over is to make the call the lead's: the operator is in wrap-up as after any call and writes
its result, the customer talks on with the lead until one of them hangs up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent_desk.dialer import commands, effects, endings, gateway_facts, supervisors
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import CallTakenOver, RecordingPaused, SupervisionBegan
from agent_desk.dialer.floor import Call, CallState, Seat, wrap_up_until
from agent_desk.dialer.ids import SeatId
from agent_desk.dialer.seats import IN_CALL
from agent_desk.dialer.supervisor import AUDIBLE, Supervised, SupervisionMode, Supervisor

REFUSED_BY_GATEWAY = "refused"
LEG_ERRORS = frozenset({"seat_not_connected", "seat_silent"})


def open_supervisor(draft: Draft, command: commands.OpenSupervisor) -> None:
    """The lead's leg may come. A lead is no operator: who has a seat has no second leg."""
    if command.lead in draft.seats.rows:
        raise Refused(ErrorId.CALL_ON_SEAT)
    known = draft.supervisors.get(command.lead)
    if known is None:
        known = Supervisor(command.lead, command.user_id, command.teams)
    draft.put_supervisor(replace(known, teams=command.teams, page_gone_at=None, problem=""))


def attend(draft: Draft, command: commands.AttendFloor) -> None:
    """A page is there; what it may hear may have changed."""
    supervisor = draft.supervisors.get(command.lead)
    if supervisor is not None:
        _put(draft, supervisor, replace(supervisor, teams=command.teams, page_gone_at=None))


def leave(draft: Draft, command: commands.LeaveFloor) -> None:
    """No page is there: a lost network makes its socket anew within seconds, or it is over."""
    supervisor = draft.supervisors.get(command.lead)
    if supervisor is not None and supervisor.page_gone_at is None:
        draft.put_supervisor(replace(supervisor, page_gone_at=draft.now))


def supervise(draft: Draft, command: commands.Supervise) -> None:
    """Into a call, to another call, or another mode in the same one."""
    supervisor = _own(draft, command.lead)
    call = _call_of(draft, supervisor, command.seat_id)
    _refuse_second_voice(draft, supervisor, call, command.mode)
    if supervisor.gateway_id is not None and supervisor.gateway_id != call.gateway_id:
        raise Refused(ErrorId.SUPERVISOR_ELSEWHERE)
    supervised = supervisor.supervised
    if supervised is None or supervised.call_id != call.call_id:
        _refuse_own_call(supervised)
        supervisor = supervisors.end(draft, supervisor, "moved", tell=True)
        supervisor = replace(supervisor, follow=_kept_follow(supervisor, command.seat_id))
        supervisors.join(draft, supervisor, call, command.mode, command.part_id)
        return
    _refuse_own_call(supervised)
    if supervised.mode != command.mode:
        supervisors.ask(draft, supervisor, supervised, command.mode, command.part_id)


def _kept_follow(supervisor: Supervisor, seat_id: SeatId) -> SeatId | None:
    return supervisor.follow if supervisor.follow == seat_id else None


def follow(draft: Draft, command: commands.FollowSeat) -> None:
    """The tick box: this operator's next calls as well."""
    supervisor = _own(draft, command.lead)
    if not command.on:
        _put(draft, supervisor, replace(supervisor, follow=None))
        return
    if supervisor.supervised is None:
        raise Refused(ErrorId.NOT_SUPERVISING)
    _put(draft, supervisor, replace(supervisor, follow=supervisor.supervised.seat_id))


def mute(draft: Draft, command: commands.MuteSupervisor) -> None:
    """The lead's own microphone, for this call."""
    supervisor = _own(draft, command.lead)
    supervised = supervisor.supervised
    call = draft.calls.get(supervised.call_id) if supervised is not None else None
    if supervised is None or supervised.now is None or call is None:
        raise Refused(ErrorId.NOT_SUPERVISING)
    if supervisor.muted != command.on:
        draft.put_supervisor(replace(supervisor, muted=command.on))
        gateway_id = supervisors.leg_gateway(supervisor, call)
        draft.do(effects.Mute(supervisor.seat_id, gateway_id, command.on))


def hold(draft: Draft, command: commands.HoldTaken) -> None:
    """A call that was taken over is held by the lead as any other is by its operator."""
    supervisor = _own(draft, command.lead)
    supervised = supervisor.supervised
    call = draft.calls.get(supervised.call_id) if supervised is not None else None
    if call is None or call.taken_by != command.lead or call.ending_at is not None:
        raise Refused(ErrorId.NOT_SUPERVISING)
    if supervisor.held != command.on:
        draft.put_supervisor(replace(supervisor, held=command.on))
        draft.do(effects.Hold(call.call_id, call.gateway_id, command.on))


def stop(draft: Draft, command: commands.StopSupervising) -> None:
    """Out of it; a call that is the lead's own is hung up. Pressed once too often it is nothing."""
    supervisor = draft.supervisors.get(command.lead)
    if supervisor is None:
        return
    supervised = supervisor.supervised
    before, supervisor = supervisor, replace(supervisor, follow=None, problem="")
    _put(draft, before, supervisor)
    call = draft.calls.get(supervised.call_id) if supervised is not None else None
    if call is not None and call.taken_by == command.lead:
        endings.ask_to_end(draft, call, "lead", prompt=None)
    else:
        _refuse_own_call(supervised)
        supervisors.end(draft, supervisor, "stopped", tell=True)


# --- what the gateway tells --------------------------------------------------------------------


def changed(draft: Draft, fact: gateway_facts.SupervisionChanged) -> None:
    """The leg does this in the call now, or is out of it."""
    supervisor = draft.supervisors.get(fact.lead)
    supervised = supervisor.supervised if supervisor is not None else None
    if supervisor is None or supervised is None or supervised.call_id != fact.call_id:
        _refuse_unwritten(draft, fact)
    elif fact.mode is None:
        if supervised.now is not None:
            left = replace(supervised, left_at=min(fact.at, draft.now))
            draft.put_supervisor(replace(supervisor, supervised=left))
    elif supervised.asked is not None and supervised.asked.mode == fact.mode:
        _begun(draft, supervisor, supervised, fact.at)


def _refuse_unwritten(draft: Draft, fact: gateway_facts.SupervisionChanged) -> None:
    """Nobody is in a call without a row: an order of a desk that died, or one taken back since."""
    call = draft.calls.get(fact.call_id)
    if fact.mode is None or call is None:
        return
    if fact.mode == "take_over":
        endings.ask_to_end(draft, call, "unknown-supervisor", prompt=None)
    else:
        draft.do(effects.StopSupervising(fact.call_id, fact.lead, call.gateway_id))


def _begun(draft: Draft, supervisor: Supervisor, supervised: Supervised, at: datetime) -> None:
    asked = supervised.asked
    assert asked is not None, "what was not asked for does not begin"
    at = min(max(at, asked.at), draft.now)
    if supervised.now is not None:
        supervisors.end_part(draft, supervisor, supervised.now, "switched", at)
    draft.emit(SupervisionBegan(asked.part_id, at))
    supervised = replace(supervised, now=asked, asked=None, left_at=None)
    supervisor = replace(supervisor, supervised=supervised)
    draft.put_supervisor(supervisor)
    call = draft.calls.get(supervised.call_id)
    if asked.mode == "take_over" and call is not None:
        _take(draft, supervisor, call, at)


def refused(draft: Draft, fact: gateway_facts.SupervisionRefused) -> None:
    """It could not be done; what ran before goes on, if the gateway does not say otherwise."""
    supervisor = draft.supervisors.get(fact.lead)
    supervised = supervisor.supervised if supervisor is not None else None
    if supervisor is None or supervised is None or supervised.call_id != fact.call_id:
        return
    asked = supervised.asked
    if asked is None or asked.mode != fact.mode:
        return
    problem = supervisors.LEG_LOST if fact.error_id in LEG_ERRORS else REFUSED_BY_GATEWAY
    if supervised.now is None:
        supervisors.end(draft, supervisor, "refused", problem=problem)
        return
    supervisors.end_part(draft, supervisor, asked, "refused", draft.now)
    supervised = replace(supervised, asked=None)
    draft.put_supervisor(replace(supervisor, supervised=supervised, problem=problem))


def _take(draft: Draft, supervisor: Supervisor, call: Call, at: datetime) -> None:
    """The call is the lead's; other leads leave it, and the operator has wrap-up to write it up."""
    for other in supervisors.of_call(draft, call.call_id):
        if other.seat_id != supervisor.seat_id:
            supervisors.end(draft, other, "taken-over", tell=True, problem="taken-over")
    assert call.seat_id is not None, "somebody had the call"
    operator = draft.seats.get(call.seat_id)
    if call.recording_paused:
        draft.do(effects.PauseRecording(call.call_id, call.gateway_id, on=False))
        draft.emit(RecordingPaused(call.call_id, supervisor.user_id, on=False, at=draft.now))
    draft.put_call(replace(call, taken_by=supervisor.seat_id, recording_paused=False))
    draft.emit(CallTakenOver(call.call_id, supervisor.user_id, call.seat_id, at))
    if operator is not None and operator.call_id == call.call_id and operator.state in IN_CALL:
        deadline = wrap_up_until(draft.terms(call), draft.now)
        draft.move_seat(operator, "CallTakenOver", at=at, deadline=deadline)
        draft.do(effects.TellSeat("call-taken-over", operator.seat_id))


# --- inside ------------------------------------------------------------------------------------


def _put(draft: Draft, before: Supervisor, after: Supervisor) -> None:
    if after != before:
        draft.put_supervisor(after)


def _own(draft: Draft, lead: SeatId) -> Supervisor:
    supervisor = draft.supervisors.get(lead)
    if supervisor is None:
        raise Refused(ErrorId.NO_OWN_LEG)
    return supervisor


def _call_of(draft: Draft, supervisor: Supervisor, seat_id: SeatId) -> Call:
    """The call on this seat, when it is bridged and no other party is being asked in."""
    seat = draft.seat(seat_id)
    if not supervisor.may_hear(seat.team_id):
        raise Refused(ErrorId.NOT_IN_SCOPE)
    call = _talk_of(draft, seat)
    if call is None:
        raise Refused(ErrorId.NO_CALL)
    if not draft.linked(call.gateway_id):
        raise Refused(ErrorId.GATEWAY_DOWN)
    return call


def _talk_of(draft: Draft, seat: Seat) -> Call | None:
    call = draft.calls.get(seat.call_id) if seat.state in IN_CALL else None
    if call is None or call.state is not CallState.BRIDGED or call.ending_at is not None:
        return None
    return call


def _refuse_second_voice(
    draft: Draft, supervisor: Supervisor, call: Call, mode: SupervisionMode
) -> None:
    """One lead at a time is heard; a call with a third party in it is not taken over."""
    if mode == "listen":
        return
    for other in supervisors.of_call(draft, call.call_id):
        there = other.supervised
        if other.seat_id != supervisor.seat_id and there is not None and there.mode in AUDIBLE:
            raise Refused(ErrorId.SUPERVISED_ALREADY, by=other.seat_id)
    if mode == "take_over" and call.party is not None:
        raise Refused(ErrorId.PARTY_PRESENT)


def _refuse_own_call(supervised: Supervised | None) -> None:
    """A call that was taken over, or just is, has no other than the lead: it is ended, not left."""
    if supervised is not None and supervised.mode == "take_over":
        raise Refused(ErrorId.CALL_TAKEN_OVER)
