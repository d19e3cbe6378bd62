"""A page that floods, and pages that stop reading: what the others notice, what the desk keeps.

    python -m benchmarks.abuse [--full] [--only F32 F35]

The real processes and a carrier of the benchmark's own; whoever floods is a process of its own.
What the others notice is measured without the abuse and beside it, in the same minutes. Rows are
those of `benchmarks.faults`, and are added to the same table of benchmarks/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import socket
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.crowd import ROOT
from benchmarks.faults import REPORTED, Limit, Row, floor, record, tell
from softphone.audio.ticker import Ticker
from tests.chaos.floor import CUSTOMER_HZ, Floor, Operator
from tests.fakes.carrier import CarrierCall
from tests.operator_client import LinkLost, OperatorClient
from tests.waiting import await_until

FLOOD_PER_S = 1_000
HOSTILE: list[tuple[str, object]] = [
    ("go_away", None),
    ("draft_note", {"call_id": "c", "text": ["deep"] * 1_000}),
    ("__init__", {}),
    ("x" * 10_000, {"x": "y"}),
    ("hold", {"on": {"on": {"on": {}}}}),
    ("go_available", {"command_id": "short"}),
    ("set_promise", {"call_id": "c", "due_on": "9" * 5_000}),
]
OVERSIZE = ("draft_note", {"call_id": "c", "text": "x" * 600_000})  # more than the server takes
OVERSIZE_EVERY = 250
SLOW_PAGES = 12


@dataclass(frozen=True)
class Counts:
    """How much of each."""

    pops: int
    slow_s: float


FEW = Counts(pops=40, slow_s=20.0)
FULL = Counts(pops=300, slow_s=300.0)


# --- F32 ----------------------------------------------------------------------------------------


class Pops:
    """Answers at the carrier and records on pages, by customer, on one clock."""

    def __init__(self, here: Floor) -> None:
        self.answered: dict[str, float] = {}
        self.shown: dict[str, float] = {}
        here.customer = self.answer

    async def answer(self, call: CarrierCall) -> None:
        self.answered[f"+81{call.number[1:]}"] = time.monotonic()
        await call.answer(hz=CUSTOMER_HZ)

    def changed(self, changes: dict[str, Any]) -> None:
        told = changes.get("record")
        if told:
            self.shown.setdefault(told["customer"]["external_id"], time.monotonic())

    def taken(self) -> list[float]:
        """Seconds from answer to record, of all so far."""
        return [at - self.answered[who] for who, at in self.shown.items() if who in self.answered]


@contextlib.asynccontextmanager
async def working(operators: list[Operator], pops: Pops) -> AsyncIterator[None]:
    """Operators who take call after call."""

    async def work(operator: Operator) -> None:
        operator.on_change = pops.changed
        await operator.go_available()
        while True:
            if operator.seat_state == "talking":
                await asyncio.sleep(0.2)  # pace: a word
                await operator.press("hang_up")
            elif operator.seat_state == "wrap_up":
                await operator.press("save_result", call_id=operator.call_id, note="")
            await asyncio.sleep(0.02)  # pace: between two looks

    tasks = [asyncio.create_task(work(operator)) for operator in operators]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def floods(counts: Counts) -> list[Row]:
    """F32: a thousand malformed and oversize events a second of one operator, who comes again."""
    alone = Row("F32 1,000 events/s", "others' pop, without", REPORTED)
    beside = Row("F32 1,000 events/s", "others' pop, beside it", Limit(0.2, p95=True))
    cut = Row("F32 1,000 events/s", "offender cut after", Limit(5.0))
    sent = Row("F32 1,000 events/s", "events a second while connected", REPORTED)
    async with floor(operators=4, customers=2_900) as here:
        pops = Pops(here)
        *colleagues, offender = here.operators.values()
        await offender.close()
        async with working(colleagues, pops):
            await await_until(lambda: len(pops.taken()) >= counts.pops, within_s=300.0)
            alone.samples = pops.taken()
            pops.shown.clear()
            words = [sys.executable, "-m", "benchmarks.abuse", "--flood", here.product.url]
            child = await asyncio.create_subprocess_exec(
                *words, offender.username, cwd=ROOT, stdout=asyncio.subprocess.PIPE
            )
            await await_until(lambda: len(pops.taken()) >= counts.pops, within_s=300.0)
            beside.samples = pops.taken()
            child.terminate()
            assert child.stdout is not None
            for line in (await child.stdout.read()).decode().splitlines():
                after, rate = line.split()
                cut.samples.append(float(after))
                sent.samples.append(float(rate))
        await _end_of_shift(colleagues)
    return tell([alone, beside, cut, sent])


async def _end_of_shift(operators: list[Operator]) -> None:
    for operator in operators:
        await operator.send("go_away", reason="other")
        if operator.seat_state in ("talking", "wrap_up"):
            await operator.finish()


async def flood(url: str, username: str) -> None:
    """Come, flood until cut, tell how long that took and how many came a second, come again."""
    while True:
        page = OperatorClient(url, username, ticker=Ticker())
        try:
            await page.sign_in()
            await page.connect()
            began = time.monotonic()
            for number in itertools.count(1):
                event, data = HOSTILE[number % len(HOSTILE)]
                if number % OVERSIZE_EVERY == 0:
                    event, data = OVERSIZE
                await page.socket.emit(event, data, namespace="/desk")
                await asyncio.sleep(max(0.0, began + number / FLOOD_PER_S - time.monotonic()))
                if not page.connected:
                    took = time.monotonic() - began
                    print(f"{took:.3f} {number / took:.0f}", flush=True)
                    break
        except (LinkLost, AssertionError, KeyError, OSError, aiohttp.ClientError, ValueError):
            await asyncio.sleep(0.2)  # pace: refused at the door, it tries again
        except Exception as refused:  # boundary: whatever the library makes of being cut
            print(f"{time.monotonic() - began:.3f} {number / FLOOD_PER_S:.0f}", flush=True)
            sys.stderr.write(f"{refused!r}\n")
        finally:
            with contextlib.suppress(Exception):
                await page.close()


# --- F35 ----------------------------------------------------------------------------------------


async def slow_readers(counts: Counts) -> list[Row]:
    """F35: pages that read nothing more while much happens to them."""
    grown = Row(f"F35 {SLOW_PAGES} pages stop reading", "RSS of the desk, growth (MB)", Limit(10.0))
    pop = Row(f"F35 {SLOW_PAGES} pages stop reading", "others' pop", Limit(0.2, p95=True))
    back = Row(f"F35 {SLOW_PAGES} pages stop reading", "whole again once they read", Limit(3.0))
    alone = Row(f"F35 {SLOW_PAGES} pages stop reading", "others' pop, before", REPORTED)
    anew = Row(f"F35 {SLOW_PAGES} pages stop reading", "pictures told anew (count)", REPORTED)
    async with floor(operators=SLOW_PAGES + 3, customers=2_900) as here:
        pops = Pops(here)
        *slow, one, two, three = here.operators.values()
        async with working([one, two, three], pops):
            await await_until(lambda: len(pops.taken()) >= counts.pops, within_s=300.0)
            alone.samples = pops.taken()
            pops.shown.clear()
            before, pictures = _rss_mb(here), sum(page.snapshots for page in slow)
            transports = [_stop_reading(page) for page in slow]
            ends_at = time.monotonic() + counts.slow_s
            for number in itertools.count():
                reason = ("break", "meeting", "training")[number % 3]
                for page in slow:
                    await _tell(page, reason)
                await asyncio.sleep(0.1)  # pace: what one page may ask for, and a bit
                grown.samples.append(_rss_mb(here) - before)
                if time.monotonic() > ends_at:
                    break
            pop.samples = pops.taken()
            began = time.monotonic()
            for page in slow:
                await _tell(page, "other")
            for transport in transports:
                with contextlib.suppress(RuntimeError):
                    transport.resume_reading()
            for page in slow:
                await page.until(lambda s: s["seat"]["reason"] == "other", what="the newest")
                back.samples.append(time.monotonic() - began)
            anew.samples = [float(sum(page.snapshots for page in slow) - pictures)]
        await _end_of_shift([one, two, three])
    return tell([grown, alone, pop, back, anew])


def _stop_reading(page: Operator) -> asyncio.ReadTransport:
    """From now on nothing is taken from the socket, which holds little."""
    transport = page.socket.eio.ws._writer.transport
    kept = transport.get_extra_info("socket")
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    transport.pause_reading()
    return transport


async def _tell(page: Operator, reason: str) -> None:
    """Press, and wait for no answer."""
    with contextlib.suppress(Exception):  # one whose connection was given up comes back by itself
        told = {"reason": reason, "command_id": f"{time.monotonic_ns():032x}"}
        await page.socket.emit("go_away", told, namespace="/desk")


def _rss_mb(here: Floor) -> float:
    pid = here.product.processes["desk"].pid
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6


def main() -> None:
    parts = {"F32": floods, "F35": slow_readers}
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="as often as promised")
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--flood", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.flood:
        asyncio.run(flood(*options.flood))
        return
    print(
        f"{datetime.now(UTC):%F %H:%M}\n\n| fault | what | n | p50 | p95 | worst | promised | ok |"
    )
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    for name in options.only:
        rows += asyncio.run(parts[name](FULL if options.full else FEW))
    record(rows)
    raise SystemExit(0 if all(row.ok for row in rows) else 1)


if __name__ == "__main__":
    main()
