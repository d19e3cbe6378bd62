"""The product's desk with room for the load, watched from inside.

    python -m benchmarks.desk_load.desk --gaps FILE --lines N --calls-per-second N [--profile FILE]

The practice carrier's trunk is too small for a floor of a thousand, and one of another carrier
would not let the clock be set: so its lines and rate are raised here, and nothing else. The hub gap
is noted as `benchmarks.watched_desk` does; a profile counts, every few milliseconds, which function
the hub is in and which called it, from a real thread.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
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
    if options.profile is not None:
        # Before the library is patched: this one thread must be real, and sleep for real.
        hub, sleep = threading.get_ident(), time.sleep
        args = (options.profile, hub, sleep)
        threading.Thread(target=sample, args=args, daemon=True).start()
    make_room(options.lines, options.calls_per_second)
    runtime = Eventlet()
    import eventlet

    from agent_desk import server

    eventlet.spawn_n(watch, options.gaps, eventlet.sleep)
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


def sample(told: Path, hub: int, sleep: object) -> None:
    """Count where the hub's thread is, and write the counts as JSON again and again."""
    assert callable(sleep)
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    written_at = time.monotonic()
    while True:
        sleep(SAMPLED_EVERY_S)
        frame = sys._current_frames().get(hub)
        if frame is not None:
            stack = names(frame)
            own[stack[0]] += 1
            within.update(set(stack))
        if time.monotonic() - written_at > WRITTEN_EVERY_S:
            written_at = time.monotonic()
            told.write_text(json.dumps({"own": dict(own), "within": dict(within)}), "utf-8")


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
