"""CPU of the practice carrier with many people on the line at once.

    python -m benchmarks.practice_carrier --calls 100 --seconds 10

Callers in this process send 50 packets a second each; half of the time they speak, so that the
customers have somebody to listen to. Printed: share of one core the carrier's process used.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

from tests.softphone.practice_carrier.caller import Exchange, exchange

ROOT = Path(__file__).resolve().parent.parent


TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


async def load(line: Exchange, pid: int, *, calls: int, seconds: float) -> float:
    """Put `calls` people on the line and measure; the share of one core."""
    callers = [await line.dial(f"0900{n:03d}902{n % 8}") for n in range(calls)]
    for caller in callers:
        await caller.answered.wait()
    loop = asyncio.get_running_loop()
    started, used = loop.time(), cpu_seconds(pid)
    while loop.time() - started < seconds:
        for caller in callers:
            caller.hum(300 if int(loop.time()) % 4 < 2 else None)
            caller.forget()
        await asyncio.sleep(1)
    return (cpu_seconds(pid) - used) / (loop.time() - started)


async def measure(calls: int, seconds: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "softphone.practice_carrier",
        "--port",
        "0",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    ready = (await process.stdout.readline()).decode()
    found = re.search(r":(\d+) \(udp\)", ready)
    assert found is not None, ready
    with tempfile.TemporaryDirectory() as directory:
        async with exchange(Path(directory), port=int(found[1])) as line:
            share = await load(line, process.pid, calls=calls, seconds=seconds)
    process.terminate()
    await process.wait()
    print(f"{calls} calls: {share:.1%} of one core, {share / calls:.2%} a call")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    asyncio.run(measure(options.calls, options.seconds))


if __name__ == "__main__":
    main()
