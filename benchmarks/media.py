"""The media plane: calls per core, delay, memory, a hundred seats at once, first sound in Chromium.

    python -m benchmarks.media [--calls 60 100] [--rounds 3] [--seconds 4] [--skip audible]
    python -m benchmarks.media --planes echo direct recorded --rounds 10 --skip seats audible

The gateway's parts run in a process pinned to core 0; browsers and trunk are this process, on the
other core. Planes take turns, each alone, so that a busy machine troubles all alike: our
plane, the same with every call recorded and measured, the fallback, the naive relays aiortc's
manual suggests (decode, buffer, encode), and a bare UDP echo, which is what the machine itself
takes. Processor time is the plane's process alone. Delay is from the browser's send to the trunk's
receipt on one clock; the echo's is there and back of the same socket. A stall of the machine spoils
one window, a slow plane all: beside the percentile of all packets stands the median of the
windows' own. Everything on loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.media_ear import audible
from benchmarks.media_load import GATEWAY_CORE, PEERS_CORE, Load, Window
from benchmarks.table import percentiles
from softphone.webrtc.offering_peer import OfferingPeer

# Naive calls cost so much that a core holds few of them.
NAIVE_CALLS = {"naive_pcmu": 10, "naive_opus": 6}
FALLBACK_CALLS = 30
PLANES = ("echo", "direct", "recorded", "peer_connection", "naive_pcmu", "naive_opus")
SEATS = 100
ENOUGH = 0.98  # of the packets must arrive, or the processor time is that of fewer calls
MOST = 0.6  # of a core: what is planned with


@dataclass
class Row:
    """A plane with a number of calls, and its windows so far."""

    plane: str
    title: str
    calls: int
    windows: list[Window] = field(default_factory=list)

    @property
    def per_call(self) -> float:
        return statistics.median(window.per_call for window in self.windows)

    @property
    def share(self) -> float:
        return statistics.median(window.share for window in self.windows)


async def calls_and_delay(options: argparse.Namespace) -> None:
    """Processor time a call, calls a core, and delay, all within the same minutes."""
    rows = [Row("echo", "bare UDP echo", calls) for calls in options.calls]
    rows += [Row("direct", "ours", calls) for calls in options.calls]
    rows += [Row("recorded", "ours, recorded and measured", calls) for calls in options.calls]
    rows += [
        Row("peer_connection", "ours, fallback plane", FALLBACK_CALLS),
        Row("naive_pcmu", "naive relay, PCMU", NAIVE_CALLS["naive_pcmu"]),
        Row("naive_opus", "naive relay, Opus", NAIVE_CALLS["naive_opus"]),
    ]
    rows = [row for row in rows if row.plane in options.planes]
    for _ in range(options.rounds):
        for plane, of_plane in itertools.groupby(rows, key=lambda row: row.plane):
            # Nobody else has calls meanwhile: waiting ones would send silence and consent checks.
            load = Load(plane)
            await load.open(0)
            for row in sorted(of_plane, key=lambda row: row.calls):
                await load.grow(row.calls)
                row.windows.append(await load.talk(options.seconds, calls=row.calls))
            await load.close()
    _print_calls(rows)
    _print_ratios(rows)


def _print_calls(rows: list[Row]) -> None:
    print("| plane | calls | windows | core used | CPU a call | calls at 60 % | ", end="")
    print("arrived up / down | packets | delay p50 | p99 ms | median p99 | p99 of each window |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        delays = [delay for window in row.windows for delay in window.delays_ms]
        p50, p99 = np.percentile(delays, [50, 99]) if delays else (float("nan"),) * 2
        p99s = [float(np.percentile(w.delays_ms, 99)) for w in row.windows if w.delays_ms]
        usual = statistics.median(p99s) if p99s else float("nan")
        each = " ".join(f"{p99:.1f}" for p99 in p99s)
        up = statistics.median(window.up for window in row.windows)
        down = statistics.median(window.down for window in row.windows)
        print(
            f"| {row.title} | {row.calls} | {len(row.windows)} | {row.share:.1%} "
            f"| {row.per_call:.3%} | {MOST / row.per_call:.0f} | {up:.1%} / {down:.1%} "
            f"| {len(delays)} | {p50:.2f} | {p99:.2f} | {usual:.2f} | {each} |"
        )


def _print_ratios(rows: list[Row]) -> None:
    starved = [row for row in rows if statistics.median(w.up for w in row.windows) < ENOUGH]
    if starved:
        names = ", ".join(f"{row.title} ({row.calls})" for row in starved)
        print(f"\nNOT VALID, the machine was too busy for the packets to arrive: {names}")
    best = {
        title: max((r for r in rows if r.title == title), key=lambda r: r.calls)
        for title in {row.title for row in rows}
    }
    if {row.plane for row in rows} != set(PLANES):
        return
    ours = best["ours"].per_call
    print(f"\nA naive Opus call costs {best['naive relay, Opus'].per_call / ours:.1f} times ours,")
    print(f"a naive PCMU call {best['naive relay, PCMU'].per_call / ours:.1f} times; ", end="")
    more = best["ours, recorded and measured"].per_call / ours - 1
    print(f"recording and measuring add {more:+.0%}.")


async def memory(seats: int) -> float:
    """Resident kB that each further connected leg takes."""
    load = Load("direct")
    await load.open(0)
    try:
        await _add_legs(load, 20)  # what the first ones load stays
        before = (await load.process.ask("used"))["rss_kb"]
        await _add_legs(load, seats)
        return ((await load.process.ask("used"))["rss_kb"] - before) / seats
    finally:
        await load.close()


async def _add_legs(load: Load, count: int) -> None:
    for _ in range(count):
        peer = OfferingPeer(codecs=("PCMU",))
        await peer.connect((await load.process.ask("add_leg", offer=await peer.offer()))["answer"])
        load.peers.append(peer)


async def shift_start(seats: int, *, live: int = 10) -> tuple[float, float, list[float]]:
    """All seats connect at once beside some live calls: seconds, worst lag (ms), their delays."""
    load = Load("direct")
    await load.open(live)
    try:
        talking = asyncio.create_task(load.talk(6.0, calls=live))
        await asyncio.sleep(1.5)
        peers = [OfferingPeer(codecs=("PCMU",)) for _ in range(seats)]
        offers = [await peer.offer() for peer in peers]
        load.peers += peers
        await load.process.ask("watch_lag", on=True)
        began = time.monotonic()

        async def connect(peer: OfferingPeer, offer: str) -> None:
            await peer.connect((await load.process.ask("add_leg", offer=offer))["answer"])

        await asyncio.gather(*map(connect, peers, offers))
        while (await load.process.ask("up"))["legs"] < seats + live:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        took_s = time.monotonic() - began
        lag_ms = (await load.process.ask("watch_lag", on=False))["worst_ms"]
        return took_s, lag_ms, (await talking).delays_ms
    finally:
        await load.close()


async def run(options: argparse.Namespace) -> None:
    if "calls" not in options.skip:
        await calls_and_delay(options)
    if "seats" not in options.skip:
        print("\n| memory of a connected leg | kB |\n|---|---|")
        grown = [await memory(SEATS) for _ in range(options.rounds)]
        print(f"| median of {len(grown)} times {SEATS} legs | {statistics.median(grown):.0f} |")
        print(f"\n| {SEATS} seats connect at once | s | worst loop lag ms | live calls' p99 ms |")
        print("|---|---|---|---|")
        for number in range(options.rounds):
            took_s, lag_ms, delays = await shift_start(SEATS)
            print(
                f"| {number + 1} | {took_s:.2f} | {lag_ms:.0f} | {np.percentile(delays, 99):.1f} |"
            )
    if "audible" not in options.skip:
        print("\n| bridge command → Chromium | times | p50 ms | p95 ms | p99 ms | worst ms |")
        print("|---|---|---|---|---|---|")
        for title, samples in (await audible(options.bridges)).items():
            print(f"| {title} | {percentiles(samples)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, nargs="+", default=[60, 100])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each window")
    parser.add_argument("--planes", nargs="+", default=PLANES, choices=PLANES)
    parser.add_argument("--bridges", type=int, default=40)
    parser.add_argument(
        "--skip", nargs="*", default=[], choices=("calls", "seats", "audible"), help="parts"
    )
    options = parser.parse_args()
    if PEERS_CORE == GATEWAY_CORE:
        sys.exit("this needs a core for the gateway and another one for its peers")
    os.sched_setaffinity(0, {PEERS_CORE})
    started = time.monotonic()
    asyncio.run(run(options))
    took_s = time.monotonic() - started
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\n{os.cpu_count()} cores, load {load}, {took_s:.0f} s")


if __name__ == "__main__":
    main()
