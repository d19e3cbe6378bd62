"""Colleagues and third numbers in a call: asked in, heard, handed the call, or sent away.

The gateway joins and parts the legs; here it is decided who may ask whom, and what becomes of the
seats. A colleague who is asked in is away with the reason `consult` meanwhile: no call is offered
to them, and whatever becomes of the call they are available again afterwards. Only when the call
is handed to them it becomes theirs, with its record and its result.

Handed to a number outside, the call is over for us: its outcome is written at that instant, and
the operator is in wrap-up. A blind transfer is first asked of the carrier (REFER), who may be able
to do it without our line; one who will not is no obstacle, for we then call the number ourselves
and hand the call on when it answers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent_desk.dialer import (
    commands,
    effects,
    endings,
    events,
    gateway_facts,
    leaving,
    seats,
    supervisors,
)
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import Call, CallState, Seat, SeatState
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.leaving import CONSULT
from agent_desk.dialer.party import Party
from agent_desk.dialer.sharing import works_for

MOST_DIGITS = 32
KEYS = frozenset("0123456789*#ABCD")


def send_digits(draft: Draft, command: commands.SendDigits) -> None:
    """Keys towards the customer's side, for its machines."""
    seat, call = _own_call(draft, command.seat_id, "SendDigits")
    if not 0 < len(command.digits) <= MOST_DIGITS or not KEYS.issuperset(command.digits):
        raise Refused(ErrorId.DIGITS_UNUSABLE)
    draft.emit(events.DigitsSent(call.call_id, seat.user_id, len(command.digits), draft.now))
    draft.do(effects.SendDigits(call.call_id, call.gateway_id, command.digits))


def call_number(draft: Draft, command: commands.CallNumber) -> None:
    """A third number; a blind transfer is asked of the carrier first."""
    party = Party(
        party_id=command.party_id,
        kind="number",
        shown=command.shown,
        state="referring" if command.blind else "dialing",
        number=command.number,
        number_key=command.number_key,
        caller_id=command.caller_id,
        blind=command.blind,
    )
    call = _ask(draft, command.seat_id, party)
    if command.blind:
        draft.do(effects.Refer(call.call_id, party.party_id, call.gateway_id, party.number))
    else:
        _dial(draft, call, party)


def call_colleague(draft: Draft, command: commands.CallColleague) -> None:
    """Another operator of the campaign, available, and reached by the gateway of the call."""
    colleague = draft.seats.get(command.colleague)
    _, call = _own_call(draft, command.seat_id, "CallParty")
    if colleague is None or not colleague.proven_ready(draft.now):
        raise Refused(ErrorId.COLLEAGUE_BUSY)
    if colleague.gateway_id != call.gateway_id or not works_for(colleague, call.campaign_id):
        raise Refused(ErrorId.COLLEAGUE_ELSEWHERE)
    party = Party(
        party_id=command.party_id,
        kind="seat",
        shown=command.colleague,
        state="dialing",
        seat_id=command.colleague,
        blind=command.blind,
    )
    _ask(draft, command.seat_id, party)
    colleague = draft.move_seat(colleague, "ConsultBegan", reason=CONSULT)
    draft.put_seat(replace(colleague, consulted_on=call.call_id))
    draft.do(effects.AddSeat(call.call_id, party.party_id, call.gateway_id, command.colleague))


def set_party_mode(draft: Draft, command: commands.SetPartyMode) -> None:
    """Consult or conference."""
    _, call = _own_call(draft, command.seat_id, "CallParty")
    party = _joined(call)
    if party.mode == command.mode:
        return
    draft.put_call(replace(call, party=replace(party, mode=command.mode)))
    _tell(draft, call, party, command.mode)
    draft.do(effects.SetParties(call.call_id, party.party_id, call.gateway_id, command.mode))


def hand_over(draft: Draft, command: commands.HandOver) -> None:
    """Order it; the seats move when the gateway says that it is done."""
    _, call = _own_call(draft, command.seat_id, "CallParty")
    _order_hand_over(draft, call, _joined(call))


def drop_party(draft: Draft, command: commands.DropParty) -> None:
    """Send the party away, or leave as one."""
    seat = draft.seat(command.seat_id)
    call = draft.calls.get(seat.consulted_on)
    if call is None:
        _, call = _own_call(draft, command.seat_id, "CallParty")
    party = call.party
    if party is None:
        raise Refused(ErrorId.NO_PARTY)
    if party.state == "referring":
        raise Refused(ErrorId.PARTY_NOT_JOINED)  # the carrier cannot be called back
    leaving.party_leaves(draft, call, state="gone", cause="dropped")
    draft.do(effects.DropParty(call.call_id, party.party_id, call.gateway_id))


# --- what the gateway tells --------------------------------------------------------------------


def changed(draft: Draft, fact: gateway_facts.PartyChanged) -> None:
    """Ringing, there, gone; or the call is the party's now."""
    call, party = _party_of(draft, fact.call_id, fact.party_id)
    if call is None or party is None:
        return
    if fact.mode == "transferred" and fact.state == "joined":
        _handed(draft, call, party, fact.at)
    elif fact.state == "gone":
        _tell_operator(draft, call, "party-busy" if fact.sip_code else "party-gone")
        leaving.party_leaves(draft, call, state="gone", cause=str(fact.sip_code or "hung-up"))
    elif fact.state == "ringing" and party.state == "dialing":
        draft.put_call(replace(call, party=replace(party, state="ringing")))
    elif fact.state == "joined" and party.state != "joined":
        party = replace(party, state="joined")
        call = replace(call, party=party)
        draft.put_call(call)
        _tell(draft, call, party, "joined")
        if party.blind:
            _order_hand_over(draft, call, party)


def refused(draft: Draft, fact: gateway_facts.PartyRefused) -> None:
    """It could not be done: the party is out, and the operator is told."""
    call, party = _party_of(draft, fact.call_id, fact.party_id)
    if call is None or party is None:
        return
    if party.state == "referring":
        _call_ourselves(draft, call, party)
    elif party.state == "joined":
        draft.put_call(replace(call, party=replace(party, handed=False)))
        _tell_operator(draft, call, "party-refused")
    else:
        _tell_operator(draft, call, "party-refused")
        leaving.party_leaves(draft, call, state="refused", cause=fact.error_id)


def referred(draft: Draft, fact: gateway_facts.CallReferred) -> None:
    """The carrier has the call, whose end follows; or we must call the number ourselves."""
    call = draft.calls.get(fact.call_id)
    if call is None or call.party is None or call.party.state != "referring":
        return
    if fact.accepted:
        leaving.party_leaves(draft, call, state="carrier", cause=str(fact.sip_code or ""))
    else:
        _call_ourselves(draft, call, call.party)


# --- inside ------------------------------------------------------------------------------------


def _own_call(draft: Draft, seat_id: SeatId, event: str) -> tuple[Seat, Call]:
    seat = draft.seat(seat_id)
    seats.target(seat.state, event, seat.seat_id)
    call = draft.calls.get(seat.call_id)
    if call is None or call.state is not CallState.BRIDGED or call.ending_at is not None:
        raise Refused(ErrorId.NO_CALL)
    return seat, call


def _ask(draft: Draft, seat_id: SeatId, party: Party) -> Call:
    seat, call = _own_call(draft, seat_id, "CallParty")
    if call.party is not None:
        raise Refused(ErrorId.PARTY_PRESENT)
    if not draft.linked(call.gateway_id):
        raise Refused(ErrorId.GATEWAY_DOWN)
    call = replace(call, party=party)
    draft.put_call(call)
    draft.emit(
        events.PartyAsked(
            call_id=call.call_id,
            party_id=party.party_id,
            user_id=seat.user_id,
            seat_id=party.seat_id,
            number=party.number,
            number_key=party.number_key,
            blind=party.blind,
            at=draft.now,
            caller_id=party.caller_id,
        )
    )
    return call


def _dial(draft: Draft, call: Call, party: Party) -> None:
    draft.do(
        effects.AddParty(
            call_id=call.call_id,
            party_id=party.party_id,
            gateway_id=call.gateway_id,
            trunk_id=call.trunk_id,
            number=party.number,
            number_key=party.number_key,
            caller_id=party.caller_id,
            not_after=draft.now + effects.PARTY_WITHIN,
        )
    )


def _call_ourselves(draft: Draft, call: Call, party: Party) -> None:
    party = replace(party, state="dialing")
    call = replace(call, party=party)
    draft.put_call(call)
    _dial(draft, call, party)


def _joined(call: Call) -> Party:
    if call.party is None:
        raise Refused(ErrorId.NO_PARTY)
    if call.party.state != "joined":
        raise Refused(ErrorId.PARTY_NOT_JOINED)
    return call.party


def _order_hand_over(draft: Draft, call: Call, party: Party) -> None:
    if party.handed:
        return
    draft.put_call(replace(call, party=replace(party, handed=True)))
    draft.do(effects.SetParties(call.call_id, party.party_id, call.gateway_id, "transferred"))


def _party_of(draft: Draft, call_id: CallId, party_id: str) -> tuple[Call | None, Party | None]:
    """Call and party this is news of; old news finds no party."""
    call = draft.calls.get(call_id)
    if call is None or call.party is None or call.party.party_id != party_id:
        return None, None
    return call, call.party


def _tell(draft: Draft, call: Call, party: Party, state: str) -> None:
    draft.emit(
        events.PartyMoved(call.call_id, party.party_id, state, ended=False, cause="", at=draft.now)
    )


def _tell_operator(draft: Draft, call: Call, message_id: str) -> None:
    if call.seat_id is not None:
        draft.do(effects.TellSeat(message_id, call.seat_id))


def _handed(draft: Draft, call: Call, party: Party, at: datetime) -> None:
    """Customer and party go on; the operator is out of it."""
    giver = draft.seats.get(call.seat_id)
    draft.emit(
        events.PartyMoved(
            call.call_id, party.party_id, "handed", ended=True, cause="", at=draft.now
        )
    )
    call = replace(call, party=None)
    draft.put_call(call)
    if party.seat_id is None:
        endings.finish(draft, call, endings.handed_on(at))
        return
    taker = draft.seats.get(party.seat_id)
    if taker is None or taker.state is not SeatState.AWAY:
        endings.ask_to_end(draft, call, "nobody-there", prompt=None)
        return
    supervisors.handed_over(draft, call)
    if giver is not None:
        leaving.give_up(draft, call, giver)
    draft.move_call(replace(call, seat_id=taker.seat_id), "CallHandedOver", draft.now)
    draft.move_seat(replace(taker, consulted_on=None), "CallTaken", call=call)
    draft.do(effects.ShowCallerRecord(taker.seat_id, call.call_id))
