"""F21 and the seven days: the desk and the real gateway in one process, on a clock of the test's.

Desk, gateway and SIP are the product's own; the trunk is a SIP server on loopback that notes the
business instant at which each INVITE reaches it, and refuses it. Time stands still until every
INVITE on its way has arrived, and moves by steps, so a second before the edge is a second however
busy the machine is. Orders may be late by up to some seconds: then it is the gateway who must look.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from agent_desk.dialer import commands, gateway_facts
from agent_desk.dialer.business_time import JST, at
from agent_desk.dialer.calling_rules import HARD_CLOSE_MINUTE, HARD_OPEN_MINUTE
from agent_desk.dialer.ids import GatewayId, SeatId
from config import GatewayConfig
from softphone import protocol as wire
from softphone.audio.ticker import Ticker
from softphone.process import Process
from softphone.wiring import build
from tests.agent_desk.small_desk import SECRET, People
from tests.chaos.mortal_desk import MortalDesk, populated, quick_folder
from tests.fakes.carrier import Carrier, CarrierCall
from tests.fakes.clock import FakeClock
from tests.waiting import await_until

RING_LIMIT_S = 25
MONDAY = date(2030, 11, 25)  # none of the week's days is a holiday
OPERATORS = ("operator1", "operator2")
BUSY_HERE = 486
ENOUGH = 120  # customers for a week that is looked at now and then


@dataclass(frozen=True)
class Seen:
    """One INVITE as it reached the trunk, in business time."""

    number: str
    at: datetime

    @property
    def outside(self) -> bool:
        """Whether it came before eight, or could ring on after nine in the evening."""
        day = self.at.astimezone(JST).date()
        rings_until = self.at + timedelta(seconds=RING_LIMIT_S)
        return self.at < at(day, 8 * 60) or rings_until > at(day, 21 * 60)


class Witness(Carrier):
    """A trunk that notes when, and refuses."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(Ticker())
        self.seen: list[Seen] = []
        self._now = now

    def _take(self, sip: Any) -> CarrierCall:
        call = super()._take(sip)
        self.seen.append(Seen(call.number, self._now()))
        asyncio.get_running_loop().call_soon(sip.reject, BUSY_HERE)
        return call


@cache
def many_customers(kind: str = "sales", customers: int = ENOUGH) -> tuple[Path, People]:
    """A campaign open as long as the law allows, and people for a week."""
    return populated(
        customers=customers,
        kind=kind,
        mode="ratio",
        ratio=3.0,
        recording=False,
        identity_needed=False,
        ring_limit_s=RING_LIMIT_S,
        window_start_minute=HARD_OPEN_MINUTE,
        window_end_minute=HARD_CLOSE_MINUTE,
    )


class Edges:
    """See the module."""

    def __init__(
        self,
        folder: Path,
        rng: random.Random,
        *,
        start: datetime,
        kind: str = "sales",
        customers: int = ENOUGH,
    ) -> None:
        self.rng = rng
        self._populated = partial(many_customers, kind, customers)
        self.clock = FakeClock(start, ahead=timedelta(0))
        self.trunk = Witness(self.clock.now)
        self._folder = folder
        self._sid = ""
        self._late: list[asyncio.Task[None]] = []
        self._events = 0
        self.desk: MortalDesk
        self.gateway: Process
        self.late_by_s = 0.0

    async def open(self) -> None:
        await self.trunk.start()
        config = GatewayConfig.from_environ(
            {
                "GATEWAY_DATA_DIR": str(self._folder / "gateway"),
                "DESK_DATA_DIR": str(self._folder),
                "GATEWAY_SECRET": SECRET,
                "PRACTICE_CARRIER_PORT": str(self.trunk.port),
                "RTP_PORTS": "43000-43999",
            }
        )
        self.gateway = build(config)
        self.gateway.gateway._clock._source = self.clock.now
        await self.gateway.trunks.start()
        trunk_id = config.trunks[0].trunk_id
        self.desk = MortalDesk(
            quick_folder(),
            self.clock,
            populated=self._populated,
            trunk_id=trunk_id,
        )
        self._link()

    async def close(self) -> None:
        await self.calm()
        for task in self._late:  # orders that are still to arrive, now never
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        await self.gateway.calls.stop(within_s=0.2)
        await self.gateway.trunks.stop(within_s=0.2)
        await self.gateway.background.stop(within_s=0.1)
        self.gateway.journal.close()
        self.desk.close()
        await self.trunk.stop()

    # --- the wire between the two ---------------------------------------------------------------

    def _link(self) -> None:
        gateway, server = self.gateway.gateway, self.desk.io.server
        self._sid = f"real-{next(server.sids)}"
        server.listeners[self._sid] = self._order
        server.connect("/gateway", self._sid, {"secret": SECRET})
        welcome = server.say("/gateway", self._sid, "hello", wire.encode(gateway.hello()))
        gateway.welcomed(wire.decode(wire.Welcome, welcome))
        server.say("/gateway", self._sid, "snapshot", wire.encode(gateway.snapshot()))
        for name in OPERATORS:
            seat_id, user_id = SeatId(name), self.desk.people.users[name]
            self.desk.life.seats.open(seat_id, user_id=user_id, team_id=1)
            self.desk.life.commits.submit(commands.PassDeviceCheck(seat_id))
        self._hear()
        for name in OPERATORS:
            self.desk.life.commits.submit(commands.GoAvailable(SeatId(name)))

    def _order(self, event: str, data: Any, acknowledge: Any) -> None:
        """An order of the desk's, which may take a while to arrive."""

        async def arrive(due: datetime) -> None:
            await await_until(lambda: self.clock.now() >= due, within_s=600)
            reply = await self.gateway.gateway.command(data)
            if acknowledge is not None:
                acknowledge(wire.encode(reply))

        due = self.clock.now() + timedelta(seconds=self.rng.uniform(0.0, self.late_by_s))
        self._late.append(asyncio.ensure_future(arrive(due)))

    def _tell(self) -> None:
        """The gateway's news, to the desk that lives now."""
        outbox = self.gateway.gateway.outbox
        while batch := outbox.batch():
            server = self.desk.io.server
            told = [wire.encode(each) for each in batch]
            outbox.acknowledge(server.say("/gateway", self._sid, "events", told)["acknowledged"])

    def _hear(self) -> None:
        """Every page and every leg is well: what is judged here is the hour alone."""
        now, put = self.clock.now(), self.desk.life.commits.put
        gateway_id = GatewayId(self.gateway.gateway.gateway_id)
        pulses, legs = [], []
        for name in OPERATORS:
            put(gateway_facts.SeatMediaUp(SeatId(name), gateway_id, now))
            pulses.append(commands.PulseOfSeat(SeatId(name), now, True, True))
            legs.append(commands.MediaOfSeat(SeatId(name), True, 0.0, 0.0, 0.0))
        put(commands.ObservePulses(tuple(pulses)))
        put(commands.ObserveMedia(gateway_id, now, tuple(legs)))
        self.desk.settle()

    # --- time -----------------------------------------------------------------------------------

    async def calm(self) -> None:
        """Until nothing is on its way: no order that is due, no INVITE unanswered."""
        self._late = [task for task in self._late if not task.done()]
        for _ in range(3):
            await asyncio.sleep(0)
        await await_until(lambda: len(self.gateway.calls) == 0, what="every INVITE is answered")
        self._tell()

    async def pass_time(self, seconds: float, *, step_s: float) -> None:
        """Step by step, with heartbeats and ticks."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end:
            self.clock.advance(min(step_s, (end - self.clock.now()).total_seconds()))
            self._hear()
            self.desk.tick()
            await self.calm()
            self.desk.settle()

    async def jump(self, to: datetime) -> None:
        """Nights and quiet hours pass unseen; the desk runs on."""
        self.clock.advance((to - self.clock.now()).total_seconds())
        for name in OPERATORS:  # away (lagged) meanwhile, as nobody was heard
            self._hear()
            self.desk.tick()
            self.desk.life.commits.submit(commands.GoAvailable(SeatId(name)))
        await self.calm()

    def restart(self) -> None:
        """kill -9 of the desk, and the next one."""
        self.desk.bury()
        self.desk.start()
        self._link()

    async def look_in(self, instant: datetime) -> list[Seen]:
        """A few seconds of the desk's life at some hour; all INVITEs that came."""
        before = len(self.trunk.seen)
        await self.jump(instant)
        await self.pass_time(2.0, step_s=1.0)
        return self.trunk.seen[before:]

    async def cross(self, edge: datetime, *, margin_s: float, step_s: float) -> list[Seen]:
        """From before an edge to after it; the INVITEs that came outside the hours."""
        before = len(self.trunk.seen)
        await self.jump(edge - timedelta(seconds=margin_s))
        until = edge + timedelta(seconds=margin_s)
        while self.clock.now() < until:
            await self.pass_time(step_s, step_s=step_s)
            if self.rng.random() < 0.1:
                self.restart()
        return [seen for seen in self.trunk.seen[before:] if seen.outside]


def opens(day: date) -> datetime:
    return at(day, HARD_OPEN_MINUTE).astimezone(UTC)


def closes(day: date) -> datetime:
    """The last instant at which an INVITE may leave is a ring and 5 s before nine."""
    return (at(day, HARD_CLOSE_MINUTE) - timedelta(seconds=RING_LIMIT_S + 5)).astimezone(UTC)
