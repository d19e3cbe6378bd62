"""kill -9 of desk, of gateway, of both, under load, as often as asked.

    python -m benchmarks.soak --rounds 100      # or: make soak N=100

The rounds are those of `tests/acceptance/test_kill.py`: eight operators take calls from the
practice carrier at ratio 2.0, press statuses, make promises, write notes and save results; a part
is killed at a random moment and started again; then everything that was acknowledged, every
dialog at the carrier and `python -m agent_desk audit` must agree. A fresh product is set up every
`BATCH` rounds.

A soak that is stopped goes on where it was when the same command is given on the same commit:
what was run is kept in `--folder`. At the end, or when stopped, a row is added to
benchmarks/soak.md: date, commit, rounds asked, rounds run, failures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.acceptance.kill_rounds import BOTH, DESK, GATEWAY, Figures, Targets, play

ROOT = Path(__file__).resolve().parent.parent
TABLE = Path(__file__).parent / "soak.md"
TURNS: tuple[Targets, ...] = (DESK, GATEWAY, BOTH)
BATCH = 12
SEED = 20301126
HEAD = """\
# Soak

Rounds of kill -9 under load (`make soak N=…`, see `benchmarks/soak.py`). A row per run; a failure
is named below the table by its seed.

| date (UTC) | commit | asked | run | desk | gateway | both | longest gap in a talk | failures |
|---|---|---|---|---|---|---|---|---|
"""


@dataclass
class Progress:
    """What was run so far; kept in a file so that a soak can be stopped and continued."""

    asked: str
    commit: str
    rounds: int = 0
    seconds: float = 0.0
    by_target: dict[str, int] = field(default_factory=dict)
    gap_s: float = 0.0
    failures: list[str] = field(default_factory=list)

    def add(self, done: list[Figures], *, seed: int, took_s: float) -> None:
        counts = Counter(self.by_target)
        counts.update("+".join(each.targets) for each in done)
        self.by_target = dict(counts)
        self.rounds += len(done)
        self.seconds += took_s
        self.gap_s = max([self.gap_s, *(each.gap_s for each in done)])
        self.failures += [f"seed {seed}: {each}" for each in done if each.failures]

    def row(self) -> str:
        """The line for the table."""
        turns = " | ".join(str(self.by_target.get("+".join(turn), 0)) for turn in TURNS)
        date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        return (
            f"| {date} | {self.commit} | {self.asked} | {self.rounds} | {turns} "
            f"| {self.gap_s * 1000:.0f} ms | {len(self.failures)} |\n"
        )


def commit() -> str:
    """The short name of the commit, with a star when the tree differs from it."""
    command = ["git", "describe", "--always", "--dirty=*", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def kept(folder: Path, asked: str) -> Progress:
    """What an earlier run of the same soak left, or a new beginning."""
    path = folder / "progress.json"
    if path.exists():
        progress = Progress(**json.loads(path.read_text("utf-8")))
        if (progress.asked, progress.commit) == (asked, commit()):
            print(f"going on after {progress.rounds} rounds", flush=True)
            return progress
    return Progress(asked, commit())


def keep(folder: Path, progress: Progress) -> None:
    text = json.dumps(asdict(progress), ensure_ascii=False, indent=1)
    (folder / "progress.json").write_text(text, "utf-8")


def soak(folder: Path, progress: Progress, *, rounds: int) -> None:
    """Batch after batch until the rounds are through."""
    while (size := min(BATCH, rounds - progress.rounds)) > 0:
        seed = SEED + progress.rounds
        targets = [TURNS[(progress.rounds + turn) % len(TURNS)] for turn in range(size)]
        began = time.monotonic()
        product = folder / f"seed{seed}"
        shutil.rmtree(product, ignore_errors=True)
        done: list[Figures] = []
        try:
            asyncio.run(play(product, seed=seed, targets=targets, tell=tell, done=done))
        except AssertionError as stuck:
            # The round that did not come to its end counts, as a failure.
            done.append(Figures(targets[min(len(done), size - 1)], failures=[str(stuck)[:2000]]))
        progress.add(done, seed=seed, took_s=time.monotonic() - began)
        keep(folder, progress)
        if not any(each.failures for each in done):
            shutil.rmtree(product)  # what failed is kept to be looked at


def tell(text: str) -> None:
    print(text, flush=True)


def record(progress: Progress) -> None:
    """Add the row to the table in the tree, and failures below it."""
    text = TABLE.read_text("utf-8") if TABLE.exists() else HEAD
    text = with_row(text, progress.row(), heading="# Soak")
    named = "".join(f"\n```\n{progress.commit} {failure}\n```\n" for failure in progress.failures)
    if named and "\n## Failures\n" not in text:
        text += "\n## Failures\n"
    TABLE.write_text(text + named, "utf-8")


def with_row(text: str, row: str, *, heading: str) -> str:
    """The page with a row more in the table under a heading; failures stand at its end."""
    lines = text.splitlines(keepends=True)
    start = lines.index(f"{heading}\n")
    table = next(n for n in range(start, len(lines)) if lines[n].startswith("|"))
    end = next((n for n in range(table, len(lines)) if not lines[n].startswith("|")), len(lines))
    return "".join([*lines[:end], row, *lines[end:]])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--folder", type=Path, default=ROOT / "data" / "soak")
    options = parser.parse_args()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    progress = kept(folder, str(options.rounds))
    try:
        soak(folder, progress, rounds=options.rounds)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", flush=True)
    else:
        (folder / "progress.json").unlink(missing_ok=True)
    if progress.rounds:
        record(progress)
        print(progress.row(), end="")
    raise SystemExit(1 if progress.failures else 0)


if __name__ == "__main__":
    main()
