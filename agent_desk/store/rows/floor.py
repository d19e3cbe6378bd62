"""What is needed to build the floor anew after a restart: open calls, occupied seats, campaigns.

Everything a crash can interrupt is found here: attempts that are open (their fate is asked of
their gateway), calls whose operator is in wrap-up, and the last move of every seat that was not
offline. `services/running/recovery.py` decides what becomes of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer.floor import Call as FloorCall
from agent_desk.dialer.floor import CallState, Campaign
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    SeatId,
    TrunkId,
)
from agent_desk.models.calls import Attempt, AttemptOutcome, Call, RecordingPause
from agent_desk.models.campaigns import CampaignTeam
from agent_desk.models.results import Promise, StatusMark
from agent_desk.models.seat_moves import Mute, QueuedAway, SeatMove, WrapUpExtension
from agent_desk.models.users import User
from agent_desk.store.campaigns import campaigns, training, versions
from agent_desk.store.people import skills
from agent_desk.store.rows import callbacks, parties


@dataclass(frozen=True)
class SeatRow:
    """A seat that was not offline. `deadline` and `extensions` are of an extended wrap-up.

    `serves` are the campaigns of its team. `queued_away` and `muted` are what its operator last
    pressed on this call.
    """

    seat_id: str
    user_id: int
    team_id: int | None
    campaign_id: int
    serves: frozenset[int]
    state: str
    since: datetime
    reason: str | None
    call_id: str | None
    deadline: datetime | None
    extensions: int
    queued_away: str | None
    muted: bool
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FloorRows:
    """The rows a floor is built from."""

    seats: Sequence[SeatRow]
    calls: Sequence[FloorCall]
    campaigns: dict[CampaignId, Campaign]


def load(session: Session, now: datetime) -> FloorRows:
    """Everything that was alive when the last row was written."""
    seats = _seats(session)
    kept = [seat.call_id for seat in seats if seat.call_id is not None]
    found = campaigns.on_floor(session, now)
    return FloorRows(seats, _under_terms(session, _calls(session, kept), found), found)


def _under_terms(
    session: Session, calls: Sequence[FloorCall], now: dict[CampaignId, Campaign]
) -> list[FloorCall]:
    """Calls go on under the settings of their campaign that they were leased under."""
    older = versions.in_force_for(session, [call.call_id for call in calls])
    return [
        replace(
            call,
            leased_under=replace(now[call.campaign_id], **older.get(call.call_id, {})),
        )
        for call in calls
    ]


def take_over(session: Session, call_ids: Sequence[str], desk_epoch: int) -> None:
    """Put open attempts of an earlier desk under this one's care (`store/invariants/`)."""
    session.execute(
        update(Attempt).where(Attempt.id.in_(call_ids), Attempt.open).values(desk_epoch=desk_epoch)
    )


def _seats(session: Session) -> list[SeatRow]:
    # One jump into the index per person, however long the history.
    newest = (
        select(SeatMove.id)
        .where(SeatMove.user_id == User.id)
        .order_by(SeatMove.at.desc(), SeatMove.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    query = (
        select(SeatMove, User.team_id)
        .join(User, User.id == SeatMove.user_id)
        .where(SeatMove.id.in_(select(newest).select_from(User)), SeatMove.to_state != "offline")
        .order_by(SeatMove.id)
    )
    rows = session.execute(query).all()
    call_ids = [move.call_id for move, _ in rows if move.call_id]
    extensions = _extensions(session, call_ids)
    queued = _newest(session, QueuedAway.call_id, QueuedAway.reason, call_ids)
    muted = _newest(session, Mute.call_id, Mute.muted, call_ids)
    serves = _served(session)
    able = skills.of_everybody(session)
    return [
        SeatRow(
            seat_id=move.seat_id,
            user_id=move.user_id,
            team_id=team_id,
            campaign_id=move.campaign_id or 0,
            serves=_kept(serves[team_id], move.campaign_id),
            state=move.to_state,
            since=move.at,
            reason=move.reason,
            call_id=move.call_id,
            deadline=max(extensions[move.call_id or ""], default=None),
            extensions=len(extensions[move.call_id or ""]),
            queued_away=queued.get(move.call_id or ""),
            muted=muted.get(move.call_id or "", False),
            skills=able.get(move.user_id, frozenset()),
        )
        for move, team_id in rows
    ]


def _served(session: Session) -> dict[int | None, set[int]]:
    """The campaigns each team's seats serve: those for practice are not among them."""
    found: dict[int | None, set[int]] = defaultdict(set)
    query = select(CampaignTeam.team_id, CampaignTeam.campaign_id)
    for team_id, campaign_id in session.execute(
        query.where(CampaignTeam.campaign_id.not_in(training.IDS))
    ):
        found[team_id].add(campaign_id)
    return found


def _kept(serves: set[int], campaign_id: int | None) -> frozenset[int]:
    """Whoever practises serves nothing else."""
    return frozenset(serves) if campaign_id in serves else frozenset()


def _extensions(session: Session, call_ids: Sequence[str]) -> dict[str, list[datetime]]:
    query = select(WrapUpExtension.call_id, WrapUpExtension.deadline).where(
        WrapUpExtension.call_id.in_(call_ids)
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for call_id, deadline in session.execute(query):
        found[call_id].append(deadline)
    return found


def _newest(session: Session, call_id: Any, value: Any, call_ids: Sequence[str]) -> dict[str, Any]:
    """What was pressed last on each call."""
    query = select(call_id, value).where(call_id.in_(call_ids)).order_by(call_id.class_.id)
    return {row[0]: row[1] for row in session.execute(query)}


def _calls(session: Session, kept: Sequence[str]) -> list[FloorCall]:
    """Live calls, and those in `kept` (an operator is still at them)."""
    operator, lead = aliased(User), aliased(User)
    query = (
        select(Attempt, Call, AttemptOutcome.outcome, operator.username, lead.username)
        .join(Call, Call.id == Attempt.id)
        .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
        .outerjoin(operator, operator.id == Call.seat_user_id)
        .outerjoin(lead, lead.id == Call.taken_over_by)
        .where(or_(Attempt.open, Attempt.id.in_(kept)))
        .order_by(Attempt.leased_at, Attempt.id)
    )
    rows = session.execute(query).all()
    ids = [row[0].id for row in rows]
    codes, promises = _codes(session, ids), _promises(session, ids)
    wishes = callbacks.asked_on(session, ids)
    pauses = _newest(session, RecordingPause.call_id, RecordingPause.paused, ids)
    present = parties.present(session, ids)
    found = [
        _call(
            attempt,
            call,
            outcome=outcome,
            seat_id=seat_id,
            codes=codes,
            promises=promises,
            wish=wishes.get(attempt.id, (None, False)),
            paused={call_id for call_id, paused in pauses.items() if paused},
        )
        for attempt, call, outcome, seat_id, _ in rows
    ]
    taken = {row[0].id: SeatId(row[4]) for row in rows if row[4] is not None}
    return [
        replace(call, party=present.get(call.call_id), taken_by=taken.get(call.call_id))
        for call in found
    ]


def _codes(session: Session, call_ids: Sequence[str]) -> dict[str, set[str]]:
    query = select(StatusMark.call_id, StatusMark.code).where(
        StatusMark.call_id.in_(call_ids), StatusMark.current, StatusMark.marked
    )
    found: dict[str, set[str]] = defaultdict(set)
    for call_id, code in session.execute(query):
        found[call_id].add(code)
    return found


def _promises(session: Session, call_ids: Sequence[str]) -> dict[str, date]:
    query = select(Promise.call_id, Promise.due_on).where(
        Promise.call_id.in_(call_ids), Promise.state == "open"
    )
    return {str(call_id): due_on for call_id, due_on in session.execute(query)}


def _call(
    attempt: Attempt,
    call: Call,
    *,
    outcome: str | None,
    seat_id: str | None,
    codes: dict[str, set[str]],
    promises: dict[str, date],
    wish: tuple[datetime | None, bool],
    paused: set[str],
) -> FloorCall:
    return FloorCall(
        call_id=CallId(attempt.id),
        campaign_id=CampaignId(attempt.campaign_id),
        list_entry_id=None if attempt.list_entry_id is None else ListEntryId(attempt.list_entry_id),
        customer_id=None if attempt.customer_id is None else CustomerId(attempt.customer_id),
        phone_id=None if attempt.phone_id is None else PhoneId(attempt.phone_id),
        number_key=attempt.number_key or "",
        number_today=attempt.number_today,
        cap_today=attempt.cap_today,
        trunk_id=TrunkId(attempt.trunk_id),
        gateway_id=GatewayId(attempt.gateway_id),
        state=CallState(call.state),
        since=call.since,
        not_after=attempt.not_after,
        preview=attempt.seat_id is not None,
        seat_id=SeatId(seat_id) if seat_id else None,
        place_asked_at=attempt.placed_at or attempt.leased_at,  # nobody knows, so it counts (I5)
        placed_at=attempt.placed_at,
        rang_at=call.rang_at,
        answered_at=call.answered_at,
        greeting_end_at=call.greeting_end_at,
        offered_at=call.offered_at,
        # The same of the order to bridge: whoever waits and has a seat may be talking by now.
        bridge_asked_at=call.since if _awaits_bridge(attempt, call) else None,
        bridged_at=call.bridged_at,
        ended_at=call.ended_at,
        verdict=call.verdict,
        identity=call.identity,
        codes=frozenset(codes.get(attempt.id, ())),
        promise_due=promises.get(attempt.id),
        callback_at=wish[0],
        callback_own=wish[1],
        outcome=outcome,
        ended_by=call.ended_by,
        recording_paused=attempt.id in paused,
        caller_id=attempt.caller_id,
        inbound=attempt.inbound,
        call_back=attempt.inbound,  # whether a block stands is asked when it is leased
    )


def _awaits_bridge(attempt: Attempt, call: Call) -> bool:
    """A seat was reserved for who waits, or for who called us and rings."""
    if call.seat_user_id is None:
        return False
    return call.state == CallState.WAITING or (attempt.inbound and call.state == CallState.RINGING)
