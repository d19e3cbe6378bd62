"""`python -m agent_desk up`: prepare the database, start every part, keep them running.

The supervisor only starts, watches and stops plain processes, so nothing of the product depends on
it: with `deploy/*.service` systemd does the same on a server.
"""

from __future__ import annotations

import errno
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from urllib.error import HTTPError

from agent_desk import demo_mail, several_gateways
from agent_desk.supervised_part import Part, dying_with_parent, python
from config import ConfigError, DeskConfig, Fault, GatewayConfig

POLL_S = 0.05
READY_LIMIT_S = 60.0
TELL_S = 5.0  # so often it is said what a start is waiting for
READY_TIMEOUT_S = 0.3
# The second wave is told to stop when the first is gone or late; what is left is killed.
FIRST_WAVE_S = 1.0
STOP_LIMIT_S = 2.0
STOPPED_FIRST = ("gateway", "worker", "reports")  # and gateway-2 and so on
# Nobody waits for it at a start, and the others start faster without it.
STARTED_LAST = ("worker", "reports", demo_mail.PART)

ACCOUNTS = (
    *((f"operator{number}", "sales / 営業") for number in (1, 2, 3)),
    *((f"operator{number}", "collections / 督促") for number in (4, 5)),
    ("lead1", "team lead / リーダー (/floor)"),
    ("manager1", "manager / マネージャー (/reports)"),
    ("admin1", "administrator / システム管理者"),
)
PASSWORD = "demo"


class CannotStart(Exception):
    """The product cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class Listener:
    """An address a part will listen on, and the setting that moves it."""

    host: str
    port: int
    kind: socket.SocketKind
    setting: str


def run(environ: Mapping[str, str]) -> int:
    """Run the whole product until Ctrl-C or SIGTERM; the exit code for the shell."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, lambda *_: stopping.set())
    try:
        desk, gateways = _read_settings(environ)
        check_ports(listeners(desk, gateways))
        (desk.data_dir / "log").mkdir(parents=True, exist_ok=True)
        clock_start = _prepare(environ, stopping).get("clock_start")
    except (ConfigError, CannotStart) as error:
        _say(str(error))
        return 1
    if stopping.is_set():
        return 0
    if not desk.own_practice_carrier:
        clock_start = None  # somebody named a trunk: real time
    told = _environ_of_parts(environ, clock_start)
    sink = demo_mail.server(desk)
    if sink is not None:
        told |= sink.environ
    return Supervisor(_parts(desk, told, sink), desk, stopping).run()


class Supervisor:
    """Keeps `parts` running until `stopping` is set or one of them keeps dying."""

    def __init__(self, parts: Sequence[Part], desk: DeskConfig, stopping: threading.Event) -> None:
        self._parts = parts
        self._desk = desk
        self._stopping = stopping

    def run(self) -> int:
        """Start, watch and stop; 0 when asked to stop, 1 when a part kept dying."""
        try:
            return self._watch()
        finally:
            stop(self._parts)

    def _watch(self) -> int:
        ready = False
        started = told = time.monotonic()
        while not self._stopping.is_set():
            now = time.monotonic()
            for part in self._parts:
                if not ready and part.name in STARTED_LAST:
                    continue
                if not part.tend(now):
                    _say(f"{part.name} keeps dying, so everything stops. Its last lines:")
                    _say("\n".join(f"    {line}" for line in part.last_lines))
                    return 1
            if not ready:
                seen = look(self._desk)
                ready = seen.ready
                if ready:
                    _greet(self._desk)
                    for trunk_id, why in seen.trunks_down.items():
                        _say(
                            f"  {trunk_id} cannot be used yet: {why}. It is tried again; /floor "
                            "shows when it is there."
                        )
                elif now - started > READY_LIMIT_S:
                    _say(
                        f"The desk did not become ready in {READY_LIMIT_S:.0f} s: "
                        f"{seen.missing}. See {self._desk.data_dir / 'log'}."
                    )
                    return 1
                elif now - told > TELL_S:
                    told = now
                    _say(f"Starting; {seen.missing}.")
            self._stopping.wait(POLL_S)
        return 0


def stop(parts: Sequence[Part]) -> None:
    """Stop all parts within 2 s: first those that still have something to tell the desk."""
    started = time.monotonic()
    for wave, limit_s in ((True, FIRST_WAVE_S), (False, STOP_LIMIT_S)):
        leaving = [part for part in parts if part.name.startswith(STOPPED_FIRST) is wave]
        for part in leaving:
            part.ask_to_stop()
        while any(part.running for part in leaving) and time.monotonic() < started + limit_s:
            time.sleep(POLL_S)
    for part in parts:
        part.kill()


def listeners(desk: DeskConfig, gateways: Sequence[GatewayConfig]) -> list[Listener]:
    """Every fixed port the parts of these settings will take."""
    found = [Listener(desk.host, desk.port, socket.SOCK_STREAM, "DESK_PORT")]
    if desk.own_practice_carrier:
        port = desk.practice_port
        found.append(Listener("127.0.0.1", port, socket.SOCK_DGRAM, "PRACTICE_CARRIER_PORT"))
    for gateway in gateways:
        for bind, setting in (
            (gateway.sip_bind, "SIP_BIND"),
            (gateway.relay_bind, "GATEWAY_RELAY_BIND"),
        ):
            if bind is not None and bind[1]:
                found.append(Listener(*bind, socket.SOCK_DGRAM, setting))
    return found


def check_ports(wanted: Sequence[Listener]) -> None:
    """Raise `CannotStart` naming every port that cannot be taken and what to do about it."""
    problems = [problem for listener in wanted if (problem := _problem_with(listener))]
    if problems:
        raise CannotStart("\n".join(problems))


def _problem_with(listener: Listener) -> str | None:
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    where = f"{listener.host}:{listener.port}"
    with socket.socket(family, listener.kind) as probe:
        if listener.kind is socket.SOCK_STREAM:
            # The server sets it as well; without it a connection that just closed looks like one.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listener.host, listener.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return (
                    f"Port {listener.port} is in use by another program ({where}). "
                    f"Stop it, or set {listener.setting} to another port."
                )
            return f"{where} cannot be used: {error.strerror}. Change {listener.setting}."
    return None


@dataclass(frozen=True)
class Sight:
    """What /readyz says: whether people can work, what is missing, trunks that are down."""

    ready: bool
    missing: str
    trunks_down: Mapping[str, str] = field(default_factory=dict)


def look(desk: DeskConfig) -> Sight:
    """Ask the desk itself."""
    context = None
    if desk.tls_cert is not None:
        # The certificate names the public host, and this asks by the local address.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(
            f"{desk.url}/readyz", timeout=READY_TIMEOUT_S, context=context
        ) as answer:
            told = json.loads(answer.read() or b"{}")
            return Sight(True, "", told.get("trunks_down", {}))
    except HTTPError as refused:
        with refused:
            return Sight(False, _missing(refused.read()))
    except (OSError, HTTPException, ValueError):
        return Sight(False, "the desk does not answer yet")


def _missing(body: bytes) -> str:
    try:
        names = json.loads(body)["missing"]
    except (ValueError, KeyError, TypeError):
        names = []
    return f"still missing: {', '.join(names) or 'the desk is not ready'}"


def _read_settings(environ: Mapping[str, str]) -> tuple[DeskConfig, list[GatewayConfig]]:
    """All configurations; the faults of desk and gateway in one report."""
    found: list[object] = []
    faults: dict[Fault, None] = {}
    for kind in (DeskConfig, GatewayConfig):
        try:
            found.append(kind.from_environ(environ))
        except ConfigError as error:
            faults |= {fault: None for fault in error.faults}
    if faults:
        raise ConfigError(tuple(faults))
    desk, gateway = found
    assert isinstance(desk, DeskConfig) and isinstance(gateway, GatewayConfig)
    told = several_gateways.environs(environ, desk.gateways)
    return desk, [GatewayConfig.from_environ(each) for each in told]


def _prepare(environ: Mapping[str, str], stopping: threading.Event) -> dict[str, str | None]:
    """Migrate, seed the demo and ask for the start of business time, in one process."""
    process = subprocess.Popen(
        dying_with_parent(python("-m", "agent_desk", "prepare", "--past-weeks")),
        env=dict(environ),
        stdout=subprocess.PIPE,
        process_group=0,
        text=True,
    )
    with process:
        while True:
            try:
                output, _ = process.communicate(timeout=POLL_S)
                break
            except subprocess.TimeoutExpired:
                if stopping.is_set():
                    process.kill()
                    return {}
    if process.returncode != 0:
        raise CannotStart("The database could not be prepared (see above).")
    answer: dict[str, str | None] = json.loads(output.strip().splitlines()[-1])
    return answer


def _environ_of_parts(environ: Mapping[str, str], clock_start: str | None) -> dict[str, str]:
    """The environment of every part: one business clock for all of them and all their lives."""
    shared = {**environ, "PYTHONUNBUFFERED": "1"}
    start = environ.get("DESK_CLOCK_START") or clock_start
    if start:
        shared["DESK_CLOCK_START"] = start
        shared.setdefault("DESK_CLOCK_ANCHOR", datetime.now(UTC).isoformat())
    return shared


def _parts(
    desk: DeskConfig, environ: Mapping[str, str], sink: demo_mail.Server | None
) -> list[Part]:
    commands = {
        "desk": python("-m", "agent_desk"),
        "worker": python("-m", "agent_desk.worker"),
        "reports": python("-m", "agent_desk.worker", "--reports"),
    }
    if desk.own_practice_carrier:
        address = ("--host", "127.0.0.1", "--port", str(desk.practice_port))
        commands["practice-carrier"] = python("-m", "softphone.practice_carrier", *address)
    if sink is not None:
        commands[demo_mail.PART] = list(sink.command)
    log_dir = desk.data_dir / "log"
    parts = [
        Part(name, command, environ=environ, log_dir=log_dir, echo=_say)
        for name, command in commands.items()
    ]
    for place, told in enumerate(several_gateways.environs(environ, desk.gateways), start=1):
        parts.append(
            Part(
                "gateway" if place == 1 else f"gateway-{place}",
                python("-m", "softphone"),
                environ=told,
                log_dir=log_dir,
                echo=_say,
                stop_signal=signal.SIGINT,  # SIGTERM lets it finish its calls first
            )
        )
    return parts


def _greet(desk: DeskConfig) -> None:
    lines = ["", f"Agent Desk is running / 起動しました: {desk.url}", ""]
    if desk.own_practice_carrier:
        rows = (("user", "password", "role"), *((name, PASSWORD, role) for name, role in ACCOUNTS))
        lines += [f"  {name:<12}{password:<10}{role}" for name, password, role in rows]
        lines += [
            "",
            "  Log in as operator1, allow the microphone, press 待機: a practice customer comes.",
            "  operator1 でログインし、マイクを許可して「待機」を押すと、練習用の顧客が出ます。",
        ]
        if desk.mail is None:
            folder = demo_mail.folder(desk)
            lines += ["", f"  Mails are written here and sent nowhere / メールの保存先: {folder}"]
    else:
        lines += [
            "  Log in with an account of yours. The first is made with the desk stopped (Ctrl-C):",
            "  登録済みのアカウントでログインしてください。最初の1人は、停止してから登録します：",
            '  .venv/bin/python -m agent_desk create-user USERNAME --name "…" --role admin',
        ]
    lines += ["", f"  Ctrl-C stops everything / すべて停止. Logs: {desk.data_dir / 'log'}", ""]
    print("\n".join(lines), flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
