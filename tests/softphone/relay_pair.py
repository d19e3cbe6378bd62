"""Two gateways' relays on loopback, with a browser's leg in the test's hands at the lender."""

from __future__ import annotations

import base64
import socket
from dataclasses import replace

from softphone.audio.ticker import Ticker
from softphone.protocol import Event, OpenRelay, Refusal
from softphone.relay.relays import Relays, RemoteSeat
from softphone.relay.socket import KEY_OCTETS
from softphone.seats import Seat, Seats
from tests.fakes.legs import FakeSeatLeg
from tests.fakes.timers import HandClock

KEY = base64.b64encode(bytes(range(KEY_OCTETS))).decode()


class End:
    """One gateway: its seats, its relays, what it reported."""

    def __init__(self, clock: HandClock) -> None:
        self.events: list[Event] = []
        self.legs: list[FakeSeatLeg] = []
        self.refusal: Refusal | None = None
        self.seats = Seats(self._answer, ticker=Ticker(), report=self.events.append)
        self.relays = Relays(
            seats=self.seats,
            report=self.events.append,
            timers=clock,
            now=clock.now,
            admit=lambda: self.refusal,
        )

    async def _answer(self, offer_sdp: str) -> FakeSeatLeg:
        self.legs.append(FakeSeatLeg())
        return self.legs[-1]

    async def start(self) -> None:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setblocking(False)
        bound.bind(("127.0.0.1", 0))
        await self.relays.start(bound)

    async def open_seat(self) -> FakeSeatLeg:
        """A page of seat s1, connected."""
        await self.seats.open("s1", "offer")
        await self.legs[-1].connect()
        return self.legs[-1]

    @property
    def seat(self) -> Seat:
        seat = self.seats.find("s1")
        assert seat is not None
        return seat


class Pair:
    """The host of call c1 and the lender of seat s1."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.host, self.lender = End(self.clock), End(self.clock)

    async def start(self) -> None:
        await self.host.start()
        await self.lender.start()

    async def stop(self) -> None:
        for end in (self.host, self.lender):
            end.relays.stop()
            await end.seats.stop(within_s=1.0)

    def host_command(self, relay_id: str = "r1") -> OpenRelay:
        return OpenRelay(
            relay_id=relay_id,
            call_id="c1",
            seat_id="s1",
            hosts_call=True,
            local=self.host.relays.address,
            remote=self.lender.relays.address,
            send_ssrc=1001,
            receive_ssrc=2002,
            key=KEY,
        )

    def lender_command(self, relay_id: str = "r1") -> OpenRelay:
        command = self.host_command(relay_id)
        return replace(
            command,
            hosts_call=False,
            local=command.remote,
            remote=command.local,
            send_ssrc=command.receive_ssrc,
            receive_ssrc=command.send_ssrc,
        )

    @property
    def remote_seat(self) -> RemoteSeat:
        seat = self.host.relays.find_seat("c1", "s1")
        assert seat is not None
        return seat
