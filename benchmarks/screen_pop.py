"""Answer → caller record on screen, with 500 sockets connected.

    python -m benchmarks.screen_pop [--sockets 500] [--operators 10] [--calls 200]

The real processes. A crowd of logged-in pages (a process of its own) holds its sockets open, beats
and receives what is pushed; ten operators with audio legs take calls and press, hang up and save.
A sample is the time from the practice carrier's 200 OK, by its own log, to the moment the page has
received the caller record of that number; all clocks are the machine's. Screening is off: how long
it listens is not what is measured. The baseline is the same without the crowd, a minute earlier.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.crowd import open_pages, start
from benchmarks.table import percentiles
from softphone.audio.ticker import Ticker
from tests.acceptance.kill_rounds import MORNING
from tests.acceptance.proofs import CarrierAccount
from tests.operator_client import OperatorClient
from tests.population import numbers, populate, usernames
from tests.product import Product
from tests.waiting import await_until

TALK_S = (0.3, 2.0)


class Operator:
    """Takes calls one after another and notes when each record was there."""

    def __init__(self, client: OperatorClient, rng: random.Random) -> None:
        self.client = client
        self.shown: dict[str, datetime] = {}
        client.on_change = self._changed
        self._rng = rng

    def _changed(self, changes: dict[str, Any]) -> None:
        record = changes.get("record")
        if record:
            self.shown.setdefault(record["customer"]["external_id"], datetime.now(UTC))

    async def work(self) -> None:
        while True:
            state, call_id = self.client.seat_state, self.client.call_id
            if state == "talking":
                await asyncio.sleep(self._rng.uniform(*TALK_S))
                if self.client.call_id == call_id:
                    await self.client.send("mark_status", call_id=call_id, code="contact", on=True)
                    await self.client.send("hang_up")
            elif state == "wrap_up":
                await self.client.send("save_result", call_id=call_id, note="")
            await asyncio.sleep(0.02)


async def crowd(url: str, names: Sequence[str]) -> None:
    """Pages that are merely open; says `ready`, then stays until stdin closes."""
    ticker = Ticker()
    clients = [OperatorClient(url, name, ticker=ticker) for name in names]
    await open_pages(clients)
    await asyncio.to_thread(sys.stdin.read)
    print(sum(client.connected for client in clients), flush=True)
    await asyncio.gather(*(client.close() for client in clients))


async def measure(product: Product, operators: Sequence[str], calls: int) -> list[float]:
    """Milliseconds from answer to record, of so many calls."""
    ticker = Ticker()
    clients = [OperatorClient(product.url, name, ticker=ticker) for name in operators]
    working = [
        Operator(client, random.Random(name))
        for client, name in zip(clients, operators, strict=True)
    ]
    for client in clients:
        await client.start_shift()
    tasks = [asyncio.create_task(operator.work()) for operator in working]
    await await_until(
        lambda: sum(len(operator.shown) for operator in working) >= calls,
        within_s=20 + calls,
        what=f"{calls} calls",
    )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for client in clients:
        await client.send("hang_up") if client.seat_state == "talking" else None
        await client.close()
    answered = CarrierAccount(product.carrier_log).answers()
    return [
        (at - answered[f"0{number[3:]}"]).total_seconds() * 1000
        for operator in working
        for number, at in operator.shown.items()
    ]


async def run(options: argparse.Namespace, folder: Path) -> None:
    names = usernames(options.sockets)
    bare, busy = names[: options.operators], names[options.operators : 2 * options.operators]
    product = Product(folder)
    product.run("migrate")
    product.set_clock(MORNING)
    populate(
        product.environ,
        operators=len(names),
        customers=list(numbers(("9440", "9523", "9660", "9784"), 4000)),
        now=product.now(),
        mode="progressive",
        screening="off",
    )
    try:
        await asyncio.to_thread(product.start_all)
        print("| sockets | calls | p50 ms | p95 ms | p99 ms | worst ms |")
        print("|---|---|---|---|---|---|")
        took = await measure(product, bare, options.calls)
        print(f"| {options.operators} | {percentiles(took)} |", flush=True)
        open_only = [*names[2 * options.operators :], *names[: options.operators]]
        child = await start("benchmarks.screen_pop", product.url, open_only)
        assert child.stdin is not None and child.stdout is not None
        took = await measure(product, busy, options.calls)
        child.stdin.close()
        still = int(await child.stdout.readline()) + options.operators
        await child.wait()
        print(f"| {still} | {percentiles(took)} |", flush=True)
    finally:
        await asyncio.to_thread(product.stop_all)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--operators", type=int, default=10)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--crowd", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.crowd:
        asyncio.run(crowd(options.crowd[0], options.crowd[1:]))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(options, Path(folder)))


if __name__ == "__main__":
    main()
