"""The working copy behind one `decide`: changed freely, thrown away whole when a rule says no.

Handlers read and write the draft; `decided` gives the new floor with what happened and what must
be done. A mapping is copied the first time it is written (a copy of a thousand entries costs
about 5 µs), so the floor that came in stays as it was, and a handler that raises has changed
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from agent_desk.dialer import calls, seats
from agent_desk.dialer.effects import Effect
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import CallMoved, Event, SeatMoved, SeatOrderEnded
from agent_desk.dialer.floor import (
    Call,
    Campaign,
    Floor,
    Gateway,
    Seat,
    SeatState,
    Supervisor,
    Why,
)
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId
from agent_desk.dialer.seat_order import How

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Decided:
    """What a command came to: the floor after it, rows to write, and work for after the commit."""

    floor: Floor
    events: tuple[Event, ...]
    effects: tuple[Effect, ...]


class Table(Generic[Key, Value]):
    """One mapping of the floor, copied at the first write."""

    __slots__ = ("copied", "rows")

    def __init__(self, rows: Mapping[Key, Value]) -> None:
        self.rows = rows
        self.copied: dict[Key, Value] | None = None

    def get(self, key: Key | None) -> Value | None:
        """The value, or None for a key that is unknown or None."""
        return None if key is None else self.rows.get(key)

    def values(self) -> list[Value]:
        """All values, safe to walk while writing."""
        return list(self.rows.values())

    def put(self, key: Key, value: Value) -> None:
        """Set a value in the copy."""
        if self.copied is None:
            self.copied = dict(self.rows)
            self.rows = self.copied
        self.copied[key] = value

    def remove(self, key: Key) -> None:
        """Take a key out of the copy; unknown keys are fine."""
        if key in self.rows:
            self.put(key, self.rows[key])
            assert self.copied is not None  # `put` made it
            del self.copied[key]


class Draft:
    """A floor in the making. `now` is the instant of the decision, `cause` the command's name."""

    def __init__(self, floor: Floor, now: datetime, cause: str) -> None:
        self.floor = floor
        self.now = now
        self.cause = cause
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.freed: list[SeatId] = []  # by this command, of those somebody ordered something for
        self.seats: Table[SeatId, Seat] = Table(floor.seats)
        self.calls: Table[CallId, Call] = Table(floor.calls)
        self.campaigns: Table[CampaignId, Campaign] = Table(floor.campaigns)
        self.gateways: Table[GatewayId, Gateway] = Table(floor.gateways)
        self.leasing: Table[CampaignId, int] = Table(floor.leasing)
        self.why: Table[CampaignId, Why] = Table(floor.why)
        self.supervisors: Table[SeatId, Supervisor] = Table(floor.supervisors)

    def decided(self) -> Decided:
        """The outcome of the decision; the same floor object when nothing was written."""
        tables = (
            self.seats,
            self.calls,
            self.campaigns,
            self.gateways,
            self.leasing,
            self.why,
            self.supervisors,
        )
        floor = self.floor
        if any(table.copied is not None for table in tables):
            floor = Floor(*(table.rows for table in tables))  # type: ignore[arg-type]
        return Decided(floor, tuple(self.events), tuple(self.effects))

    # --- reading, with the refusals a person understands ---------------------------------------

    def seat(self, seat_id: SeatId) -> Seat:
        """An open seat; Refused(seat-not-open)."""
        seat = self.seats.get(seat_id)
        if seat is None:
            raise Refused(ErrorId.SEAT_NOT_OPEN)
        return seat

    def campaign(self, campaign_id: CampaignId) -> Campaign:
        """A campaign of the floor; Refused(campaign-unknown)."""
        campaign = self.campaigns.get(campaign_id)
        if campaign is None:
            raise Refused(ErrorId.CAMPAIGN_UNKNOWN, campaign_id=campaign_id)
        return campaign

    def terms(self, call: Call) -> Campaign:
        """The call's campaign as it was when the call was leased: that is how it goes on."""
        return call.leased_under or self.campaign(call.campaign_id)

    def linked(self, gateway_id: GatewayId | None) -> bool:
        """Whether commands reach this gateway."""
        gateway = self.gateways.get(gateway_id)
        return gateway is not None and gateway.linked

    # --- writing -------------------------------------------------------------------------------

    def put_seat(self, seat: Seat) -> None:
        """Replace a seat whose state is as before."""
        self.seats.put(seat.seat_id, seat)

    def put_call(self, call: Call) -> None:
        """Replace a call whose state is as before."""
        self.calls.put(call.call_id, call)

    def put_supervisor(self, supervisor: Supervisor) -> None:
        """Add or replace a lead's leg."""
        self.supervisors.put(supervisor.seat_id, supervisor)

    def emit(self, event: Event) -> None:
        """Something happened."""
        self.events.append(event)

    def do(self, effect: Effect) -> None:
        """Something must be done after the commit."""
        self.effects.append(effect)

    def move_seat(
        self,
        seat: Seat,
        event: str,
        *,
        at: datetime | None = None,
        call: Call | None = None,
        reason: str | None = None,
        deadline: datetime | None = None,
    ) -> Seat:
        """Move a seat by the law and write its row; `at` is when it happened, now by default.

        With a `call`, the seat works for the call's campaign from here on. The instant is held
        between the seat's last move and now, so that intervals never overlap and never lie in the
        future, whatever a gateway's clock said.
        """
        at = min(at or self.now, self.now)
        call_id = None
        if call is not None:
            call_id, seat = call.call_id, replace(seat, campaign_id=call.campaign_id)
        if seat.order is not None and seat.order.done:
            seat = replace(seat, order=None)
        moved = seats.move(seat, event, at, call_id=call_id, reason=reason, deadline=deadline)
        if moved.state in seats.FREE:
            moved = replace(moved, campaign_id=self.waits_for(moved))
            if moved.order is not None:
                self.freed.append(moved.seat_id)
        self.note_move(seat, moved)
        if moved.state is SeatState.OFFLINE:
            self.seats.remove(moved.seat_id)
        else:
            self.seats.put(moved.seat_id, moved)
        return moved

    def end_order(self, seat: Seat, how: How, *, by: SeatId | None = None) -> Seat:
        """Write the end of what a lead ordered; the seat without it."""
        if seat.order is not None and not seat.order.done:
            self.emit(SeatOrderEnded(seat.seat_id, seat.user_id, seat.order, how, by, at=self.now))
        return replace(seat, order=None)

    def note_move(self, before: Seat, after: Seat) -> None:
        """Write the row of a seat's move."""
        self.emit(
            SeatMoved(
                seat_id=after.seat_id,
                user_id=after.user_id,
                from_state=before.state.value,
                to_state=after.state.value,
                reason=after.reason,
                cause=self.cause,
                call_id=after.call_id or before.call_id,
                campaign_id=after.campaign_id,
                at=after.since,
            )
        )

    def move_call(
        self,
        call: Call,
        event: str,
        at: datetime,
        *,
        verdict: str | None = None,
        greeting_end_ms: int | None = None,
        evidence: str | None = None,
    ) -> Call:
        """Move a call by the law, write its row and put it; never for the move to `ended`.

        `call` may carry facts of the new state already; its row tells seat and verdict.
        """
        moved = calls.move(call, event, at)
        self.calls.put(moved.call_id, moved)
        self.emit(
            CallMoved(
                call_id=moved.call_id,
                from_state=call.state.value,
                to_state=moved.state.value,
                at=max(at, call.since),
                seat_id=moved.seat_id,
                verdict=verdict,
                greeting_end_ms=greeting_end_ms,
                evidence=evidence,
            )
        )
        return moved

    def waits_for(self, seat: Seat) -> CampaignId:
        """Whose its time is between two calls: the last call's, or if that campaign does not run,
        is not its team's any more or asks for more than it can, the first of the others it serves
        that does."""
        order = sorted(seat.serves)
        if seat.campaign_id in seat.serves or not order:
            order = [seat.campaign_id, *order]
        order = [each for each in order if each not in seat.lacks] or order
        running = (each for each in map(self.campaigns.get, order) if each is not None)
        return next((each.campaign_id for each in running if each.running == "running"), order[0])

    def change_campaign(self, seat: Seat, campaign_id: CampaignId) -> Seat:
        """The seat works for another campaign from now on; the row keeps the figures apart."""
        moved = replace(seat, campaign_id=campaign_id, since=max(self.now, seat.since))
        self.seats.put(moved.seat_id, moved)
        self.note_move(seat, moved)
        return moved
