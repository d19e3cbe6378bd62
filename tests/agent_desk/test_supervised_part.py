"""A part is logged, restarted with a pause, given up in the end, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_desk.supervised_part import DEATHS_LIMIT, ErrorLines, Part, python
from tests.waiting import until

pytestmark = pytest.mark.processes

FOREVER = "import signal; signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); signal.pause()"

MakePart = Callable[[str], Part]


@pytest.fixture
def echoed() -> list[str]:
    return []


@pytest.fixture
def make_part(tmp_path: Path, echoed: list[str]) -> Iterator[MakePart]:
    made: list[Part] = []

    def make(code: str) -> Part:
        environ = {"PYTHONUNBUFFERED": "1"}
        command = python("-c", code)
        part = Part("desk", command, environ=environ, log_dir=tmp_path, echo=echoed.append)
        made.append(part)
        return part

    yield make
    for part in made:
        part.kill()


def wait_for_death(part: Part) -> None:
    until(lambda: not part.running, what="the part ends")


def test_a_part_that_is_killed_starts_again_after_its_pause(make_part: MakePart) -> None:
    part = make_part(FOREVER)
    part.tend(100.0)
    first = part.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_for_death(part)
    assert part.tend(101.0)
    assert not part.running
    assert part.tend(101.3)
    assert part.running
    assert part.pid != first


def test_the_pause_doubles_with_each_death(make_part: MakePart, echoed: list[str]) -> None:
    part = make_part("import sys; sys.exit(3)")
    now = 100.0
    for _ in range(3):
        part.tend(now)
        wait_for_death(part)
        part.tend(now)
        now += 5.0
    assert echoed == [
        "desk ended with exit code 3; it starts again in 0.2 s",
        "desk ended with exit code 3; it starts again in 0.4 s",
        "desk ended with exit code 3; it starts again in 0.8 s",
    ]


def die_times(part: Part, times: int, *, apart_s: float) -> bool:
    """Let the part start and die; what its last `tend` said."""
    healthy = True
    for number in range(times):
        now = 100.0 + number * apart_s
        part.tend(now)
        wait_for_death(part)
        healthy = part.tend(now)
    return healthy


def test_five_deaths_within_a_minute_give_the_part_up_with_its_last_lines(
    make_part: MakePart,
) -> None:
    part = make_part("print('no such table'); raise SystemExit(1)")
    assert not die_times(part, DEATHS_LIMIT, apart_s=5.0)
    assert part.last_lines[-1] == "no such table"


def test_five_deaths_over_a_longer_time_are_only_restarts(make_part: MakePart) -> None:
    assert die_times(make_part("pass"), DEATHS_LIMIT + 1, apart_s=16.0)


def test_what_a_part_writes_is_in_its_log_and_only_errors_reach_the_terminal(
    make_part: MakePart, echoed: list[str], tmp_path: Path
) -> None:
    part = make_part('print(\'{"level": "info"}\'); print(\'{"level": "error", "event": "x"}\')')
    part.tend(100.0)
    wait_for_death(part)
    part.kill()
    log = (tmp_path / "desk.log").read_text(encoding="utf-8")
    assert log == '{"level": "info"}\n{"level": "error", "event": "x"}\n'
    assert echoed == ['desk: {"level": "error", "event": "x"}']


def test_a_traceback_reaches_the_terminal_whole_and_ends_with_its_exception() -> None:
    is_error = ErrorLines()
    lines = ["starting", "Traceback (most recent call last):", '  File "x"', "ValueError: y", "on"]
    assert [line for line in lines if is_error(line)] == lines[1:4]


def test_a_part_deaf_to_sigterm_is_killed(make_part: MakePart) -> None:
    part = make_part(DEAF)
    part.tend(100.0)
    until(lambda: part.last_lines, what="it is deaf now")
    part.ask_to_stop()
    part.kill()
    assert not part.running


def test_what_a_part_started_ends_with_it(make_part: MakePart) -> None:
    part = make_part(
        f"import subprocess, sys, signal; child = subprocess.Popen([sys.executable, '-c', "
        f"{FOREVER!r}]); print(child.pid); signal.pause()"
    )
    part.tend(100.0)
    grandchild = int(until(lambda: part.last_lines, what="it names its child")[0])
    part.kill()
    until(lambda: not is_alive(grandchild), what="the child of the part ends")


def test_a_killed_supervisor_takes_its_parts_along(tmp_path: Path) -> None:
    code = (
        "import pathlib, signal; from agent_desk.supervised_part import Part, python; "
        f"part = Part('x', python('-c', {FOREVER!r}), environ={{}}, "
        f"log_dir=pathlib.Path({str(tmp_path)!r}), echo=print); "
        "part.tend(0.0); print(part.pid, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        part = int(supervisor.stdout.readline())
        # Until setpriv has become the part, the kernel may not know yet whom it is to end.
        until(lambda: not command_of(part).startswith(b"setpriv"), what="the part itself runs")
        assert is_alive(part)
        supervisor.kill()
    until(lambda: not is_alive(part), what="the part ends")


def command_of(pid: int) -> bytes:
    """The name of what the process runs."""
    return Path(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()).name.encode()


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie that waits for its parent does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
