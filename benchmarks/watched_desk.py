"""The product's desk with one green thread more, which notes how late it gets its turn.

    python -m benchmarks.watched_desk <file>

A line is the monotonic clock and the milliseconds a turn asked for in 2 ms came late: what any
page, gateway or timer would have waited too.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from agent_desk.__main__ import Eventlet

TURN_S = 0.002


def main() -> int:
    """Serve until told to stop."""
    runtime = Eventlet()
    import eventlet

    from agent_desk import server

    eventlet.spawn_n(watch, Path(sys.argv[1]), eventlet.sleep)
    return server.serve(runtime)


def watch(told: Path, sleep: object) -> None:
    """Note every turn."""
    assert callable(sleep)
    with told.open("w", encoding="ascii") as file:
        before = time.monotonic()
        while True:
            sleep(TURN_S)
            now = time.monotonic()
            file.write(f"{now} {(now - before - TURN_S) * 1000:.3f}\n")
            before = now


if __name__ == "__main__":
    sys.exit(main())
