"""How answering-machine screening judges: matrices, what they cost whom, when, and for how much.

    python -m benchmarks.screening            # the half of the speakers nothing was tuned on
    python -m benchmarks.screening --half tuned --lines 4

Rows are who picked up, columns the verdict. Every source of `tests/fixtures/screening`, the
practice carrier's speech, tones, music and nothing goes over `--lines` drawn lines: -35 to -8 dBFS,
both laws, seven noises, loss, late packets, trunks that send nothing in silence. Thresholds were
chosen on the other half of the speakers.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from softphone.audio.g711 import Codec, decode, encode
from softphone.audio.screening import Screening
from tests.softphone.audio.screening_scenes import (
    TRUTHS,
    Judged,
    Source,
    clean,
    draw_line,
    on_the_line,
    screen,
    sources,
)

# Other lines than those of the tests and than those of the tuning.
FIRST_LINE = 1000
VERDICTS = ("human", "uncertain", "machine", "announcement", "tone", "silence", "none")
OFFERED = frozenset({"human", "uncertain"})
SETS: tuple[tuple[str, tuple[float | None, ...]], ...] = (
    ("quiet land line", ()),
    ("noise 15 to 30 dB below the speech", (15.0, 20.0, 30.0)),
    ("noise 5 and 10 dB below the speech", (5.0, 10.0)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=6, help="lines drawn for each source and set")
    parser.add_argument("--half", choices=("held_out", "tuned"), default="held_out")
    options = parser.parse_args()
    chosen = [source for source in sources() if source.half == options.half]
    print(f"{len(chosen)} sources, half: {options.half}")
    for title, snrs_db in SETS:
        judged = [
            (source, _judge(source, index, snrs_db))
            for source in chosen
            for index in range(FIRST_LINE, FIRST_LINE + options.lines)
        ]
        print_set(title, judged)
    print_cost(chosen)


def _judge(source: Source, index: int, snrs_db: tuple[float | None, ...]) -> Judged:
    line = draw_line(source, index, snrs_db=snrs_db or (None,))
    return screen(source, line if snrs_db else clean(line))


def print_set(title: str, judged: list[tuple[Source, Judged]]) -> None:
    print(f"\n{title}\n{'who answered':<14}" + "".join(f"{name:>13}" for name in VERDICTS))
    for truth in TRUTHS:
        seen = Counter(_kind(one) for source, one in judged if source.truth == truth)
        print(f"{truth:<14}" + "".join(f"{seen[name]:>13}" for name in VERDICTS))
    people = [one for source, one in judged if source.truth == "person"]
    lost = sum(_kind(one) not in OFFERED for one in people)
    machines = [_kind(one) for source, one in judged if source.truth == "machine"]
    told = sum(kind not in OFFERED | {"silence"} for kind in machines)
    print(f"people lost: strict {lost} of {len(people)} ({100 * lost / len(people):.1f} %),")
    print("  watch and off 0: they are offered, a wrong verdict is a mark on the operator's page")
    print(f"machines told: {told} of {len(machines)} ({100 * told / len(machines):.0f} %),")
    print(f"  strict spares operators so many, watch marks them, off rings {len(machines)} through")
    after = sorted(
        one.after_ms for one in people if _kind(one) == "human" and one.after_ms is not None
    )
    print(
        f"end of a person's greeting to verdict: p50 {_at(after, 0.5)}, p95 {_at(after, 0.95)} ms"
    )


def _kind(judged: Judged) -> str:
    return judged.verdict.kind if judged.verdict else "none"


def _at(times: list[int], share: float) -> int:
    return times[min(len(times) - 1, int(share * len(times)))]


def print_cost(chosen: list[Source]) -> None:
    """Decoding and judging, while screening lasts; the best of three runs."""
    calls: list[tuple[Codec, list[bytes]]] = []
    for source in chosen[::2]:
        line = draw_line(source, FIRST_LINE, snrs_db=(15.0, 20.0, 30.0, None))
        frames, _ = on_the_line(source, line)
        calls.append((line.codec, [encode(frame, line.codec) for frame in frames]))
    best = min(_microseconds_a_frame(calls) for _ in range(3))
    print(f"\ncost: {best:.1f} µs a frame of 20 ms, {50 * best:.0f} µs a second of a call")


def _microseconds_a_frame(calls: list[tuple[Codec, list[bytes]]]) -> float:
    began, count = time.process_time(), 0
    for codec, payloads in calls:
        screening = Screening()
        for index, payload in enumerate(payloads, start=1):
            count += 1
            if screening.feed(decode(payload, codec), 20 * index) is not None:
                break
    return (time.process_time() - began) / count * 1e6


if __name__ == "__main__":
    main()
