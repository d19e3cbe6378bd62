"""Starting where the last desk stopped: a new epoch, and the floor built anew from the rows.

Whatever was true was durable, so a crash loses nothing: open attempts and occupied seats are put
back on the floor as the rows have them, and each gateway's hello and snapshot then say what became
of the calls in the meantime. Pages and audio legs are unproven until they are heard again, so
nothing is offered to a seat merely because it was there before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from agent_desk.dialer.commands import CloseSeat
from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import (
    Call,
    Floor,
    Gateway,
    Link,
    Seat,
    SeatState,
    wrap_up_until,
)
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId, TeamId, UserId
from agent_desk.dialer.leaving import CONSULT
from agent_desk.dialer.promises import Promised
from agent_desk.dialer.seat_commands import left_of
from agent_desk.dialer.seats import IN_CALL, UP_TO_CALL
from agent_desk.dialer.skills import lacking
from agent_desk.services.ports import Clock
from agent_desk.services.running.day_figures import JST, business_date
from agent_desk.services.running.supervisors_left import supervisors_left
from agent_desk.store import system
from agent_desk.store.rows import floor as floor_rows
from agent_desk.store.rows import gateway_events, today
from agent_desk.store.rows import seat_orders as order_rows
from agent_desk.store.rows import supervision as supervision_rows
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

OCCUPIED = frozenset({SeatState.RESERVED, SeatState.TALKING, SeatState.HOLD, SeatState.WRAP_UP})
# A desk that was down for longer has no operators waiting in front of it.
ABSENT = timedelta(minutes=15)


@dataclass(frozen=True)
class Recovered:
    """What a desk starts from."""

    epoch: int
    floor: Floor
    absent: Sequence[CloseSeat]  # of nobody any more; the first thing this desk does
    today: list[Event]
    notes: Mapping[CallId, str]
    promises: Mapping[CallId, Promised]


class Recovery:
    """Reads what was left, and marks it as taken over."""

    def __init__(self, *, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    def begin(self) -> Recovered:
        """Start an epoch; older desks are fenced off from the gateways by its number."""
        now = self._clock.now()
        midnight = datetime.combine(business_date(now), datetime.min.time(), JST)
        with self._database.write() as session:
            epoch = system.begin_epoch(session)
            rows = floor_rows.load(session, now)
            last_seen = _last_seen(system.alive_at(session), now)
            call_ids = [call.call_id for call in rows.calls]
            floor_rows.take_over(session, call_ids, epoch)
            system.finish_recovery(session, epoch, at=now)
            boots = gateway_events.last_boots(session)
            return Recovered(
                epoch=epoch,
                floor=Floor(
                    seats=_with_consulted(
                        _ordered(
                            session,
                            {SeatId(r.seat_id): _seat(r, rows, last_seen) for r in rows.seats},
                        ),
                        rows.calls,
                    ),
                    calls={call.call_id: call for call in rows.calls},
                    campaigns=rows.campaigns,
                    gateways={
                        # Out of reach since now: its calls have as long as with any lost link.
                        GatewayId(gateway_id): Gateway(
                            GatewayId(gateway_id), boot_id, False, {}, lost_at=now
                        )
                        for gateway_id, boot_id in boots.items()
                    },
                    supervisors=supervisors_left(supervision_rows.still_open(session), now),
                ),
                absent=_absent(rows.seats, last_seen) if last_seen < now else (),
                today=today.events_since(session, midnight),
                notes=today.drafts(session, self._sealer, call_ids),
                promises=today.promises_of(session, call_ids),
            )


def _last_seen(alive_at: datetime | None, now: datetime) -> datetime:
    """When anybody can have been at a seat last: now, unless the desk was away for long."""
    return now if alive_at is None or now - alive_at <= ABSENT else alive_at


def _absent(seats: Sequence[floor_rows.SeatRow], last_seen: datetime) -> Sequence[CloseSeat]:
    """The seats without a call of a desk that was away for long: they ended when it stopped.

    Else the night would count as time logged in. A seat with a call is kept, for the gateway may
    still hold the talk; where it does not, the talk ended then, and the seat is closed with the
    pages that are gone.
    """
    return [
        CloseSeat(SeatId(row.seat_id), "system", last_seen)
        for row in seats
        if SeatState(row.state) not in UP_TO_CALL
    ]


def _ordered(session: Session, seats: dict[SeatId, Seat]) -> dict[SeatId, Seat]:
    """What leads ordered and has not come about yet, and which campaigns they left a seat."""
    waiting, assigned = order_rows.waiting(session), order_rows.assigned(session)
    for seat_id, seat in seats.items():
        left = replace(seat, assigned=assigned.get(seat_id, frozenset()))
        serves = left_of(left, left.serves)
        seats[seat_id] = replace(left, order=waiting.get(seat_id), serves=serves)
    return seats


def _with_consulted(seats: dict[SeatId, Seat], calls: Sequence[Call]) -> dict[SeatId, Seat]:
    """Colleagues who were asked into a call are so still, until its gateway says otherwise."""
    for call in calls:
        colleague = seats.get(call.party.seat_id) if call.party and call.party.seat_id else None
        if colleague is not None and colleague.reason == CONSULT:
            seats[colleague.seat_id] = replace(colleague, consulted_on=call.call_id)
    return seats


def _seat(row: floor_rows.SeatRow, rows: floor_rows.FloorRows, last_seen: datetime) -> Seat:
    """The seat as it was; its page and its audio leg have yet to be heard."""
    state = SeatState(row.state)
    campaign = rows.campaigns[CampaignId(row.campaign_id)]
    terms = {call.call_id: call.leased_under for call in rows.calls}
    deadline = row.deadline
    if state is SeatState.WRAP_UP and deadline is None:
        deadline = wrap_up_until(terms.get(CallId(row.call_id or "")) or campaign, row.since)
    return Seat(
        seat_id=SeatId(row.seat_id),
        user_id=UserId(row.user_id),
        team_id=TeamId(row.team_id) if row.team_id is not None else None,
        campaign_id=campaign.campaign_id,
        gateway_id=None,
        state=state,
        since=row.since,
        link=Link(opened_at=last_seen),
        reason=row.reason,
        queued_away=row.queued_away if state in OCCUPIED else None,
        muted=row.muted and state in IN_CALL,
        call_id=CallId(row.call_id) if row.call_id is not None and state in OCCUPIED else None,
        deadline=deadline,
        extensions=row.extensions,
        checked=state is not SeatState.STARTING,
        serves=frozenset(map(CampaignId, row.serves)),
        skills=row.skills,
        lacks=lacking(row.skills, rows.campaigns.values()),
    )
