"""The whole product as `make run` starts it: the supervisor, what it printed, and its parts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.ports import free_tcp_port, free_udp_port
from tests.waiting import PATIENCE_S, START_S, until

ROOT = Path(__file__).parent.parent.parent
_OURS = ("DESK_", "GATEWAY_", "SIP_", "RTP_", "RECORDING_", "ICE_", "PRACTICE_")


def fresh_environ(data_dir: Path) -> dict[str, str]:
    """Settings of a product that has never run, on free ports."""
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith(_OURS)},
        "DESK_DATA_DIR": str(data_dir),
        "DESK_PORT": str(free_tcp_port()),
        "PRACTICE_CARRIER_PORT": str(free_udp_port()),
        "RTP_PORTS": "46000-46199",
    }


class Supervised:
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
        until(lambda: self._greeted() or self._ended(), within_s=START_S, what="it greets")
        assert self._greeted(), "\n".join(self.lines)
        return time.monotonic() - self._began

    def stop(self, number: signal.Signals) -> int:
        """Send a signal to the supervisor alone and wait for its end; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=START_S)
        self._reader.join(timeout=PATIENCE_S)
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
