"""Between the wire's messages and the core's commands and effects: pure, both directions.

The core and the wire each have their own types so that either can change alone; this is the one
place that knows both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from agent_desk.dialer import effects, survey
from agent_desk.dialer import gateway_facts as facts
from agent_desk.dialer.commands import MediaOfSeat, ObserveMedia
from agent_desk.dialer.ids import CallId, GatewayId, SeatId, TrunkId
from agent_desk.gateway import parties
from agent_desk.gateway.connection import Connection
from agent_desk.services.ports import Arrival, GatewayEffect, LadderMessage, Placement
from softphone import protocol as wire

PARTY_RINGS_S = 30.0  # a third number, with the customer waiting


def placement_command(placement: Placement) -> wire.PlaceCall:
    """The self-contained INVITE order."""
    return wire.PlaceCall(
        call_id=placement.call_id,
        trunk_id=placement.trunk_id,
        campaign_id=placement.campaign_id,
        number=placement.number,
        number_key=placement.number_key,
        caller_id=placement.caller_id,
        not_after=placement.not_after,
        ring_limit_s=placement.ring_limit_s,
        screening=wire.ScreeningMode(placement.screening),
        bridge_within_s=placement.bridge_within_s,
        if_not_bridged=wire.Prompt.SAFE_HARBOUR,
        record=placement.record,
        recording=placement.recording,
        fallback_trunk_ids=tuple(placement.fallback_trunk_ids),
    )


_COMMANDS: Mapping[type[Any], Callable[[Any], wire.Command]] = {
    effects.Bridge: lambda e: wire.Bridge(
        call_id=e.call_id,
        seat_id=e.seat_id,
        zip_tone=True,
        replay_greeting=True,  # who calls us has given none, and the gateway plays none
        record=e.record,
    ),
    effects.AnswerCall: lambda e: wire.AnswerCall(call_id=e.call_id, within_s=e.within_s),
    effects.HangUp: lambda e: wire.HangUp(call_id=e.call_id, cause=e.cause),
    effects.EndWithPrompt: lambda e: wire.EndWithPrompt(
        call_id=e.call_id, prompt=wire.Prompt(e.prompt), cause=e.cause
    ),
    effects.LeaveMessage: lambda e: wire.LeaveMessage(call_id=e.call_id, recording=e.recording),
    effects.AskCustomer: lambda e: wire.AskCustomer(
        e.call_id, e.question, e.thanks, keys=survey.KEYS, wait_s=float(e.wait_s)
    ),
    effects.Hold: lambda e: wire.Hold(call_id=e.call_id, on=e.on),
    effects.Mute: lambda e: wire.Mute(seat_id=e.seat_id, on=e.on),
    effects.PauseRecording: lambda e: wire.PauseRecording(call_id=e.call_id, on=e.on),
    effects.SendDigits: lambda e: wire.SendDigits(call_id=e.call_id, digits=e.digits),
    effects.Refer: lambda e: wire.Refer(call_id=e.call_id, target=e.target),
    effects.AddParty: lambda e: wire.AddParty(
        call_id=e.call_id,
        party_id=e.party_id,
        trunk_id=e.trunk_id,
        number=e.number,
        number_key=e.number_key,
        caller_id=e.caller_id,
        not_after=e.not_after,
        ring_limit_s=PARTY_RINGS_S,
    ),
    effects.AddSeat: lambda e: wire.AddSeat(e.call_id, e.party_id, e.seat_id),
    effects.SetParties: lambda e: wire.SetParties(e.call_id, wire.PartyMode(e.mode)),
    effects.DropParty: lambda e: wire.DropParty(call_id=e.call_id),
    effects.Supervise: lambda e: wire.Supervise(
        e.call_id, e.seat_id, wire.SupervisionMode(e.mode), e.notice
    ),
    effects.StopSupervising: lambda e: wire.StopSupervising(e.call_id, e.seat_id),
    effects.CloseSeatMedia: lambda e: wire.CloseSeat(seat_id=e.seat_id),
    effects.BlockNumbers: lambda e: wire.BlockNumbers(number_keys=e.number_keys),
    effects.StopCampaign: lambda e: wire.StopCampaign(campaign_id=e.campaign_id),
    effects.ResumeCampaign: lambda e: wire.ResumeCampaign(campaign_id=e.campaign_id),
}


def effect_command(effect: GatewayEffect) -> wire.Command:
    """The wire's command for an effect of the core."""
    return _COMMANDS[type(effect)](effect)


def effect_gateway(effect: GatewayEffect) -> GatewayId | None:
    """Which gateway an effect is for; None means every one."""
    return cast(GatewayId | None, getattr(effect, "gateway_id", None))


# News the core has no use for.
ONLY_LOGGED = wire.OrphansCleared | wire.DigitHeard | wire.RelayChanged


def arrival(event: wire.CallArrived, envelope: wire.EventEnvelope) -> Arrival:
    """Somebody calls us; who it is has yet to be looked up."""
    return Arrival(
        call_id=CallId(event.call_id),
        gateway_id=GatewayId(envelope.gateway_id),
        trunk_id=TrunkId(event.trunk_id),
        number=event.number,
        called=event.called,
        at=envelope.at,
    )


Recognise = Callable[[Arrival], facts.CallArrived | None]


def event_fact(envelope: wire.EventEnvelope, recognise: Recognise) -> facts.GatewayFact | None:
    """The core's word for a wire event; None for one that only the log cares about.

    `recognise` says who may be calling.
    """
    event = envelope.event
    if isinstance(event, wire.CallArrived):
        return recognise(arrival(event, envelope))
    if isinstance(event, ONLY_LOGGED):
        return None
    if isinstance(event, wire.RecordingEnded | wire.RecordingFailed):
        return _about_recording(event, envelope)
    if isinstance(event, wire.MessagesHeld):
        refused = tuple((each.recording, each.reason.error_id) for each in event.refused)
        return facts.MessagesHeld(GatewayId(envelope.gateway_id), event.recordings, refused)
    if isinstance(event, wire.SeatUp | wire.SeatDown | wire.TrunkChanged):
        return _about_gateway(event, envelope)
    if isinstance(event, wire.PartyChanged | wire.CallReferred | wire.SupervisionChanged):
        return parties.fact(event, envelope.at)
    if isinstance(event, wire.MessageLeft):
        call_id, at = CallId(event.call_id), envelope.at
        return facts.MessageLeft(call_id, at, event.played_ms, event.whole)
    if isinstance(event, wire.CustomerAnswered):
        call_id, at = CallId(event.call_id), envelope.at
        return facts.CustomerAnswered(call_id, at, event.key, event.outcome, event.tries)
    if isinstance(event, wire.CallRerouted):
        trunk_id = TrunkId(event.trunk_id)
        return facts.CallRerouted(
            CallId(event.call_id), trunk_id, envelope.at, event.sip_code, event.caller_id
        )
    return _about_call(event, envelope)


def _about_gateway(
    event: wire.SeatUp | wire.SeatDown | wire.TrunkChanged, envelope: wire.EventEnvelope
) -> facts.GatewayFact:
    gateway_id, at = GatewayId(envelope.gateway_id), envelope.at
    match event:
        case wire.SeatUp():
            return facts.SeatMediaUp(SeatId(event.seat_id), gateway_id, at)
        case wire.SeatDown():
            return facts.SeatMediaDown(SeatId(event.seat_id), at, event.reason, gateway_id)
        case wire.TrunkChanged():
            return facts.TrunkChanged(gateway_id, TrunkId(event.trunk_id), event.up, event.reason)


def _about_recording(
    event: wire.RecordingEnded | wire.RecordingFailed, envelope: wire.EventEnvelope
) -> facts.GatewayFact:
    call_id, at = CallId(event.call_id), envelope.at
    if isinstance(event, wire.RecordingFailed):
        return facts.RecordingFailed(call_id, at, event.path, event.reason.error_id)
    return facts.RecordingEnded(
        call_id,
        at,
        path=event.path,
        sha256=event.sha256,
        size_bytes=event.size_bytes,
        duration_ms=event.duration_ms,
        paused_ms=event.paused_ms,
        truncated=event.truncated,
        started_at=event.started_at,
    )


CallEvent = (
    wire.CallPlaced
    | wire.CallNotPlaced
    | wire.CallRinging
    | wire.CallAnswered
    | wire.CallScreened
    | wire.CallBridged
    | wire.CallTreated
    | wire.SeatSilent
    | wire.CallEnded
)


def _about_call(event: CallEvent, envelope: wire.EventEnvelope) -> facts.GatewayFact:
    call_id, at = CallId(event.call_id), envelope.at
    match event:
        case wire.CallPlaced(caller_id=shown):
            return facts.CallPlaced(call_id, at, shown)
        case wire.CallNotPlaced():
            return facts.CallNotPlaced(call_id, at, event.refusal.error_id)
        case wire.CallRinging():
            return facts.CallRinging(call_id, at)
        case wire.CallAnswered():
            return facts.CallAnswered(call_id, at)
        case wire.CallBridged():
            return facts.CallBridged(call_id, SeatId(event.seat_id), at)
        case wire.CallTreated():
            return facts.CallTreated(call_id, at, event.prompt.value, event.recording)
        case wire.SeatSilent():
            return facts.SeatSilent(call_id, SeatId(event.seat_id), at, event.silent)
        case wire.CallScreened():
            return facts.CallScreened(
                call_id,
                at,
                verdict=event.verdict.value,
                greeting_end_ms=event.greeting_end_ms,
                offered=event.offered,
                evidence=event.evidence,
            )
        case wire.CallEnded():
            return facts.CallEnded(
                call_id,
                at,
                by=event.by.value,
                sip_code=event.sip_code,
                q850=event.q850,
                rang=event.rang,
                answered=event.answered,
                verdict=event.verdict.value,
                abandoned=event.abandoned,
                seat_lost=event.seat_lost,
                cause=event.cause,
                early_media=event.early_media,
            )


def welcomed_fact(connection: Connection) -> facts.GatewayWelcomed:
    """What the engine must know of a gateway that said hello, or whose share has changed."""
    return facts.GatewayWelcomed(
        gateway_id=connection.gateway_id,
        boot_id=connection.boot_id,
        trunks=tuple((TrunkId(s.trunk_id), s.lines, s.calls_per_second) for s in connection.shares),
        relay_address=connection.relay_address,
        safe_harbour=connection.safe_harbour,
        messages=connection.messages,
    )


def snapshot_fact(snapshot: wire.Snapshot) -> facts.GatewaySnapshot:
    """Everything alive in a gateway, in the core's words."""
    return facts.GatewaySnapshot(
        gateway_id=GatewayId(snapshot.gateway_id),
        boot_id=snapshot.boot_id,
        calls=tuple(
            facts.LiveCall(
                CallId(call.call_id),
                call.phase.value,
                SeatId(call.seat_id) if call.seat_id is not None else None,
            )
            for call in snapshot.calls
        ),
        connected_seats=tuple(SeatId(s.seat_id) for s in snapshot.seats if s.connected),
        trunks_up=tuple(TrunkId(t.trunk_id) for t in snapshot.trunks if t.up),
    )


def ladder(reply: wire.CommandReply) -> tuple[LadderMessage, ...]:
    """The SIP messages a gateway told."""
    return tuple(LadderMessage(each.at, each.sent, each.peer, each.text) for each in reply.ladder)


def media_command(liveness: wire.Liveness) -> ObserveMedia:
    """The one message a second, as a command."""
    return ObserveMedia(
        gateway_id=GatewayId(liveness.gateway_id),
        at=liveness.at,
        seats=tuple(
            MediaOfSeat(
                SeatId(seat.seat_id),
                connected=seat.connected,
                consent_age_s=seat.consent_age_s,
                loss=seat.loss,
                jitter_ms=seat.jitter_ms,
            )
            for seat in liveness.seats
        ),
        overloaded=liveness.overloaded,
        draining=liveness.draining,
    )
