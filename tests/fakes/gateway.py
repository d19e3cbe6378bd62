"""Two stand-ins for a gateway: behind the port, and behind the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId
from agent_desk.services.ports import (
    GatewayEffect,
    GatewayRefused,
    GatewayUnreachable,
    LadderMessage,
    Placement,
)
from softphone import protocol as wire
from tests.fakes.clock import FakeClock
from tests.fakes.io_server import FakeIoServer

SAFE_HARBOUR = "5a" * 32  # the hash of the recording it plays to abandoned calls
MESSAGE = "7b" * 32  # the recording it can leave on answering machines


class QuietGateway:
    """Implements `services.ports.GatewayPort`: does what it is told, and keeps a list."""

    def __init__(self) -> None:
        self.reachable = True
        self.refusal: str | None = None
        self.placed: list[Placement] = []
        self.performed: list[GatewayEffect] = []
        self.tested: list[tuple[SeatId, str]] = []
        self.ladders: dict[CallId, tuple[LadderMessage, ...]] = {}

    def place(self, gateway_id: GatewayId, placement: Placement) -> None:
        self._reach()
        self.placed.append(placement)

    def perform(self, effect: GatewayEffect) -> None:
        if self.reachable:
            self.performed.append(effect)

    def confirm_stopped(self, campaign_ids: Sequence[CampaignId]) -> Sequence[GatewayId]:
        return () if self.reachable else (GatewayId("gw1"),)

    def open_seat(self, seat_id: SeatId, offer_sdp: str, *, where: GatewayId | None = None) -> str:
        self._reach()
        return f"answer to {offer_sdp}"

    def test_seat(self, seat_id: SeatId, kind: str) -> None:
        self._reach()
        self.tested.append((seat_id, kind))

    def ladder(self, gateway_id: GatewayId, call_id: CallId) -> tuple[LadderMessage, ...]:
        self._reach()
        return self.ladders.get(call_id, ())

    def _reach(self) -> None:
        if not self.reachable:
            raise GatewayUnreachable("no gateway is connected")
        if self.refusal is not None:
            raise GatewayRefused(self.refusal, self.refusal)


class WireGateway:
    """A gateway's end of the wire, message by message, inside the test's process.

    Every command it is sent lands in `commands` and is accepted, unless `refuse` names its class.
    With `answers` off it takes commands and says nothing.
    """

    def __init__(
        self,
        server: FakeIoServer,
        clock: FakeClock,
        *,
        gateway_id: str = "gw1",
        boot_id: str = "boot1",
        lines: int = 10,
        relay_address: str = "",
        messages: tuple[str, ...] = (MESSAGE,),
    ) -> None:
        self.server = server
        self.clock = clock
        self.gateway_id = gateway_id
        self.boot_id = boot_id
        self.shares = (wire.TrunkShare("trunk1", lines, 50.0),)
        self.relay_address = relay_address
        self.messages = messages
        self.overloaded = self.draining = False
        self.refused: tuple[wire.RefusedCalls, ...] = ()
        self.next_seq = 1
        self.newest_epoch = 0
        self.commands: list[wire.Command] = []
        self.refuse: dict[str, str] = {}
        self.ladders: dict[str, tuple[wire.LadderLine, ...]] = {}
        self.answers = True
        self.sid = ""

    # --- the link -------------------------------------------------------------------------------

    def connect(self, secret: str) -> None:
        """Open the socket; raises ConnectionRefusedError when the secret is wrong."""
        self.sid = f"{self.gateway_id}-{next(self.server.sids)}"
        self.server.listeners[self.sid] = self._heard
        self.server.connect("/gateway", self.sid, {"secret": secret})

    def disconnect(self) -> None:
        self.server.lose("/gateway", self.sid)

    def hello(self, *, version: int = wire.VERSION, first_seq: int = 1) -> Any:
        """Say hello; the `Welcome` or the `Refusal`."""
        hello = wire.Hello(
            version=version,
            gateway_id=self.gateway_id,
            boot_id=self.boot_id,
            newest_epoch=self.newest_epoch,
            first_seq=first_seq,
            next_seq=self.next_seq,
            trunks=self.shares,
            relay_address=self.relay_address,
            safe_harbour=SAFE_HARBOUR,
            messages=self.messages,
        )
        answer = self.send("hello", wire.encode(hello))
        kind = wire.Welcome if answer["type"] == "Welcome" else wire.Refusal
        return wire.decode(kind, answer)

    def send(self, event: str, data: object) -> Any:
        """One message as it is on the wire; the acknowledgement."""
        return self.server.say("/gateway", self.sid, event, data)

    # --- news -----------------------------------------------------------------------------------

    def envelope(self, event: wire.Event, *, at: datetime | None = None) -> wire.EventEnvelope:
        """The next numbered event, not yet sent."""
        numbered = wire.EventEnvelope(
            self.gateway_id, self.boot_id, self.next_seq, at or self.clock.now(), event
        )
        self.next_seq += 1
        return numbered

    def deliver(self, *envelopes: wire.EventEnvelope) -> int:
        """Send numbered events; the number acknowledged."""
        answer = self.send("events", [wire.encode(envelope) for envelope in envelopes])
        return int(answer["acknowledged"])

    def tell(self, *events: wire.Event) -> int:
        """Number and send events; the number acknowledged."""
        return self.deliver(*[self.envelope(event) for event in events])

    def snapshot(
        self,
        *,
        calls: tuple[wire.CallState, ...] = (),
        seats: tuple[str, ...] = (),
        next_seq: int | None = None,
    ) -> Any:
        """Send what is alive in here, with the trunk up."""
        message = wire.Snapshot(
            self.gateway_id,
            self.boot_id,
            next_seq or self.next_seq,
            calls,
            tuple(wire.SeatState(seat, True) for seat in seats),
            tuple(wire.TrunkChanged(share.trunk_id, True, "") for share in self.shares),
        )
        return self.send("snapshot", wire.encode(message))

    def live(
        self, *seats: str | wire.SeatLiveness, calls: tuple[wire.CallQuality, ...] = ()
    ) -> None:
        """The one message a second: these seats' legs are alive, and well unless told otherwise."""
        rows = tuple(
            seat
            if isinstance(seat, wire.SeatLiveness)
            else wire.SeatLiveness(seat, True, 0.5, 0.02, -30.0, 0.0, 2.0, None)
            for seat in seats
        )
        trunks = tuple(wire.TrunkLiveness(share.trunk_id, True, 0, 2, 1) for share in self.shares)
        message = wire.Liveness(
            gateway_id=self.gateway_id,
            boot_id=self.boot_id,
            at=self.clock.now(),
            loop_lag_ms=1.0,
            seats=rows,
            trunks=trunks,
            calls=calls,
            overloaded=self.overloaded,
            draining=self.draining,
            refused=self.refused,
        )
        self.send("liveness", wire.encode(message))

    def newest(self, kind: type) -> Any:
        """The newest command of a class, or None."""
        return next((c for c in reversed(self.commands) if isinstance(c, kind)), None)

    def _heard(self, event: str, data: Any, acknowledge: Any) -> None:
        assert event == "command"
        envelope = wire.decode(wire.CommandEnvelope, data)
        assert envelope.gateway_id == self.gateway_id
        self.commands.append(envelope.command)
        if not self.answers or acknowledge is None:
            return
        name = type(envelope.command).__name__
        refusal = wire.Refusal(self.refuse[name], name) if name in self.refuse else None
        sdp = "v=0 answer" if name == "OpenSeat" and refusal is None else None
        ladder = self.ladders.get(getattr(envelope.command, "call_id", ""), ())
        acknowledge(wire.encode(wire.CommandReply(envelope.command_id, refusal, sdp, ladder)))
