"""What `make run` promises: one command starts it all, the second time fast; Ctrl-C ends it all."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.supervised import Supervised, fresh_environ, parts_of
from tests.product import Product
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return fresh_environ(tmp_path / "data")


@pytest.fixture
def running(environ: dict[str, str]) -> Iterator[Supervised]:
    product = Supervised(environ)
    product.ready_after_s()
    yield product
    product.stop(signal.SIGKILL)


def busier_than_itself() -> float:
    """How much longer things take here because the machine also does something else; 1.0 or more.

    The promise of five seconds is for a machine with nothing else to do.
    """
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_it_greets_with_address_and_accounts_and_shows_the_login_page(running: Supervised) -> None:
    printed = "\n".join(running.lines)
    assert running.url in printed
    assert "operator1" in printed
    with urllib.request.urlopen(f"{running.url}/login", timeout=5) as page:
        assert 'name="username"' in page.read().decode()


def test_ctrl_c_stops_everything_within_three_seconds_and_the_second_start_takes_five(
    running: Supervised, environ: dict[str, str]
) -> None:
    until(lambda: len(parts_of(environ["DESK_DATA_DIR"])) == 5, what="all parts run")
    began = time.monotonic()
    assert running.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 3.0
    assert parts_of(environ["DESK_DATA_DIR"]) == []

    again = Supervised(environ)
    took_s = again.ready_after_s()
    again.stop(signal.SIGTERM)
    assert took_s < 5.0 * busier_than_itself()


def test_a_taken_port_is_named_and_nothing_is_started(
    running: Supervised, environ: dict[str, str], tmp_path: Path
) -> None:
    second = Supervised({**environ, "DESK_DATA_DIR": str(tmp_path / "other")})
    assert second.process.wait(timeout=10) == 1
    second.stop(signal.SIGKILL)
    assert f"Port {environ['DESK_PORT']} is in use by another program" in second.lines[0]
    assert not any("Traceback" in line for line in second.lines)


def test_a_killed_supervisor_leaves_nothing_behind(
    running: Supervised, environ: dict[str, str]
) -> None:
    running.stop(signal.SIGKILL)
    until(lambda: not parts_of(environ["DESK_DATA_DIR"]), within_s=5, what="all parts end")


def test_an_idle_desk_told_to_stop_says_nothing_but_that(tmp_path: Path) -> None:
    product = Product(tmp_path)
    product.run("migrate")
    product.start("desk")
    process = product.processes["desk"]
    until(lambda: "the desk is listening" in product.logs(), within_s=30, what="it listens")
    took_s = product.stop("desk")
    assert (process.returncode, took_s < 2.0) == (0, True)
    assert "Traceback" not in (tmp_path / "desk.log").read_text("utf-8")
