"""The process that makes the load: gateways, seats and viewers on one loop and one clock.

    python -m benchmarks.desk_load.generator < order.json

It takes one order from stdin and says on stdout, a line of JSON each, when everybody has come, when
measuring begins and ends, and what was measured. It runs behind the desk (`nice`): what is measured
is the desk, on a machine both share.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import aiohttp
import orjson

from benchmarks.desk_load.figures import Figures
from benchmarks.desk_load.gateway import ScriptedGateways
from benchmarks.desk_load.link import LinkLost
from benchmarks.desk_load.plan import Plan, usernames, viewers
from benchmarks.desk_load.seats import Seat
from benchmarks.desk_load.viewers import Viewer
from tests.population import PASSWORD
from tests.waiting import await_until

NICE = 5
COMING_AT_ONCE = 8
IN_STEP_S = 30.0
ENDED_S = 60.0
LOOKED_AT_EVERY_S = 0.01


@dataclass(frozen=True)
class Order:
    """What to do, and to whom."""

    url: str
    secret: str
    plan: Plan

    def line(self) -> bytes:
        """For the generator's stdin."""
        told = {"url": self.url, "secret": self.secret, "plan": asdict(self.plan)}
        return orjson.dumps(told) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Order:
        told = orjson.loads(line)
        return cls(told["url"], told["secret"], Plan(**told["plan"]))


T = TypeVar("T")
Say = Callable[[str, dict[str, Any]], None]


def say(phase: str, told: dict[str, Any]) -> None:
    """One line for whoever started this."""
    sys.stdout.buffer.write(orjson.dumps({"phase": phase, **told}) + b"\n")
    sys.stdout.buffer.flush()


async def generate(order: Order, tell: Say = say) -> None:
    """The whole load, from the first log-in to the last comparison."""
    plan, figures = order.plan, Figures()
    gateways = ScriptedGateways(
        figures,
        url=order.url,
        secret=order.secret,
        count=plan.gateways,
        lines=plan.lines,
        rate=plan.calls_per_second,
    )
    links = gateways.run()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as http:
        await await_until(lambda: gateways.in_step, within_s=IN_STEP_S, what="gateways in step")
        looking = [Viewer(each.username, figures, gateways.clock.now) for each in viewers(plan)]
        seats = [Seat(name, figures, gateways) for name in usernames(plan.seats)]
        began = time.monotonic()
        everybody: list[Viewer | Seat] = [*looking, *seats]
        await _all(everybody, lambda each: each.come(http, order.url, PASSWORD), COMING_AT_ONCE)
        tell("come", {"seconds": time.monotonic() - began})
        gc.collect()
        gc.freeze()
        await _measure(plan, figures, seats, tell)
        verified = _all(looking, lambda each: each.verify(http, order.url), COMING_AT_ONCE)
        await _finish(figures, gateways, seats, verified)
        tell("done", {**figures.told(), "open": sum(bool(seat.state) for seat in seats)})
        await _all(everybody, lambda each: each.close(), len(everybody))
    for link in links:
        link.cancel()
    await asyncio.gather(*links, return_exceptions=True)


async def _measure(plan: Plan, figures: Figures, seats: Sequence[Seat], tell: Say) -> None:
    await asyncio.sleep(plan.warm_s)
    figures.on = True
    tell("measuring", {"at": time.monotonic(), "busy": sum(seat.busy for seat in seats)})
    until = time.monotonic() + plan.measured_s
    before = time.monotonic()
    while before < until:
        await asyncio.sleep(LOOKED_AT_EVERY_S)
        now = time.monotonic()
        figures.loop_gaps.append(max(0.0, now - before - LOOKED_AT_EVERY_S))
        before = now
    figures.on = False
    tell("measured", {"at": time.monotonic(), "busy": sum(seat.busy for seat in seats)})


async def _finish(
    figures: Figures,
    gateways: ScriptedGateways,
    seats: Sequence[Seat],
    verified: Awaitable[None],
) -> None:
    """What is held must be what a fresh picture says; a desk that is overrun shows neither."""
    try:
        await _come_to_rest(gateways, seats)
        await verified
    except (AssertionError, TimeoutError, LinkLost) as never:
        figures.fault(f"no picture could be compared: {never!s:.60}")


async def _come_to_rest(gateways: ScriptedGateways, seats: Sequence[Seat]) -> None:
    """Nobody begins anything new, everybody finishes: what is held can be compared then."""
    await _all(seats, lambda seat: seat.rest(), COMING_AT_ONCE)
    await await_until(lambda: _is_over(gateways, seats), within_s=ENDED_S, what="the last results")


def _is_over(gateways: ScriptedGateways, seats: Sequence[Seat]) -> bool:
    """Whether nobody is on the telephone any more; who still is hangs up."""
    gateways.end_all()
    return gateways.live == 0 and not any(seat.busy for seat in seats)


async def _all(many: Sequence[T], what: Callable[[T], Awaitable[None]], at_once: int) -> None:
    """Do it for each, so many at once."""
    door = asyncio.Semaphore(at_once)

    async def one(each: T) -> None:
        async with door:
            await what(each)

    await asyncio.gather(*(one(each) for each in many))


def main() -> None:
    os.nice(NICE)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(generate(Order.read(sys.stdin.buffer.readline())))


if __name__ == "__main__":
    main()
