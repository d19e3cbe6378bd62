"""The real process that makes reports, and in place of the desk its queue behind a plain door.

The desk itself would write into the year it is measured on. Questions, hand-out, answers, progress
and cancelling are the product's own (`services/reports/requests.py`); what is left out is the page
around a report, which is the same for every one.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from agent_desk.services.reports import files
from agent_desk.services.reports.making import Asked
from agent_desk.services.reports.requests import CANCELLED, DONE, Answer, Request, Requests
from tests.waiting import until

DATA_KEY, INDEX_KEY = b"d" * 32, b"i" * 32
MANAGER = "manager1"
LOOK_S = 0.005


class Beside:
    """A queue with a door, and the process that comes for work."""

    def __init__(self, url: str, directory: Path) -> None:
        """`directory` has the folder of the facts; `url` is where the rows are."""
        self._url, self._directory = url, directory
        self.requests = Requests(now=lambda: datetime.now(UTC))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.requests))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._process: subprocess.Popen[bytes] | None = None
        self._before = ""

    def start(self) -> None:
        """Start the process; what is asked meanwhile waits for it."""
        self._before = self.requests._boot
        keys = {"DESK_DATA_KEY": DATA_KEY, "DESK_INDEX_KEY": INDEX_KEY}
        keys |= {"DESK_AUDIT_KEY": b"a" * 32, "RECORDING_KEY": b"r" * 32}
        settings = {
            "DESK_DATA_DIR": str(self._directory),
            "DESK_DATABASE_URL": self._url,
            "DESK_PORT": str(self._server.server_address[1]),
            "DESK_SECRET_KEY": "s" * 40,
            "GATEWAY_SECRET": "g" * 40,
            **{name: base64.b64encode(key).decode() for name, key in keys.items()},
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")}
        command = [sys.executable, "-m", "agent_desk.worker", "--reports"]
        log = (self._directory / "reports.log").open("ab")
        self._process = subprocess.Popen(command, env={**kept, **settings}, stderr=log)
        log.close()

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=60)
            self._process = None

    def close(self) -> None:
        """End everything."""
        self.stop()
        self.requests.stop()
        self._server.shutdown()

    def ready(self) -> None:
        """Until the process has come for work."""
        until(
            lambda: self.requests._boot != self._before,
            within_s=60,
            what="the process comes for work",
            every_s=LOOK_S,
        )

    def ask(self, kind: str, params: Mapping[str, str], *, within_s: float = 600) -> float:
        """Seconds until the page was there."""
        began = time.perf_counter()
        self.requests.ask(asked(kind, params), within_s=within_s)
        return time.perf_counter() - began

    def job(self, kind: str, params: Mapping[str, str]) -> tuple[float, list[float]]:
        """Seconds until the file of a long report was there, and what was told of its progress."""
        began = time.perf_counter()
        found, shares = self._begin(kind, params), [0.0]
        while not found.done.wait(LOOK_S):
            if found.share > shares[-1]:
                shares.append(found.share)
        if found.state != DONE or found.answer is None:
            raise RuntimeError(f"{kind}: {found.state} {found.error_id}")
        took = time.perf_counter() - began
        (self._directory / "reports" / found.answer.file).unlink()
        return took, shares

    def cancelled(self, kind: str, params: Mapping[str, str]) -> float:
        """Seconds from cancelling a long report under way to the next job being begun."""
        found = self._begin(kind, params)
        until(lambda: found.share > 0, within_s=600, what="the report is under way", every_s=LOOK_S)
        self.requests.cancel(found)
        began = time.perf_counter()
        after = self._begin(kind, params)
        until(lambda: after.started_at is not None, within_s=600, what="the next", every_s=LOOK_S)
        took = time.perf_counter() - began
        self.requests.cancel(after)
        if found.state != CANCELLED:
            raise RuntimeError(f"{kind}: {found.state}")
        return took

    def _begin(self, kind: str, params: Mapping[str, str]) -> Request:
        known = self.requests.begin(asked(kind, params), files.CSV_UTF8)
        return self.requests.job(known, username=MANAGER, teams=None)


def asked(kind: str, params: Mapping[str, str]) -> Asked:
    """As a manager asks, who may see everything."""
    return Asked(
        kind=kind,
        params=params,
        teams=None,
        user_id=None,
        username=MANAGER,
        locale="ja",
        now=datetime.now(UTC),
        role="manager",
    )


@contextmanager
def running(url: str, directory: Path) -> Iterator[Beside]:
    """For as long as the block."""
    beside = Beside(url, directory)
    try:
        yield beside
    finally:
        beside.close()


def _handler(requests: Requests) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            *_, request_id, verb = parts.path.split("/")
            if verb == "answer":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                made = Answer(body, query.get("file", ""), int(query.get("rows", 0)))
                self._say({"wanted": requests.answer(request_id, made)})
                return
            told = json.loads(body)
            if verb == "next":
                self._say(_next(requests, told, self._gone))
            elif verb == "progress":
                wanted = requests.progress(request_id, told["share"], told["words"])
                self._say({"wanted": wanted})
            else:
                requests.fail(request_id, told["error_id"])
                self._say({"ok": True})

        def _say(self, told: dict[str, Any]) -> None:
            text = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with suppress(OSError):  # the process was ended
                self.wfile.write(text)

        def _gone(self) -> bool:
            """Whether the process that asked was ended."""
            try:
                return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                return False
            except OSError:
                return True

        def log_message(self, *told: object) -> None:
            """Nobody reads it."""

    return Door


def _next(requests: Requests, told: Mapping[str, str], gone: Callable[[], bool]) -> dict[str, Any]:
    found = requests.next(told["lane"], boot=told["boot"], poller=told["poller"], gone=gone)
    if found is None:
        return {}
    wanted = found.asked
    return {
        "id": found.id,
        "form": found.form,
        "kind": wanted.kind,
        "params": dict(wanted.params),
        "teams": None,
        "user_id": None,
        "username": wanted.username,
        "role": wanted.role,
        "locale": wanted.locale,
        "now": wanted.now.isoformat(),
    }
