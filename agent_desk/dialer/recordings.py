"""Recordings: paused by the operator of the call, ended or failed by the word of the gateway.

The gateway records from the bridge to the end on its own; the core only passes on what people ask
and writes down what came of it. What a gateway tells after a crash may be about calls that left the
floor long ago, so nothing here asks for the call except the pause.
"""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import commands, effects, events, gateway_facts, seats
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused


def pause(draft: Draft, command: commands.PauseRecording) -> None:
    """Keep nothing of what is said until it is taken up again; pressing twice is nothing."""
    seat = draft.seat(command.seat_id)
    seats.target(seat.state, "PauseRecording", seat.seat_id)
    call = draft.calls.get(seat.call_id)
    if call is None:
        raise Refused(ErrorId.NO_CALL)
    if not draft.campaign(call.campaign_id).recording:
        raise Refused(ErrorId.NOT_RECORDED)
    if call.recording_paused == command.on:
        return
    draft.put_call(replace(call, recording_paused=command.on))
    draft.emit(events.RecordingPaused(call.call_id, seat.user_id, command.on, draft.now))
    draft.do(effects.PauseRecording(call.call_id, call.gateway_id, command.on))


def ended(draft: Draft, fact: gateway_facts.RecordingEnded) -> None:
    """A sealed file is complete."""
    draft.emit(
        events.RecordingKept(
            call_id=fact.call_id,
            path=fact.path,
            sha256=fact.sha256,
            size_bytes=fact.size_bytes,
            duration_ms=fact.duration_ms,
            paused_ms=fact.paused_ms,
            truncated=fact.truncated,
            started_at=fact.started_at,
            at=fact.at,
        )
    )


def failed(draft: Draft, fact: gateway_facts.RecordingFailed) -> None:
    """Not all of the call, or nothing, is recorded; the leads hear of it while it still is one."""
    draft.emit(events.RecordingFailed(fact.call_id, fact.path, fact.reason, fact.at))
    call = draft.calls.get(fact.call_id)
    if call is not None:
        draft.do(effects.TellLeads("recording-failed", call.seat_id, call.campaign_id))
