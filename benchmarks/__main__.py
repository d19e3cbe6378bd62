"""Lists the benchmarks and runs the quick set, one after another.

    python -m benchmarks            # or: make bench; the quick set, about nine minutes
    python -m benchmarks --list     # what there is
    python -m benchmarks sip        # some by name, with the quick set's options

Each is also a command of its own (`python -m benchmarks.<name> --help`). Before each the machine's
load is printed: figures taken beside other work are worth little, and this says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Benchmark:
    """One command with the options that make it quick."""

    name: str
    options: tuple[str, ...] = ()
    quick: bool = True

    @property
    def title(self) -> str:
        """The first line of its module's docstring."""
        spec = importlib.util.find_spec(f"benchmarks.{self.name}")
        assert spec is not None and spec.origin is not None
        path = Path(spec.origin)
        if path.name == "__init__.py":  # a room: what it is says the module that runs it
            path = path.with_name("__main__.py")
        return path.read_text("utf-8").split("\n", 1)[0].strip('"')


BENCHMARKS = (
    Benchmark("start", ("--rounds", "3")),
    Benchmark("audible", ("--calls", "30")),
    Benchmark("screen_pop", ("--calls", "150")),
    Benchmark("media", ("--rounds", "1", "--bridges", "15")),
    Benchmark("relay", ("--seconds", "5")),
    Benchmark("sip", ("--seconds", "5", "--rounds", "1")),
    Benchmark("commands", ("--seconds", "3")),
    Benchmark("leasing", ("--entries", "100000", "--seconds", "3")),
    Benchmark("search", ("--customers", "20000", "--rounds", "5")),
    Benchmark("imports", ("--rows", "5000", "--calls", "0", "--quiet", "5")),
    Benchmark("calling_rules"),
    Benchmark("practice_carrier"),
    Benchmark("backup", ("--calls", "12000", "--seconds", "3")),
    Benchmark("pacing", ("--quick",)),
    Benchmark("screening", quick=False),
    Benchmark("following", quick=False),
    Benchmark("standby", quick=False),
    Benchmark("abuse", quick=False),
    Benchmark("reconnect", quick=False),
    Benchmark("promptness", quick=False),
    Benchmark("desk_load", quick=False),
    Benchmark("floor_page", quick=False),
    Benchmark("reports", quick=False),
    Benchmark("reports.storm", quick=False),
    Benchmark("soak", ("--rounds", "12"), quick=False),
)


def machine() -> str:
    """What the figures were taken on, and beside what."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{at}, {os.cpu_count()} cores ({model}), load {load}, Python {platform.python_version()}"
    )


def run(benchmark: Benchmark) -> int:
    """Run one; its exit code."""
    words = ("python", "-m", f"benchmarks.{benchmark.name}", *benchmark.options)
    print(f"\n## {' '.join(words)}\n{machine()}\n", flush=True)
    began = time.monotonic()
    done = subprocess.run([sys.executable, *words[1:]], cwd=ROOT, check=False)
    print(f"\n({time.monotonic() - began:.0f} s, exit code {done.returncode})", flush=True)
    return done.returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="some of them only")
    parser.add_argument("--list", action="store_true", help="say what there is and end")
    options = parser.parse_args()
    if options.list:
        for each in BENCHMARKS:
            print(f"{each.name:18}{'' if each.quick else '(not quick) '}{each.title}")
        return
    known = {each.name: each for each in BENCHMARKS}
    for name in options.names:
        if name not in known:
            parser.error(f"no benchmark is called {name}; there are {', '.join(known)}")
    chosen = [known[name] for name in options.names] or [b for b in BENCHMARKS if b.quick]
    failed = [each.name for each in chosen if run(each) != 0]
    raise SystemExit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
