"""Call attempts per second of one gateway against SIPp.

    python -m benchmarks.sip_rate --rates 25 50 100 --seconds 10

The whole gateway process is measured: each attempt is a `PlaceCall` over Socket.IO, an INVITE,
180, 200, ACK, the customer's silence stream, a `HangUp` from the desk, BYE, and all events
acknowledged. The desk of the tests stands in for the real one; SIPp answers. A rate is held when
every attempt had its end and none was refused for pace. Printed per rate: attempts with an end,
share of a core, milliseconds of processor per attempt, the worst loop lag.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from softphone.protocol import (
    CallEnded,
    CallNotPlaced,
    CallScreened,
    EventEnvelope,
    HangUp,
    TrunkShare,
)
from tests.fakes.desk_server import FakeDesk
from tests.ports import free_udp_port
from tests.softphone.gateway_process import GatewayProcess, place_call

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# A freed port rests ten seconds, and each attempt takes an even one: 50 a second need 1000 ports.
RTP_PORTS = "20000-39999"
END_WITHIN_S = 20.0


class HangingUpDesk(FakeDesk):
    """Ends every call as soon as it is offered, and counts what happens instead of keeping it."""

    def __init__(self) -> None:
        super().__init__()
        self.shares = (TrunkShare("trunk1", 5000, 1000.0),)
        self.ended = self.refused = self.unanswered = 0
        self._last = 0
        self._news = asyncio.Event()
        self._hang_ups: set[asyncio.Task[object]] = set()

    async def heard_of(self, calls: int) -> None:
        """Wait for the last word on so many calls."""
        while self.ended + self.refused < calls:
            self._news.clear()
            await self._news.wait()

    def _store(self, envelope: EventEnvelope) -> None:
        if envelope.seq != self._last + 1:
            return
        self._last = envelope.seq
        self._news.set()
        event = envelope.event
        if isinstance(event, CallScreened):
            task = asyncio.ensure_future(self.send(HangUp(event.call_id, "measured")))
            self._hang_ups.add(task)
            task.add_done_callback(self._hang_ups.discard)
        elif isinstance(event, CallEnded):
            self.ended += 1
            self.unanswered += not event.answered
        elif isinstance(event, CallNotPlaced):
            self.refused += 1

    def _last_stored(self, boot_id: str) -> int:
        return self._last


@dataclass(frozen=True)
class Figure:
    """What one rate came to."""

    rate: int
    attempts: int
    ended: int
    refused: int
    unanswered: int
    core_share: float
    cpu_ms_per_attempt: float
    worst_lag_ms: float

    def __str__(self) -> str:
        held = self.ended == self.attempts and not self.unanswered
        return (
            f"{self.rate:4d}/s: {self.ended} of {self.attempts} ended, {self.refused} refused, "
            f"{self.unanswered} unanswered; {self.core_share:.0%} of a core, "
            f"{self.cpu_ms_per_attempt:.2f} ms CPU an attempt, loop lag ≤ "
            f"{self.worst_lag_ms:.0f} ms{'' if held else '   NOT HELD'}"
        )


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


async def measure(desk: HangingUpDesk, pid: int, *, rate: int, seconds: float) -> Figure:
    """Place calls evenly for so long, wait for their ends."""
    loop = asyncio.get_running_loop()
    desk.ended = desk.refused = desk.unanswered = 0
    desk.liveness.clear()
    attempts = round(rate * seconds)
    started, used = loop.time(), cpu_seconds(pid)
    orders = []
    for n in range(attempts):
        await asyncio.sleep(max(0.0, started + n / rate - loop.time()))
        command = place_call(uuid.uuid4().hex, f"+8190000{n % 100000:05}", desk=desk)
        orders.append(asyncio.ensure_future(desk.send(command)))
    await asyncio.gather(*orders, return_exceptions=True)  # an order without a reply has no end
    try:
        async with asyncio.timeout(END_WITHIN_S):
            await desk.heard_of(attempts)
    except TimeoutError:
        pass  # the figure shows how many are missing
    took, cpu = loop.time() - started, cpu_seconds(pid) - used
    return Figure(
        rate=rate,
        attempts=attempts,
        ended=desk.ended,
        refused=desk.refused,
        unanswered=desk.unanswered,
        core_share=cpu / took,
        cpu_ms_per_attempt=cpu / attempts * 1000,
        worst_lag_ms=max((each.loop_lag_ms for each in desk.liveness), default=0.0),
    )


async def run(rates: list[int], seconds: float, folder: Path) -> None:
    desk = HangingUpDesk()
    await desk.start()
    port = free_udp_port()
    sipp = await asyncio.create_subprocess_exec(
        *("sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-nostdin"),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    gateway = GatewayProcess(folder, desk, sip_port=port, rtp_ports=RTP_PORTS)
    gateway.start()
    try:
        await desk.linked()
        for rate in rates:
            print(await measure(desk, gateway.pid, rate=rate, seconds=seconds), flush=True)
    finally:
        gateway.end()
        sipp.kill()
        await sipp.wait()
        await desk.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rates", type=int, nargs="+", default=[25, 50, 100])
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("SIPp is not installed (apt-get install sip-tester)")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(options.rates, options.seconds, Path(folder)))


if __name__ == "__main__":
    main()
