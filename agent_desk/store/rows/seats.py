"""Rows of seats and what leads set: moves, what was pressed on a call, a campaign's run, pace."""

from __future__ import annotations

from sqlalchemy import insert, update

from agent_desk.dialer import events
from agent_desk.models.campaigns import Campaign
from agent_desk.models.predictive import SafeHarbour
from agent_desk.models.seat_moves import Mute, QueuedAway, SeatMove, WrapUpExtension
from agent_desk.store import straight
from agent_desk.store.rows.context import RowContext

_MOVE = insert(SeatMove)  # built once: seats move all day


def seat_moved(context: RowContext, event: events.SeatMoved) -> None:
    """Append the move."""
    straight.write(
        context.session,
        _MOVE,
        {
            "seat_id": event.seat_id,
            "user_id": event.user_id,
            "from_state": event.from_state,
            "to_state": event.to_state,
            "reason": event.reason,
            "cause": event.cause,
            "call_id": event.call_id,
            "campaign_id": event.campaign_id,
            "at": event.at,
        },
    )


def wrap_up_extended(context: RowContext, event: events.WrapUpExtended) -> None:
    """Append the new deadline."""
    context.session.execute(
        insert(WrapUpExtension).values(
            call_id=event.call_id, user_id=event.user_id, deadline=event.deadline, at=event.at
        )
    )


def away_queued(context: RowContext, event: events.AwayQueued) -> None:
    """Append the wish, or that it was taken back."""
    context.session.execute(
        insert(QueuedAway).values(
            call_id=event.call_id, user_id=event.user_id, reason=event.reason, at=event.at
        )
    )


def mute_set(context: RowContext, event: events.MuteSet) -> None:
    """Append whether the microphone is closed."""
    context.session.execute(
        insert(Mute).values(
            call_id=event.call_id, user_id=event.user_id, muted=event.on, at=event.at
        )
    )


def campaign_running_set(context: RowContext, event: events.CampaignRunningSet) -> None:
    """Keep what a lead set."""
    context.session.execute(
        update(Campaign)
        .where(Campaign.id == event.campaign_id)
        .values(running=event.running, running_by=event.by or None, running_at=event.at)
    )


def pacing_set(context: RowContext, event: events.PacingSet) -> None:
    """Keep what a lead set."""
    context.session.execute(
        update(Campaign)
        .where(Campaign.id == event.campaign_id)
        .values(mode=event.mode, ratio=event.ratio)
    )


def abandon_target_set(context: RowContext, event: events.AbandonTargetSet) -> None:
    """Keep what a lead set."""
    context.session.execute(
        update(Campaign).where(Campaign.id == event.campaign_id).values(abandon_target=event.target)
    )


def safe_harbour_approved(context: RowContext, event: events.SafeHarbourApproved) -> None:
    """Keep who answers for which recording."""
    context.session.execute(
        insert(SafeHarbour).values(
            campaign_id=event.campaign_id,
            sha256=event.sha256,
            text=event.text,
            duration_ms=event.duration_ms,
            approved_by=event.by,
            approved_at=event.at,
        )
    )


def screening_set(context: RowContext, event: events.ScreeningSet) -> None:
    """Keep what a lead set."""
    context.session.execute(
        update(Campaign).where(Campaign.id == event.campaign_id).values(screening=event.screening)
    )
