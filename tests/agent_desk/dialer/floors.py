"""A small world for the core's tests: one campaign, one gateway, seats and calls made by commands.

`World` is the group commit without a database: it decides, keeps the floor, and remembers events
and effects. Time is a number of seconds since 10:00 JST of a Tuesday.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from agent_desk.dialer import commands, gateway_facts
from agent_desk.dialer.commands import Command
from agent_desk.dialer.engine import Decided, decide
from agent_desk.dialer.events import SeatMoved
from agent_desk.dialer.floor import Call, Campaign, Floor, Seat, SeatState, StatusCode
from agent_desk.dialer.ids import (
    CallId,
    CampaignId,
    CustomerId,
    GatewayId,
    ListEntryId,
    PhoneId,
    SeatId,
    TrunkId,
    UserId,
)

START = datetime(2026, 5, 12, 1, 0, tzinfo=UTC)  # Tuesday 10:00 in Japan
CAMPAIGN = CampaignId(1)
GATEWAY = GatewayId("gw-1")
TRUNK = TrunkId("trunk-1")
APPROVED = "5a" * 32  # the recording for abandoned calls
A, B, C = SeatId("operator1"), SeatId("operator2"), SeatId("operator3")

Something = TypeVar("Something")


def instant(seconds: float) -> datetime:
    """Seconds after the start, as an instant."""
    return START + timedelta(seconds=seconds)


def campaign(**settings: Any) -> Campaign:
    """A running collections campaign."""
    plain = Campaign(
        campaign_id=CAMPAIGN,
        kind="collections",
        mode="progressive",
        ratio=1.0,
        running="running",
        identity_needed=True,
        safe_harbour=APPROVED,
        wrap_up_extensions=1,
        wrap_up_s=60.0,
        statuses=(
            StatusCode("contact"),
            StatusCode("valid"),
            StatusCode("payment_date", needs_identity=True),
            StatusCode("person", needs_identity=True),
        ),
    )
    return replace(plain, **settings)


def attempt(number: int, *, customer: int | None = None, key: str | None = None) -> Any:
    """The n-th leased attempt."""
    return commands.LeasedAttempt(
        call_id=CallId(f"call-{number}"),
        campaign_id=CAMPAIGN,
        list_entry_id=ListEntryId(number),
        customer_id=CustomerId(customer if customer is not None else number),
        phone_id=PhoneId(number),
        number_key=key or f"key-{number}",
        number_today=1,
        trunk_id=TRUNK,
        gateway_id=GATEWAY,
        not_after=instant(36_000),
    )


class World:
    """The loop around the engine, in memory."""

    def __init__(self, **settings: Any) -> None:
        self.floor = Floor()
        self.serves: frozenset[CampaignId] = frozenset()  # of the seats opened from now on
        self.seconds = 0.0
        self.events: list[Any] = []
        self.effects: list[Any] = []
        self.run(commands.ConfigureCampaign(campaign(**settings)))
        welcomed = gateway_facts.GatewayWelcomed(GATEWAY, "boot-1", ((TRUNK, 10, 10.0),))
        self.run(replace(welcomed, safe_harbour=APPROVED))
        self.run(gateway_facts.GatewaySnapshot(GATEWAY, "boot-1", (), (), (TRUNK,)))

    @property
    def now(self) -> datetime:
        return instant(self.seconds)

    def run(self, command: Command) -> Decided:
        """Decide and commit one command at the world's present instant."""
        decided = decide(self.floor, command, self.now)
        self.floor = decided.floor
        self.events += decided.events
        self.effects += decided.effects
        return decided

    def wait(self, seconds: float) -> None:
        """Let time pass; nobody is heard meanwhile."""
        self.seconds += seconds

    def hear(self, *seats: SeatId) -> None:
        """Page, microphone and audio leg of these seats (all of them by default) work now."""
        every = seats or tuple(self.floor.seats)
        self.run(
            commands.ObservePulses(
                tuple(commands.PulseOfSeat(seat, self.now, True, True) for seat in every)
            )
        )
        self.run(
            commands.ObserveMedia(
                GATEWAY,
                self.now,
                tuple(commands.MediaOfSeat(seat, True, 0.0, 0.0, 0.0) for seat in every),
            )
        )

    def pass_time(self, seconds: float, *, step: float = 1.0) -> None:
        """Time passes with heartbeats and ticks, as in life."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds = min(end, self.seconds + step)
            self.hear()
            self.run(commands.Tick())

    # --- seats ------------------------------------------------------------------------------

    def open(self, seat_id: SeatId = A) -> None:
        user_id = UserId(int(seat_id[-1]))
        self.run(commands.OpenSeat(seat_id, user_id, None, CAMPAIGN, self.serves))

    def ready(self, *seat_ids: SeatId) -> None:
        """Open, check and make available, one second apart, the first being idle longest."""
        for seat_id in seat_ids or (A,):
            self.open(seat_id)
            self.run(gateway_facts.SeatMediaUp(seat_id, GATEWAY, self.now))
            self.run(commands.PassDeviceCheck(seat_id))
            self.hear(seat_id)
            self.run(commands.GoAvailable(seat_id))
            self.wait(0.5)
            self.hear()

    def seat(self, seat_id: SeatId = A) -> Seat:
        return self.floor.seats[seat_id]

    def state(self, seat_id: SeatId = A) -> SeatState:
        seat = self.floor.seats.get(seat_id)
        return seat.state if seat is not None else SeatState.OFFLINE

    # --- calls ------------------------------------------------------------------------------

    def lease(
        self, *numbers: int, seat_id: SeatId | None = None, campaign_id: CampaignId = CAMPAIGN
    ) -> None:
        attempts = [replace(attempt(number), campaign_id=campaign_id) for number in numbers]
        self.run(
            commands.AttemptsLeased(
                campaign_id,
                len(numbers),
                tuple(attempts),
                "",
                None,
                seat_id,
            )
        )

    def call(self, number: int = 1) -> Call:
        return self.floor.calls[CallId(f"call-{number}")]

    def has_call(self, number: int = 1) -> bool:
        return CallId(f"call-{number}") in self.floor.calls

    def ring(self, number: int = 1) -> None:
        self.run(gateway_facts.CallPlaced(CallId(f"call-{number}"), self.now))
        self.run(gateway_facts.CallRinging(CallId(f"call-{number}"), self.now))

    def answer(self, number: int = 1) -> None:
        self.ring(number)
        self.run(gateway_facts.CallAnswered(CallId(f"call-{number}"), self.now))

    def offer(self, number: int = 1, verdict: str = "human") -> None:
        self.answer(number)
        self.run(screened(number, self.now, verdict=verdict))

    def bridge(self, number: int = 1, seat_id: SeatId = A) -> None:
        """From the lease to two-way audio."""
        self.lease(number)
        self.offer(number)
        self.run(gateway_facts.CallBridged(CallId(f"call-{number}"), seat_id, self.now))

    def end(self, number: int = 1, **facts: Any) -> Decided:
        return self.run(ended(number, self.now, **facts))

    # --- what happened ----------------------------------------------------------------------

    def happened(self, kind: type[Something]) -> list[Something]:
        return [event for event in self.events if isinstance(event, kind)]

    def done(self, kind: type[Something]) -> list[Something]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def moves(self, seat_id: SeatId = A) -> list[str]:
        """The states a seat went through."""
        return [move.to_state for move in self.happened(SeatMoved) if move.seat_id == seat_id]


def screened(
    number: int,
    at: datetime,
    *,
    verdict: str = "human",
    offered: bool = True,
    greeting_end_ms: int | None = 0,
) -> gateway_facts.CallScreened:
    """A verdict."""
    return gateway_facts.CallScreened(
        CallId(f"call-{number}"), at, verdict, greeting_end_ms, offered, "evidence"
    )


def ended(number: int, at: datetime, **facts: Any) -> gateway_facts.CallEnded:
    """A gateway's final word: by default a person who talked and hung up."""
    plain = gateway_facts.CallEnded(
        call_id=CallId(f"call-{number}"),
        at=at,
        by="customer",
        sip_code=None,
        q850=None,
        rang=True,
        answered=True,
        verdict="human",
        abandoned=False,
        seat_lost=False,
        cause="",
    )
    return replace(plain, **facts)
