"""What a gateway says of others in a call, in the core's words: its news, and its refusals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from agent_desk.dialer import effects
from agent_desk.dialer import gateway_facts as facts
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.supervisor import SupervisionMode
from softphone import protocol as wire

Ordered = (
    effects.Bridge
    | effects.LeaveMessage
    | effects.AskCustomer
    | effects.Refer
    | effects.AddParty
    | effects.AddSeat
    | effects.SetParties
    | effects.Supervise
)  # orders whose refusal the engine must hear of

_MODE: Mapping[wire.SupervisionMode | None, SupervisionMode | None] = {
    None: None,
    wire.SupervisionMode.LISTEN: "listen",
    wire.SupervisionMode.WHISPER: "whisper",
    wire.SupervisionMode.BARGE: "barge",
    wire.SupervisionMode.TAKE_OVER: "take_over",
}


def fact(
    event: wire.PartyChanged | wire.CallReferred | wire.SupervisionChanged, at: datetime
) -> facts.GatewayFact:
    """News of a party, of a transfer by the carrier, or of a lead in the call."""
    call_id = CallId(event.call_id)
    if isinstance(event, wire.SupervisionChanged):
        return facts.SupervisionChanged(call_id, SeatId(event.seat_id), at, _MODE[event.mode])
    if isinstance(event, wire.CallReferred):
        return facts.CallReferred(call_id, at, event.accepted, event.sip_code)
    mode = None if event.mode is None else event.mode.value
    return facts.PartyChanged(
        call_id, event.party_id, at, state=event.state, mode=mode, sip_code=event.sip_code
    )


def refusal(effect: Ordered, error_id: str, at: datetime) -> facts.GatewayFact:
    """An order was refused: another seat may take the customer, the operator must be told."""
    if isinstance(effect, effects.Bridge):
        return facts.BridgeRefused(effect.call_id, effect.seat_id, at, error_id)
    if isinstance(effect, effects.LeaveMessage):
        return facts.MessageRefused(effect.call_id, effect.gateway_id, at, error_id)
    if isinstance(effect, effects.AskCustomer):
        return facts.AskRefused(effect.call_id, effect.gateway_id, at, error_id)
    if isinstance(effect, effects.Supervise):
        return facts.SupervisionRefused(effect.call_id, effect.seat_id, at, effect.mode, error_id)
    return facts.PartyRefused(effect.call_id, effect.party_id, at, error_id)
