"""The supervisor names what stops a start, greets when the desk is ready, and stops in time."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from agent_desk import supervisor
from agent_desk.supervised_part import Part, python
from agent_desk.supervisor import (
    CannotStart,
    Listener,
    Supervisor,
    check_ports,
    listeners,
    stop,
)
from config import DeskConfig, GatewayConfig
from tests.ports import free_tcp_port, free_udp_port
from tests.waiting import PATIENCE_S, until

FOREVER = "import signal; print('up'); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); signal.pause()"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "DESK_DATA_DIR": str(tmp_path),
        "DESK_PORT": str(free_tcp_port()),
        "PRACTICE_CARRIER_PORT": str(free_udp_port()),
    }


@pytest.fixture
def signals_restored() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def part_named(name: str, code: str, tmp_path: Path) -> Part:
    environ = {"PYTHONUNBUFFERED": "1"}
    return Part(name, python("-c", code), environ=environ, log_dir=tmp_path, echo=print)


def how_they_ended(parts: list[Part]) -> set[int | None]:
    """Negative: the signal that ended them."""
    return {part._process.poll() for part in parts if part._process is not None}


def test_a_taken_port_is_named_with_the_setting_that_moves_it(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str], signals_restored: None
) -> None:
    with socket.create_server(("127.0.0.1", int(environ["DESK_PORT"]))):
        assert supervisor.run(environ) == 1
    assert capsys.readouterr().err == (
        f"Port {environ['DESK_PORT']} is in use by another program "
        f"(127.0.0.1:{environ['DESK_PORT']}). Stop it, or set DESK_PORT to another port.\n"
    )


def test_a_taken_udp_port_is_named_too() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        listener = Listener("127.0.0.1", port, socket.SOCK_DGRAM, "PRACTICE_CARRIER_PORT")
        with pytest.raises(CannotStart, match=f"Port {port} .* set PRACTICE_CARRIER_PORT"):
            check_ports([listener])


def test_an_address_of_another_machine_is_named() -> None:
    listener = Listener("192.0.2.1", 5000, socket.SOCK_STREAM, "DESK_PORT")
    with pytest.raises(CannotStart, match="192.0.2.1:5000 cannot be used"):
        check_ports([listener])


def test_only_fixed_ports_of_started_parts_are_checked(environ: dict[str, str]) -> None:
    environ |= {"SIP_TRUNK": "192.0.2.7", "SIP_BIND": "0.0.0.0:5062"}
    desk, gateway = DeskConfig.from_environ(environ), GatewayConfig.from_environ(environ)
    found = listeners(desk, [gateway])
    assert [listener.setting for listener in found] == ["DESK_PORT", "SIP_BIND"]


def test_each_gateways_fixed_ports_are_checked(environ: dict[str, str]) -> None:
    environ |= {"SIP_TRUNK": "192.0.2.7", "SIP_BIND": "0.0.0.0:5062", "GATEWAYS": "2"}
    environ |= {"GATEWAY_RELAY_BIND": "127.0.0.1:7000"}
    desk, gateways = supervisor._read_settings(environ)
    assert [(each.setting, each.port) for each in listeners(desk, gateways)[1:]] == [
        ("SIP_BIND", 5062),
        ("GATEWAY_RELAY_BIND", 7000),
        ("SIP_BIND", 5063),
        ("GATEWAY_RELAY_BIND", 7001),
    ]


def test_wrong_settings_of_desk_and_gateway_are_reported_together_and_once(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str], signals_restored: None
) -> None:
    wrong = {"DESK_HOST": "0.0.0.0", "RTP_PORTS": "1-2", "ICE_SERVERS": "x"}
    assert supervisor.run({**environ, **wrong}) == 1
    report = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in report[1:]] == [
        "  - ICE_SERVERS",
        "  - DESK_HOST",
        "  - RTP_PORTS",
    ]


def test_all_parts_share_one_business_clock_whenever_they_start(environ: dict[str, str]) -> None:
    clock_start = "2026-04-01T01:00:00+00:00"
    before = time.time()
    shared = supervisor._environ_of_parts(environ, clock_start)
    assert shared["DESK_CLOCK_START"] == clock_start
    config = DeskConfig.from_environ(shared)
    assert config.clock_anchor is not None
    assert before <= config.clock_anchor.timestamp() <= time.time()


def test_a_real_trunk_keeps_the_real_clock(environ: dict[str, str]) -> None:
    shared = supervisor._environ_of_parts(environ, None)
    assert "DESK_CLOCK_START" not in shared
    assert "DESK_CLOCK_ANCHOR" not in shared


@pytest.mark.processes
def test_a_part_deaf_to_sigterm_does_not_hold_up_the_end(tmp_path: Path) -> None:
    parts = [part_named("desk", DEAF, tmp_path), part_named("gateway", DEAF, tmp_path)]
    for part in parts:
        part.tend(time.monotonic())
    until(lambda: all(part.last_lines for part in parts), what="both are up")
    stop(parts)
    assert how_they_ended(parts) == {-signal.SIGKILL}


@pytest.mark.processes
def test_parts_that_obey_are_not_killed(tmp_path: Path) -> None:
    parts = [part_named("desk", FOREVER, tmp_path), part_named("gateway", FOREVER, tmp_path)]
    for part in parts:
        part.tend(time.monotonic())
    until(lambda: all(part.last_lines for part in parts), what="both are up")
    stop(parts)
    assert how_they_ended(parts) == {-signal.SIGTERM}


@pytest.mark.processes
def test_a_part_that_keeps_dying_stops_everything_and_is_named(
    environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = part_named("gateway", FOREVER, tmp_path)
    bad = part_named("desk", "print('disk is full'); raise SystemExit(1)", tmp_path)
    desk = DeskConfig.from_environ(environ)
    assert Supervisor([good, bad], desk, threading.Event()).run() == 1
    report = capsys.readouterr().err
    assert "desk keeps dying, so everything stops" in report
    assert report.rstrip().endswith("disk is full")
    assert not good.running


class Starting(BaseHTTPRequestHandler):
    """A desk whose gateway is not there."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()
        self.wfile.write(b'{"ready": false, "missing": ["gateway"]}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Ready(BaseHTTPRequestHandler):
    """A desk that is ready, with a trunk that is not."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
        why = {"trunk1": "name not found: sip.example"}
        self.wfile.write(json.dumps({"missing": [], "trunks_down": why}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def answering(
    environ: dict[str, str], answer: type[BaseHTTPRequestHandler]
) -> Iterator[DeskConfig]:
    config = DeskConfig.from_environ(environ)
    server = HTTPServer(("127.0.0.1", config.port), answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield config
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ready_desk(environ: dict[str, str]) -> Iterator[DeskConfig]:
    with answering(environ, Ready) as config:
        yield config


def test_what_a_start_waits_for_is_said_meanwhile_and_at_its_end(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervisor, "TELL_S", 0.0)
    monkeypatch.setattr(supervisor, "READY_LIMIT_S", 0.2)
    with answering(environ, Starting) as config:
        assert Supervisor([], config, threading.Event()).run() == 1
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "Starting; still missing: gateway."
    assert "did not become ready" in last
    assert "still missing: gateway" in last


def test_a_ready_desk_is_greeted_with_address_and_accounts_until_it_is_asked_to_stop(
    ready_desk: DeskConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    stopping = threading.Event()
    codes: list[int] = []
    thread = threading.Thread(
        target=lambda: codes.append(Supervisor([], ready_desk, stopping).run())
    )
    thread.start()
    printed = ""

    def greeting() -> bool:
        nonlocal printed
        printed += "".join(capsys.readouterr())
        return "trunk1 cannot be used yet: name not found: sip.example" in printed

    until(greeting, what="the greeting")
    stopping.set()
    thread.join(timeout=PATIENCE_S)
    assert codes == [0]
    assert ready_desk.url in printed
    for name in ("operator1", "operator5", "lead1", "manager1", "admin1", "demo"):
        assert name in printed


def test_a_real_trunk_shows_no_demo_accounts_and_how_the_first_is_made(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    environ["SIP_TRUNK"] = "192.0.2.7"
    supervisor._greet(DeskConfig.from_environ(environ))
    told = capsys.readouterr().out
    assert "operator1" not in told
    assert "with the desk stopped (Ctrl-C)" in told, "the command is refused while it runs"
    assert "create-user USERNAME" in told


def test_a_failed_preparation_ends_without_a_traceback(
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    signals_restored: None,
) -> None:
    monkeypatch.setattr(
        supervisor, "python", lambda *_: python("-c", "raise SystemExit('no disk')")
    )
    assert supervisor.run(environ) == 1
    assert capsys.readouterr().err.endswith("The database could not be prepared (see above).\n")


def test_the_answer_of_the_preparation_is_its_last_line(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"clock_start": "2026-04-01T01:00:00+00:00"}
    code = f"print('migrated'); print({json.dumps(answer)!r})"
    monkeypatch.setattr(supervisor, "python", lambda *_: python("-c", code))
    assert supervisor._prepare(dict(os.environ), threading.Event()) == answer
