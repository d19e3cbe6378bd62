"""What `make run` promises: one command starts it all, the second time fast; Ctrl-C ends it all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import product as product_processes
from tests.ports import free_tcp_port, free_udp_port
from tests.waiting import until

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parent.parent.parent


class Product:
    """`python -m agent_desk up` as a shell would start it, and what it printed."""

    def __init__(self, environ: dict[str, str]) -> None:
        command = [sys.executable, "-m", "agent_desk", "up"]
        self.url = f"http://127.0.0.1:{environ['DESK_PORT']}"
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def ready_after_s(self) -> float:
        """Wait for the greeting; the seconds it took."""
        until(lambda: self._greeted() or self._ended(), within_s=60, what="it greets")
        assert self._greeted(), "\n".join(self.lines)
        return time.monotonic() - self._began

    def stop(self, number: signal.Signals) -> int:
        """Send a signal to the supervisor alone and wait for its end; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        self._reader.join(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    def _greeted(self) -> bool:
        return any("Ctrl-C stops everything" in line for line in self.lines)

    def _ended(self) -> bool:
        return self.process.poll() is not None


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    ours = ("DESK_", "GATEWAY_", "SIP_", "RTP_", "RECORDING_", "ICE_", "PRACTICE_")
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith(ours)},
        "DESK_DATA_DIR": str(tmp_path / "data"),
        "DESK_PORT": str(free_tcp_port()),
        "PRACTICE_CARRIER_PORT": str(free_udp_port()),
        "RTP_PORTS": "46000-46199",
    }


@pytest.fixture
def running(environ: dict[str, str]) -> Iterator[Product]:
    product = Product(environ)
    product.ready_after_s()
    yield product
    product.stop(signal.SIGKILL)


def busier_than_itself() -> float:
    """How much longer things take here because the machine also does something else; 1.0 or more.

    The promise of five seconds is for a machine with nothing else to do.
    """
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def parts_of(data_dir: str) -> list[str]:
    """The command lines of the processes that work with this data directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"DESK_DATA_DIR={data_dir}".encode() in environ.split(b"\0") and command:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def test_it_greets_with_address_and_accounts_and_shows_the_login_page(running: Product) -> None:
    printed = "\n".join(running.lines)
    assert running.url in printed
    assert "operator1" in printed
    with urllib.request.urlopen(f"{running.url}/login", timeout=5) as page:
        assert 'name="username"' in page.read().decode()


def test_ctrl_c_stops_everything_within_three_seconds_and_the_second_start_takes_five(
    running: Product, environ: dict[str, str]
) -> None:
    until(lambda: len(parts_of(environ["DESK_DATA_DIR"])) == 5, what="all parts run")
    began = time.monotonic()
    assert running.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 3.0
    assert parts_of(environ["DESK_DATA_DIR"]) == []

    again = Product(environ)
    took_s = again.ready_after_s()
    again.stop(signal.SIGTERM)
    assert took_s < 5.0 * busier_than_itself()


def test_a_taken_port_is_named_and_nothing_is_started(
    running: Product, environ: dict[str, str], tmp_path: Path
) -> None:
    second = Product({**environ, "DESK_DATA_DIR": str(tmp_path / "other")})
    assert second.process.wait(timeout=10) == 1
    second.stop(signal.SIGKILL)
    assert f"Port {environ['DESK_PORT']} is in use by another program" in second.lines[0]
    assert not any("Traceback" in line for line in second.lines)


def test_a_killed_supervisor_leaves_nothing_behind(
    running: Product, environ: dict[str, str]
) -> None:
    running.stop(signal.SIGKILL)
    until(lambda: not parts_of(environ["DESK_DATA_DIR"]), within_s=5, what="all parts end")


def test_an_idle_desk_told_to_stop_says_nothing_but_that(tmp_path: Path) -> None:
    product = product_processes.Product(tmp_path)
    product.run("migrate")
    product.start("desk")
    process = product.processes["desk"]
    until(lambda: "the desk is listening" in product.logs(), within_s=30, what="it listens")
    took_s = product.stop("desk")
    assert (process.returncode, took_s < 2.0) == (0, True)
    assert "Traceback" not in (tmp_path / "desk.log").read_text("utf-8")
