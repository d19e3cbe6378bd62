"""Events become rows: one writer per class of `dialer/events.py`, in the batch's transaction.

This is where the engine's decisions turn durable, so the rules are few: a writer writes what the
event says and decides nothing; it never reads a clock; what it cannot write raises and fails the
batch. A house test checks that no class is without its writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.store.people import skills
from agent_desk.store.records import recordings
from agent_desk.store.rows import calls as call_rows
from agent_desk.store.rows import inbound as inbound_rows
from agent_desk.store.rows import parties as party_rows
from agent_desk.store.rows import results as result_rows
from agent_desk.store.rows import seat_orders as order_rows
from agent_desk.store.rows import seats as seat_rows
from agent_desk.store.rows import supervision as supervision_rows
from agent_desk.store.rows.context import Arrange, RowContext, as_the_ladder_says
from agent_desk.store.rules import messages
from agent_desk.store.satisfaction import prompts, scores
from agent_desk.store.sealing import Sealer

Writer = Callable[[RowContext, Any], None]

WRITERS: Mapping[type, Writer] = {
    events.SeatMoved: seat_rows.seat_moved,
    events.WrapUpExtended: seat_rows.wrap_up_extended,
    events.AwayQueued: seat_rows.away_queued,
    events.MuteSet: seat_rows.mute_set,
    events.SeatOrdered: order_rows.ordered,
    events.SeatOrderEnded: order_rows.ended,
    events.WrapUpFinished: order_rows.wrap_up_finished,
    events.SkillSet: skills.write_set,
    events.DigitsSent: party_rows.digits_sent,
    events.PartyAsked: party_rows.asked,
    events.PartyMoved: party_rows.moved,
    events.SupervisionAsked: supervision_rows.asked,
    events.SupervisionBegan: supervision_rows.began,
    events.SupervisionEnded: supervision_rows.ended,
    events.CallTakenOver: supervision_rows.taken_over,
    events.MessageAsked: messages.write_asked,
    events.MessageLeft: messages.write_left,
    events.MessageApproved: messages.write_approved,
    events.PromptApproved: prompts.write_approved,
    events.ScoreAsked: scores.write_asked,
    events.ScoreGiven: scores.write_given,
    events.LineFreed: scores.write_line_freed,
    events.RecordingPaused: recordings.paused,
    events.RecordingKept: recordings.kept,
    events.RecordingFailed: recordings.failed,
    events.CallCameIn: inbound_rows.came_in,
    events.CallMoved: call_rows.call_moved,
    events.CallFinished: call_rows.call_finished,
    events.CallPromptPlayed: call_rows.prompt_played,
    events.CallRerouted: call_rows.rerouted,
    events.CallerIdShown: call_rows.caller_id_shown,
    events.CallbackDue: call_rows.callback_due,
    events.CallbackAsked: result_rows.callback_asked,
    events.GatewayBooted: call_rows.gateway_booted,
    events.StatusMarked: result_rows.status_marked,
    events.IdentityRecorded: result_rows.identity_recorded,
    events.PromiseMade: result_rows.promise_made,
    events.PromiseWithdrawn: result_rows.promise_withdrawn,
    events.NoteDrafted: result_rows.note_drafted,
    events.ResultRecorded: result_rows.result_recorded,
    events.CampaignRunningSet: seat_rows.campaign_running_set,
    events.PacingSet: seat_rows.pacing_set,
    events.AbandonTargetSet: seat_rows.abandon_target_set,
    events.SafeHarbourApproved: seat_rows.safe_harbour_approved,
    events.ScreeningSet: seat_rows.screening_set,
}


class Journal:
    """Writes events; knows how to seal what they hold of personal data."""

    def __init__(self, sealer: Sealer, arrange: Arrange = as_the_ladder_says) -> None:
        self._sealer = sealer
        self._arrange = arrange

    def write_events(self, session: Session, batch: Iterable[events.Event]) -> None:
        """Write a batch in order; raises SQLAlchemy's errors, then nothing of it may stay."""
        context = RowContext(session, self._sealer, self._arrange)
        for event in batch:
            WRITERS[type(event)](context, event)
