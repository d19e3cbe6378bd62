"""How answering-machine screening judges the practice carrier's customers: a matrix.

    python benchmarks/screening.py --count 60

Each customer's first ten seconds go through the codec, line noise and all, into the screening.
Rows are who picked up, columns the verdict; the times are from the answer to the verdict.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from softphone.practice_carrier.number_plan import Kind  # noqa: E402
from tests.softphone.practice_carrier.rehearsal import numbers_of, screen  # noqa: E402

KINDS = (
    Kind.HUMAN,
    Kind.SLOW_GREETER,
    Kind.ENDLESS_HUMAN,
    Kind.FAMILY,
    Kind.WRONG_NUMBER,
    Kind.OFFICE,
    Kind.MACHINE,
    Kind.HANG_UP_AT_ONCE,
)
VERDICTS = ("human", "machine", "announcement", "tone", "silence", "uncertain", "none")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=60, help="customers of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'who answered':<18}" + "".join(f"{name:>13}" for name in VERDICTS) + "   median   p95")
    for kind in KINDS:
        verdicts = [
            screen(number, seed=options.seed, codec="PCMA" if index % 2 else "PCMU")
            for index, number in enumerate(numbers_of(kind, options.count))
        ]
        seen = Counter(verdict.kind if verdict else "none" for verdict in verdicts)
        times = sorted(verdict.at_ms / 1000 for verdict in verdicts if verdict)
        row = "".join(f"{seen[name]:>13}" for name in VERDICTS)
        spread = f"{_at(times, 0.5):>7.2f} s {_at(times, 0.95):.2f} s" if times else ""
        print(f"{kind.value:<18}{row}  {spread}")


def _at(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(share * len(times)))]


if __name__ == "__main__":
    main()
