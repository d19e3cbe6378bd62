"""Everybody comes back at once: the desk is killed and started anew under open pages.

    python -m benchmarks.reconnect [--pages 300] [--rounds 3]

The real desk and so many logged-in pages, which a process of its own holds open. Each page has two
namespaces on one socket, fetches fresh tickets for every attempt and waits between attempts as the
real one does (static/js/link/socket.js: 0.3 s, doubling to 3 s, each between half and one and a
half of that). Seconds are counted from the moment the new desk answers; the promise is 10 (F41).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crowd import open_pages, start
from softphone.audio.ticker import Ticker
from tests.acceptance.kill_rounds import MORNING
from tests.operator_client import _LINK_FAULTS, OperatorClient
from tests.population import populate, usernames
from tests.product import Product
from tests.waiting import await_until

FIRST_S, MOST_S, SPREAD = 0.3, 3.0, 0.5
GIVE_UP_S = 120.0


class Page(OperatorClient):
    """Waits between two attempts as Socket.IO's client in the browser does."""

    attempts = 0

    async def _stay_connected(self) -> None:
        while True:
            await self._gone.wait()
            pause_s = FIRST_S
            while not self.connected:
                await asyncio.sleep(pause_s * random.uniform(1 - SPREAD, 1 + SPREAD))
                pause_s = min(2 * pause_s, MOST_S)
                self.attempts += 1
                try:
                    if self.socket.connected:
                        await self.socket.disconnect()
                    await self._connect_once()
                except (*_LINK_FAULTS, KeyError):
                    self._gone.set()


async def crowd(url: str, names: Sequence[str]) -> None:
    """Pages that are open; after each line on stdin, how long ago they were all back."""
    ticker = Ticker()
    pages = [Page(url, name, ticker=ticker) for name in names]
    await open_pages(pages)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        ready_at = float(line)
        with contextlib.suppress(AssertionError):
            await await_until(lambda: all(page.connected for page in pages), within_s=GIVE_UP_S)
        took_s = max(0.0, time.monotonic() - ready_at)
        missing = sum(not page.connected for page in pages)
        print(took_s, missing, sum(page.attempts for page in pages), flush=True)
    await asyncio.gather(*(page.close() for page in pages))


async def run(options: argparse.Namespace, folder: Path) -> None:
    names = usernames(options.pages)
    product = Product(folder)
    product.run("migrate")
    product.set_clock(MORNING)
    populate(product.environ, operators=len(names), customers=[], now=product.now())
    try:
        await asyncio.to_thread(product.start_all)
        child = await start("benchmarks.reconnect", product.url, names)
        assert child.stdin is not None and child.stdout is not None
        print("| pages | kill to ready s | ready to all back s | not back | attempts a page |")
        print("|---|---|---|---|---|")
        before = 0
        for _ in range(options.rounds):
            killed = time.monotonic()
            product.kill("desk")
            product.start("desk")
            await asyncio.to_thread(product.wait_ready)
            ready = time.monotonic()
            child.stdin.write(f"{ready}\n".encode())
            took_s, missing, attempts = (await child.stdout.readline()).split()
            each = (int(attempts) - before) / len(names)
            before = int(attempts)
            print(
                f"| {len(names)} | {ready - killed:.1f} | {float(took_s):.1f} | {int(missing)} "
                f"| {each:.1f} |",
                flush=True,
            )
        child.stdin.close()
        await child.wait()
    finally:
        await asyncio.to_thread(product.stop_all)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--crowd", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.crowd:
        asyncio.run(crowd(options.crowd[0], options.crowd[1:]))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(options, Path(folder)))


if __name__ == "__main__":
    main()
