"""The product's real processes on free ports and a data directory of their own, for tests.

Each part is started, killed and restarted by itself, so that tests can hurt one and look at the
others. The practice carrier keeps its own log of every INVITE and dialog, which is the SIP peer's
word against ours; what customers hear lands in WAV files.
"""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError, URLError

from agent_desk import cli
from tests.ports import free_tcp_port, free_udp_port
from tests.waiting import PATIENCE_S, START_S, until

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "desk": ["-m", "agent_desk"],
    "gateway": ["-m", "softphone"],
    "worker": ["-m", "agent_desk.worker"],
    "reports": ["-m", "agent_desk.worker", "--reports"],
    "desk_by_day": ["-m", "tests.acceptance.desk_by_day"],
}
# Certificates are the tests' own; made once, for the usual one reads those of the whole world.
TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUST.check_hostname = False
TRUST.verify_mode = ssl.CERT_NONE
# What tests/agent_desk/test_cli.py tries as a function call, and tests need again and again.
HERE = frozenset({"audit", "create-user", "import-list"})
SALES = "光回線のご案内"
COLLECTIONS = "カードご利用代金の督促"
BORN = "1971-07-17"
# Browsers and ten processes on two cores have moments in which the 2 s of a call centre pass by
# without anybody being late; that rule is tested where time is the test's own.
BRIDGE_WITHIN_S = 8.0
COLUMNS = (
    *("氏名", "フリガナ", "電話番号", "顧客番号", "生年月日"),
    *("金額", "支払期日", "勤務先"),
)


@dataclass(frozen=True)
class Listed:
    """One row of a list of the test's own; the last four digits say what the customer does."""

    name: str
    number: str
    amount_yen: int = 12_345
    external_id: str = ""
    works_at: str = ""

    @property
    def row(self) -> tuple[object, ...]:
        """The values of `COLUMNS`."""
        external_id = self.external_id or f"T{self.number[-7:]}"
        return (
            *(self.name, "テスト", self.number, external_id, BORN),
            *(self.amount_yen, "2026-10-31", self.works_at),
        )


class Product:
    """Start with `prepare()`, then `start_all()`; `stop_all()` at the end."""

    def __init__(
        self,
        folder: Path,
        *,
        environ: Mapping[str, str] | None = None,
        keep_heard: bool = True,
    ) -> None:
        """`keep_heard`: write down what customers hear, a gigabyte an hour for thirty calls."""
        self.folder = folder
        self.keep_heard = keep_heard
        self.data_dir = folder / "data"
        self.heard_dir = folder / "heard"
        self.carrier_log = folder / "carrier.jsonl"
        self.port = free_tcp_port()
        self.sip_port = free_udp_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._extra = dict(environ or {})
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._clock: dict[str, str] = {}
        for each in (self.data_dir, self.heard_dir):
            each.mkdir(parents=True, exist_ok=True)

    # --- settings -------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Migrate, seed the demo and set the clock."""
        told = json.loads(self.run("prepare").stdout.splitlines()[-1])
        if told["clock_start"] is not None:
            self.set_clock(told["clock_start"])

    @classmethod
    def prepared(cls, folder: Path) -> Product:
        """A prepared product that is never started: copy it. Prepared once for every process."""
        folder.mkdir(parents=True, exist_ok=True)
        product = cls(folder)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = folder / "clock_start"
            if not done.exists():
                product.prepare()
                for campaign in (SALES, COLLECTIONS):
                    product.set_campaign(campaign, bridge_within_s=BRIDGE_WITHIN_S)
                done.write_text(product._clock["DESK_CLOCK_START"])
            product.set_clock(done.read_text())
        return product

    def copy(self, folder: Path, *, environ: Mapping[str, str] | None = None) -> Product:
        """Another product, prepared as this one is, with a data directory of its own."""
        other = Product(folder, environ={**self._extra, **(environ or {})})
        shutil.copytree(self.data_dir, other.data_dir, dirs_exist_ok=True)
        if self._clock:
            other.set_clock(self._clock["DESK_CLOCK_START"])
        return other

    def listen(self, host: str, *, certificate: tuple[Path, Path] | None = None) -> None:
        """Where the desk listens from its next start on; with `certificate` (and key) by https."""
        self.url = f"{'https' if certificate else 'http'}://{host}:{self.port}"
        self._extra["DESK_HOST"] = host
        if certificate is not None:
            cert, key = certificate
            self._extra |= {"DESK_TLS_CERT": str(cert), "DESK_TLS_KEY": str(key)}

    def set_clock(self, start: str) -> None:
        """Business time of the parts started from now on."""
        self._clock = {
            "DESK_CLOCK_START": start,
            "DESK_CLOCK_ANCHOR": datetime.now(UTC).isoformat(),
        }

    def now(self) -> datetime:
        """Business time."""
        start = datetime.fromisoformat(self._clock["DESK_CLOCK_START"])
        return start + (
            datetime.now(UTC) - datetime.fromisoformat(self._clock["DESK_CLOCK_ANCHOR"])
        )

    def set_campaign(self, name: str, **columns: Any) -> None:
        """Settings of a campaign, written before the desk is started."""
        names = ", ".join(f"{column} = ?" for column in columns)
        with closing(sqlite3.connect(self.data_dir / "desk.db")) as database, database:
            database.execute(
                f"UPDATE campaigns SET {names} WHERE name = ?", (*columns.values(), name)
            )

    def replace_lists(self, campaign: str, customers: Iterable[Listed]) -> None:
        """Have a campaign call these customers, in this order, and nobody of the demo's."""
        path = self.folder / "list.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *(each.row for each in customers)])
        with closing(sqlite3.connect(self.data_dir / "desk.db")) as database, database:
            database.execute(
                "UPDATE campaign_lists SET enabled = 0 WHERE campaign_id ="
                " (SELECT id FROM campaigns WHERE name = ?)",
                (campaign,),
            )
        self.run("import-list", str(path), "--campaign", campaign, "--list", f"{campaign} e2e")

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DESK_", "SIP_", "RTP_"))}
        return {
            **kept,
            "DESK_PORT": str(self.port),
            "DESK_DATA_DIR": str(self.data_dir),
            "PRACTICE_CARRIER_PORT": str(self.sip_port),
            "PYTHONUNBUFFERED": "1",
            # A machine full of tests starves every part; the watchdog has tests of its own.
            "GATEWAY_LAG_LIMIT_MS": "2000",
            **self._clock,
            **self._extra,
        }

    # --- parts ----------------------------------------------------------------------------------

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One command of the command line."""
        if arguments[0] in HERE and threading.current_thread() is threading.main_thread():
            done = self._run_here(arguments)
        else:
            done = self._run_program(arguments)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def _run_program(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "agent_desk", *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def _run_here(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """The same without the start of a program, which takes ten times as long."""
        out, err = io.StringIO(), io.StringIO()
        settings = patch.dict(os.environ, self.environ, clear=True)
        with settings, redirect_stdout(out), redirect_stderr(err):
            code = cli.main(arguments)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def start(self, part: str, **settings: str) -> None:
        """Start one part; its output goes to a file beside the data directory.

        `gateway2` is another gateway; what sets it apart is in `settings`.
        """
        log = (self.folder / f"{part}.log").open("ab")
        self.processes[part] = subprocess.Popen(
            [sys.executable, *self._command(part)],
            cwd=ROOT,
            env={**self.environ, **settings},
            stdout=log,
            stderr=log,
        )
        log.close()

    def start_all(self, *, worker: bool = False, reports: bool = False) -> None:
        """Every part, ready to call."""
        parts = ["carrier", "desk", "gateway", *(["worker"] if worker else [])]
        parts += ["reports"] if reports else []
        for part in parts:
            self.start(part)
        self.wait_ready()

    def move_time(self, by: timedelta) -> None:
        """Start desk and gateway anew with a business time that is so much later."""
        for part in ("gateway", "desk"):
            self.stop(part)
        self.set_clock((self.now() + by).isoformat())
        for part in ("desk", "gateway"):
            self.start(part)
        self.wait_ready()

    def wait_ready(self, within_s: float = START_S) -> None:
        """Until the desk says that calls can be made."""
        try:
            until(self.is_ready, within_s=within_s, every_s=0.05)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.logs()}") from None

    def answers(self) -> bool:
        """Whether the desk is there, with or without a gateway."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2, context=TRUST):
                return True
        except (URLError, OSError):
            return False

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2, context=TRUST) as answer:
                return not json.load(answer)["trunks_down"]
        except (HTTPError, URLError, OSError):
            return False

    def kill(self, part: str) -> None:
        """kill -9, and wait until it is gone."""
        process = self.processes.pop(part)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=PATIENCE_S)

    def freeze(self, part: str) -> None:
        """Let a part hold its sockets and say nothing, as a dead network does."""
        self.processes[part].send_signal(signal.SIGSTOP)

    def thaw(self, part: str) -> None:
        """Let a frozen part go on."""
        self.processes[part].send_signal(signal.SIGCONT)

    def stop(self, part: str) -> None:
        """SIGTERM (SIGINT for a gateway, which would drain), and wait until it has ended."""
        process = self.processes.pop(part)
        process.send_signal(_stop_signal(part))
        process.wait(timeout=PATIENCE_S)

    def stop_all(self) -> None:
        for part in ("worker", "reports", "gateway", "gateway2", "desk", "desk_by_day", "carrier"):
            if part in self.processes:
                process = self.processes.pop(part)
                process.send_signal(signal.SIGCONT)
                process.send_signal(_stop_signal(part))
                try:
                    process.wait(timeout=PATIENCE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(timeout=5)

    def _command(self, part: str) -> list[str]:
        if part != "carrier":
            return COMMANDS[part.rstrip("2")]
        return [
            *("-m", "softphone.practice_carrier", "--host", "127.0.0.1"),
            *("--port", str(self.sip_port), "--log-calls", str(self.carrier_log)),
            *(("--record-dir", str(self.heard_dir)) if self.keep_heard else ()),
        ]

    # --- looking at it --------------------------------------------------------------------------

    def carrier_events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The carrier's own account of its calls."""
        if not self.carrier_log.exists():
            return []
        lines = self.carrier_log.read_text("utf-8").splitlines()
        events = [json.loads(line) for line in lines if line.endswith("}")]
        return [event for event in events if kind is None or event["event"] == kind]

    def open_dialogs(self) -> int:
        """Calls the carrier still holds."""
        events = self.carrier_events()
        return int(events[-1]["live_calls"]) if events else 0

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the (SQLite) database, read beside the running desk."""
        with closing(
            sqlite3.connect(f"file:{self.data_dir / 'desk.db'}?mode=ro", uri=True)
        ) as database:
            return database.execute(sql, values).fetchall()

    def metric(self, name: str) -> float:
        """The sum of one Prometheus metric over its labels."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.split("{")[0].split(" ")[0] == name
        )

    def logs(self) -> str:
        """The end of every part's output, for a failing test's message."""
        parts = sorted(self.folder.glob("*.log"))
        return "\n".join(
            f"--- {path.stem}\n" + "\n".join(path.read_text("utf-8", "replace").splitlines()[-25:])
            for path in parts
        )


def _stop_signal(part: str) -> signal.Signals:
    return signal.SIGINT if part.startswith("gateway") else signal.SIGTERM


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Product]:
    """A prepared product with every part up."""
    product = Product(folder, **options)
    try:
        product.prepare()
        product.start_all()
        yield product
    finally:
        product.stop_all()
