"""How long `make run` takes once everything is set up: from the command to the greeting.

    python -m benchmarks.start [--rounds 5]

The first start of a fresh data directory migrates and seeds the demo; every later one finds both
done. Then Ctrl-C, to the end of the last process. The real supervisor and all its parts.
"""

from __future__ import annotations

import argparse
import signal
import tempfile
import time
from pathlib import Path

from benchmarks.table import percentiles
from tests.acceptance.supervised import Supervised, fresh_environ


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    first, later, stops = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            environ = fresh_environ(Path(folder) / str(number))
            for starts in (first, later):
                product = Supervised(environ)
                starts.append(product.ready_after_s())
                began = time.monotonic()
                product.stop(signal.SIGINT)
                stops.append(time.monotonic() - began)
    print("| seconds | samples | p50 | p95 | p99 | worst |")
    print("|---|---|---|---|---|---|")
    for what, took in (("first start", first), ("second start", later), ("Ctrl-C", stops)):
        print(f"| {what} | {percentiles(took, digits=1)} |")


if __name__ == "__main__":
    main()
