"""The product's desk with room for the load, watched from inside.

    python -m benchmarks.desk_load.desk --gaps FILE --lines N --calls-per-second N [--profile FILE]

The practice carrier's trunk is too small for a floor of a thousand, and one of another carrier
would not let the clock be set: so its lines and rate are raised here, and nothing else. The hub gap
is noted as `benchmarks.watched_desk` does; a profile counts, every few milliseconds of processor
time, which function is at work and which called it. It is taken by a signal: a thread would get
its turn where the hub waits anyway, and see nothing but system calls.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import FrameType

import config
from agent_desk.__main__ import Eventlet
from benchmarks.watched_desk import watch

SAMPLED_EVERY_S = 0.004
WRITTEN_EVERY_S = 2.0


def main() -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gaps", type=Path, required=True)
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--calls-per-second", type=float, required=True)
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    make_room(options.lines, options.calls_per_second)
    runtime = Eventlet()
    import eventlet

    from agent_desk import server

    eventlet.spawn_n(watch, options.gaps, eventlet.sleep)
    if options.profile is not None:
        Profile(options.profile).begin()
    return server.serve(runtime)


def make_room(lines: int, calls_per_second: float) -> None:
    """Let the trunks have so many lines and calls a second, whatever the settings say."""
    read = config.DeskConfig.from_environ

    def roomy(environ: object) -> config.DeskConfig:
        found = read(environ)  # type: ignore[arg-type]
        trunks = tuple(
            replace(each, lines=lines, calls_per_second=calls_per_second) for each in found.trunks
        )
        return replace(found, trunks=trunks)

    config.DeskConfig.from_environ = roomy  # type: ignore[method-assign,assignment]


class Profile:
    """Counts of functions, written as JSON again and again."""

    def __init__(self, told: Path) -> None:
        self._told = told
        self._own: Counter[str] = Counter()
        self._within: Counter[str] = Counter()
        self._written_at = time.monotonic()

    def begin(self) -> None:
        """Look from now on."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, SAMPLED_EVERY_S, SAMPLED_EVERY_S)

    def _look(self, number: int, frame: FrameType | None) -> None:
        stack = names(frame)
        if stack:
            self._own[stack[0]] += 1
            self._within.update(set(stack))
        if time.monotonic() - self._written_at > WRITTEN_EVERY_S:
            self._written_at = time.monotonic()
            told = {"own": dict(self._own), "within": dict(self._within)}
            self._told.write_text(json.dumps(told), "utf-8")


def names(frame: FrameType | None) -> list[str]:
    """The functions on a stack, the innermost first."""
    found = []
    while frame is not None:
        where = "/".join(frame.f_code.co_filename.rsplit("/", 2)[-2:])
        found.append(f"{where}:{frame.f_code.co_qualname}")
        frame = frame.f_back
    return found


if __name__ == "__main__":
    sys.exit(main())
