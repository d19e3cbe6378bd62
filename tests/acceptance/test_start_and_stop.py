"""What `make run` promises: one command starts it all, again and again; Ctrl-C ends it all.

How fast is measured by `python -m benchmarks.start`.
"""

from __future__ import annotations

import shutil
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.mailed import send_to_oneself
from tests.acceptance.supervised import Supervised, fresh_environ, parts_of
from tests.fakes.mail_server import attachment
from tests.product import Product
from tests.waiting import PATIENCE_S, START_S, until

pytestmark = pytest.mark.processes


@pytest.fixture
def environ(tmp_path: Path, prepared: Product) -> dict[str, str]:
    """Of a product that has been prepared before."""
    shutil.copytree(prepared.data_dir, tmp_path / "data")
    return fresh_environ(tmp_path / "data")


@pytest.fixture
def running(environ: dict[str, str]) -> Iterator[Supervised]:
    product = Supervised(environ)
    product.ready_after_s()
    yield product
    product.stop(signal.SIGKILL)


def test_a_first_start_greets_with_address_and_accounts_and_shows_the_login_page(
    tmp_path: Path,
) -> None:
    running = Supervised(fresh_environ(tmp_path / "fresh"))
    try:
        running.ready_after_s()
        _is_greeted(running)
    finally:
        running.stop(signal.SIGKILL)


def _is_greeted(running: Supervised) -> None:
    printed = "\n".join(running.lines)
    assert running.url in printed
    assert "operator1" in printed
    with urllib.request.urlopen(f"{running.url}/login", timeout=PATIENCE_S) as page:
        assert 'name="username"' in page.read().decode()


def test_ctrl_c_stops_everything_and_it_starts_again(
    running: Supervised, environ: dict[str, str]
) -> None:
    until(lambda: len(parts_of(environ["DESK_DATA_DIR"])) == 7, what="all parts run")
    assert running.stop(signal.SIGINT) == 0
    assert parts_of(environ["DESK_DATA_DIR"]) == []

    again = Supervised(environ)
    try:
        again.ready_after_s()
        assert again.stop(signal.SIGTERM) == 0
    finally:
        again.stop(signal.SIGKILL)
    assert parts_of(environ["DESK_DATA_DIR"]) == []


def test_a_taken_port_is_named_and_nothing_is_started(
    running: Supervised, environ: dict[str, str], tmp_path: Path
) -> None:
    second = Supervised({**environ, "DESK_DATA_DIR": str(tmp_path / "other")})
    assert second.process.wait(timeout=START_S) == 1
    second.stop(signal.SIGKILL)
    assert f"Port {environ['DESK_PORT']} is in use by another program" in second.lines[0]
    assert not any("Traceback" in line for line in second.lines)


def test_the_demo_mails_a_report_into_a_folder_and_a_killed_supervisor_leaves_nothing_behind(
    running: Supervised, environ: dict[str, str]
) -> None:
    folder = Path(environ["DESK_DATA_DIR"]) / "mail"
    assert str(folder) in "\n".join(running.lines)
    mail = send_to_oneself(running.url, folder)
    assert mail["To"] == "manager1@agent-desk.example"
    name, data = attachment(mail)
    assert name.startswith("本日の実績_") and data.startswith(b"\xef\xbb\xbf")
    running.stop(signal.SIGKILL)
    until(lambda: not parts_of(environ["DESK_DATA_DIR"]), what="all parts end")


def test_an_idle_desk_told_to_stop_says_nothing_but_that(tmp_path: Path) -> None:
    product = Product(tmp_path)
    product.run("migrate")
    product.start("desk")
    process = product.processes["desk"]
    until(lambda: "the desk is listening" in product.logs(), what="it listens")
    product.stop("desk")
    assert process.returncode == 0
    assert "Traceback" not in (tmp_path / "desk.log").read_text("utf-8")
