"""Call attempts: a second, their cost, what is left of them, against SIPp.

    python -m benchmarks.sip                        # rates; the cost beside live calls
    python -m benchmarks.sip --attempts 100000      # lost state; a row in benchmarks/soak.md

The whole gateway process is measured, on one core: each attempt is a `PlaceCall` over Socket.IO, an
RTP port, an INVITE and what comes of it, a `HangUp` for those that are answered, journal, ladder,
and every event acknowledged. SIPp and the desk of the tests have the other core. The mix is that of
a real list (`MIX`); a call counts as right when it ended once, and as its number wanted it. The
same calls are also placed on the SIP layer alone (`benchmarks.sip_layer`).

A rate is held when every attempt was right. What an attempt costs is processor time of the gateway,
all threads, so it says little of the machine's other work; delays do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from benchmarks.sip_layer import measure_layer
from benchmarks.sip_peer import Answer, Carrier
from benchmarks.sip_stand import LONG_RING_S, MANY_PORTS, MIX, Stand, on_core
from benchmarks.soak import TABLE, commit, with_row

TRANSACTIONS_END_S = 33.0  # timers D and M of RFC 3261: 64·T1
HEADING = "# Call attempts"
HEAD = f"""
{HEADING}

`python -m benchmarks.sip --attempts N`: the whole gateway on one core against SIPp. *Wrong* is a call that
did not end once and as it had to; *left* what was held of calls when all was over; RSS after a fiftieth and at the end.

| date (UTC) | commit | attempts | per second | wrong | not placed | SIPp failed | left | CPU an attempt | RSS MB | load |
|---|---|---|---|---|---|---|---|---|---|---|
"""  # noqa: E501  # a table's row is one line


def tell(text: str) -> None:
    print(text, flush=True)


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


async def rates(each_rate: list[float], seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Stand(Path(folder)) as stand:
            await stand.measure(300, 100)  # the first calls import and fill caches
            for rate in each_rate:
                tell(f"load {load()}: {await stand.measure(round(rate * seconds), rate)}")
            await stand.carrier.stop()
            tell_delays(stand.carrier)


def tell_delays(carrier: Carrier) -> None:
    delays = carrier.answer_delays_ms()
    if len(delays) > 20:
        p95 = quantiles(delays, n=20)[-1]
        tell(f"200 → ACK by SIPp, {len(delays)} answers: p50 {median(delays):.1f} p95 {p95:.1f} ms")


async def beside_live_calls(few: int, many: int, *, rounds: int, attempts: int) -> None:
    """What an attempt costs beside few and beside many calls that ring, in turns."""
    costs: dict[int, list[float]] = {few: [], many: []}
    for _ in range(rounds):
        for live in costs:
            with tempfile.TemporaryDirectory() as folder:
                async with Stand(Path(folder), rtp_ports=MANY_PORTS) as stand:
                    await stand.measure(200, 100)
                    ringing = {Answer.NO_ANSWER: 1}
                    await stand.place(live, 200, kinds=ringing, ring_s=LONG_RING_S)
                    figure = await stand.measure(attempts, 80, beside=live)
                    tell(f"load {load()}, {live} live: {figure}")
                    costs[live].append(figure.cpu_ms)
    tell_ratio("whole gateway", costs, few, many)


def tell_ratio(what: str, costs: dict[int, list[float]], few: int, many: int) -> None:
    low, high = median(costs[few]), median(costs[many])
    tell(
        f"{what}: {low:.2f} ms an attempt beside {few} live calls, {high:.2f} beside {many}: "
        f"{high / low - 1:+.0%} ({len(costs[few])} rounds each)"
    )


async def keep_on(attempts: int, rate: float) -> bool:
    """Many attempts, what is left of them, and the row; whether all was right."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Stand(folder) as stand:
            warm = await stand.measure(max(1, attempts // 50), rate)
            await asyncio.sleep(TRANSACTIONS_END_S)
            before = await stand.gateway.held()
            tell(f"load {load()}: {warm}\n{before}")
            figure = await stand.measure(attempts - warm.attempts, rate)
            peak = await stand.gateway.held()
            tell(f"load {load()}: {figure}\n{peak}")
            await asyncio.sleep(TRANSACTIONS_END_S)
            after = await stand.gateway.held()
            tell(f"{after}")
            await stand.carrier.stop()
            failed = stand.carrier.counts()
            tell(f"SIPp: {failed[0]} good, {failed[1]} failed, {failed[2]} open")
            tell_delays(stand.carrier)
            tell(f"ended: { ({each.name: n for each, n in stand.desk.ended.items()}) }")
            for line in (*stand.desk.wrong[:5], *map(str, stand.desk.not_placed.items())):
                tell(line)
    left = left_of_calls(before, after)
    wrong = warm.wrong + figure.wrong + figure.missing + warm.missing
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    row = (
        f"| {date} | {commit()} | {attempts} | {figure.rate:.0f} | {wrong} "
        f"| {warm.not_placed + figure.not_placed} | {failed[1] + failed[2]} | {left or 'nothing'} "
        f"| {figure.cpu_ms:.2f} ms | {before['rss_kb'] / 1024:.1f} → {after['rss_kb'] / 1024:.1f} "
        f"| {load()} |\n"
    )
    tell(row)
    record(row)
    return not (wrong or left or warm.not_placed or figure.not_placed)


def left_of_calls(before: dict[str, int], after: dict[str, int]) -> str:
    """What should be gone: nothing of a call may be held, and of the rest no more than before."""
    names = ("calls", "lines", "transactions", "dialogs", "journal", "ladders", "outbox")
    kept = [name for name in after if name.startswith("kept ")]
    left = [f"{after[name]} {name}" for name in (*names, *kept) if after[name]]
    for name in ("timers", "tasks", "sockets"):
        if after[name] > before[name] + 2:
            left.append(f"{after[name] - before[name]} {name}")
    return ", ".join(left)


def record(row: str) -> None:
    """Add the row to benchmarks/soak.md."""
    text = TABLE.read_text("utf-8")
    if f"{HEADING}\n" not in text.splitlines(keepends=True):
        text = text.rstrip("\n") + "\n" + HEAD
    TABLE.write_text(with_row(text, row, heading=HEADING), "utf-8")


def layer_rounds(few: int, many: int, *, rounds: int, attempts: int) -> None:
    """The SIP layer alone: its cost, and the same beside few and many dialogs."""
    costs: dict[int, list[float]] = {few: [], many: []}
    for _ in range(rounds):
        for live in costs:
            with on_core(1):
                measured = asyncio.run(measure_layer(attempts, live=live, kinds=MIX))
            tell(f"load {load()}, SIP layer alone: {measured}")
            costs[live].append(measured.cpu_ms)
    tell_ratio("SIP layer alone", costs, few, many)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rates", type=float, nargs="+", default=[50, 100, 150, 200])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--attempts", type=int, help="lost state: so many at the first of --rates")
    parser.add_argument("--live", type=int, nargs=2, default=(10, 1000), metavar=("FEW", "MANY"))
    parser.add_argument("--rounds", type=int, default=3, help="of the comparison of live calls")
    parser.add_argument("--only", choices=("rates", "live", "layer"))
    options = parser.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("SIPp is not installed (apt-get install sip-tester)")
    if options.attempts:
        right = asyncio.run(keep_on(options.attempts, options.rates[0]))
        raise SystemExit(0 if right else 1)
    few, many = options.live
    parts: dict[str, Callable[[], object]] = {
        "rates": lambda: asyncio.run(rates(options.rates, options.seconds)),
        "live": lambda: asyncio.run(
            beside_live_calls(few, many, rounds=options.rounds, attempts=800)
        ),
        "layer": lambda: layer_rounds(few, many, rounds=options.rounds, attempts=1500),
    }
    for name, run in parts.items():
        if options.only in (None, name):
            run()


if __name__ == "__main__":
    main()
