"""What a relay between two gateways adds: delay from leg to leg, and processor time per talk.

    python -m benchmarks.relay [--talks 20] [--seconds 10]

Two gateways' relays in one process, so that one loop does the work of both. So many lent seats
speak and hear fifty packets a second; a sample is the time from the browser's packet at the lender
to the bridge's at the host. A bare UDP datagram from socket to socket, sent beside each of them,
is the baseline.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import secrets
import socket
import struct
import time
from typing import Any

from benchmarks.table import percentiles
from softphone.audio.ticker import Ticker
from softphone.protocol import OpenRelay, Refusal
from softphone.relay.relays import Relays
from softphone.seats import Seats
from tests.fakes.legs import FakeSeatLeg

_STAMP = struct.Struct("!d")
FRAME_S = 0.02
PAYLOAD = bytes(160 - _STAMP.size)


def stamped() -> bytes:
    return _STAMP.pack(time.perf_counter()) + PAYLOAD


def age_ms(payload: bytes) -> float:
    return float(time.perf_counter() - _STAMP.unpack_from(payload)[0]) * 1000


class Listener(asyncio.DatagramProtocol):
    """The bare socket: notes how old each datagram is."""

    def __init__(self) -> None:
        self.took: list[float] = []

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.took.append(age_ms(data))


class Gateway:
    """One end: seats without browsers, relays on a real socket."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.legs: list[FakeSeatLeg] = []
        self.seats = Seats(self._answer, ticker=Ticker(), report=lambda event: None)
        self.relays = Relays(
            seats=self.seats, report=lambda event: None, timers=loop, now=loop.time
        )

    async def _answer(self, offer_sdp: str) -> FakeSeatLeg:
        self.legs.append(FakeSeatLeg())
        return self.legs[-1]

    async def start(self) -> None:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setblocking(False)
        bound.bind(("127.0.0.1", 0))
        await self.relays.start(bound)


async def join(host: Gateway, lender: Gateway, number: int) -> Any:
    """One relay; the leg that stands for the seat."""
    seat_id = f"s{number}"
    await lender.seats.open(seat_id, "offer")
    await lender.legs[-1].connect()
    here, there = host.relays.address, lender.relays.address
    key = base64.b64encode(secrets.token_bytes(30)).decode()
    up, down = 2 * number + 1, 2 * number + 2
    names = (f"r{number}", f"c{number}", seat_id)
    refusals = await asyncio.gather(
        host.relays.open(OpenRelay(*names, True, here, there, up, down, key)),
        lender.relays.open(OpenRelay(*names, False, there, here, down, up, key)),
    )
    assert refusals == [None, None], refusals
    seat = host.relays.find_seat(names[1], seat_id)
    assert seat is not None
    leg = seat.leg_for_call()
    assert not isinstance(leg, Refusal)
    seat.take(object())  # type: ignore[arg-type]
    return leg


async def run(talks: int, seconds: float) -> None:
    host, lender = Gateway(), Gateway()
    await host.start()
    await lender.start()
    took: list[float] = []
    legs = [await join(host, lender, number) for number in range(talks)]
    for leg in legs:
        leg.sink = lambda payload, timestamp: took.append(age_ms(payload))
    loop = asyncio.get_running_loop()
    receiver, bare = await loop.create_datagram_endpoint(Listener, local_addr=("127.0.0.1", 0))
    target = receiver.get_extra_info("sockname")
    sender, _ = await loop.create_datagram_endpoint(Listener, local_addr=("127.0.0.1", 0))

    spoken = 0

    def speak(number: int, due: float) -> None:
        """One microphone and one customer; each pair has its own place within the 20 ms."""
        nonlocal spoken
        spoken += 1
        browser, leg, timestamp = lender.legs[number], legs[number], round(due * 8000)
        sender.sendto(stamped(), target)
        assert browser.sink is not None
        browser.sink(stamped(), timestamp)
        leg.send(stamped(), source=leg, timestamp=timestamp)
        if due + FRAME_S < until:
            loop.call_at(due + FRAME_S, speak, number, due + FRAME_S)

    began, until = time.process_time(), loop.time() + seconds
    for number in range(talks):
        first = loop.time() + FRAME_S * number / talks
        loop.call_at(first, speak, number, first)
    await asyncio.sleep(seconds)
    spent = time.process_time() - began
    await asyncio.sleep(0.1)
    host.relays.stop()
    lender.relays.stop()
    for transport in (receiver, sender):
        transport.close()
    print("| path | packets | p50 ms | p95 ms | p99 ms | worst ms |")
    print("|---|---|---|---|---|---|")
    print(f"| bare UDP | {percentiles(bare.took, digits=2)} |")
    print(f"| relay | {percentiles(took, digits=2)} |")
    print(f"\nlost {spoken - len(took)} of {spoken}; both ends, both ways, and the bare packets")
    print(f"together: {spent / seconds / talks * 100:.2f} % of a core per talk")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--talks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    asyncio.run(run(options.talks, options.seconds))


if __name__ == "__main__":
    main()
