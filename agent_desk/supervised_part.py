"""One part of the product as a child process: started, logged, restarted, stopped.

A part that dies starts again after a pause that doubles with each death, so that a broken part
does not eat the machine; five deaths within a minute mean that it will not get better by itself.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

DEATHS_LIMIT = 5
DEATHS_WINDOW_S = 60.0
FIRST_PAUSE_S = 0.2
LOG_BYTES = 5_000_000
LOG_FILES = 3
LAST_LINES = 20


class Part:
    """A supervised process; `now` is a monotonic instant in seconds wherever it is asked for."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environ: Mapping[str, str],
        log_dir: Path,
        echo: Callable[[str], None],
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """`stop_signal` makes it leave at once."""
        self.name = name
        self._stop_signal = stop_signal
        self._command = list(command)
        self._environ = dict(environ)
        self._log_path = log_dir / f"{name}.log"
        self._echo = echo
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._deaths: deque[float] = deque()
        self._start_at = 0.0
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self.running and self._process else None

    @property
    def last_lines(self) -> list[str]:
        """The last lines it wrote, over all its lives."""
        return list(self._last_lines)

    def tend(self, now: float) -> bool:
        """Start the part when it is due, note its death; False when it keeps dying."""
        if self.running:
            return True
        if self._process is not None:
            self._note_death(now, self._process)
            if len(self._deaths) >= DEATHS_LIMIT:
                return False
        if now >= self._start_at:
            self._start()
        return True

    def ask_to_stop(self) -> None:
        """Send its stop signal to the part and whatever it started."""
        self._signal(self._stop_signal)

    def kill(self) -> None:
        """Send SIGKILL to the part and whatever it started, and wait for the last line."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        if self._reader is not None:
            self._reader.join(timeout=1.0)

    def _note_death(self, now: float, process: subprocess.Popen[bytes]) -> None:
        self._signal(signal.SIGKILL)  # what the part had started would be in the new one's way
        if self._reader is not None:
            self._reader.join(timeout=1.0)
        self._process = None
        while self._deaths and self._deaths[0] < now - DEATHS_WINDOW_S:
            self._deaths.popleft()
        pause_s = FIRST_PAUSE_S * 2 ** len(self._deaths)
        self._deaths.append(now)
        self._start_at = now + pause_s
        if len(self._deaths) < DEATHS_LIMIT:
            ending = _describe(process.returncode)
            self._echo(f"{self.name} {ending}; it starts again in {pause_s:.1f} s")

    def _start(self) -> None:
        self._process = subprocess.Popen(
            dying_with_parent(self._command, self._stop_signal),
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,  # Ctrl-C reaches the supervisor alone, which stops the parts in order
        )
        self._reader = threading.Thread(
            target=self._keep_log, args=(self._process,), name=f"log-{self.name}", daemon=True
        )
        self._reader.start()

    def _keep_log(self, process: subprocess.Popen[bytes]) -> None:
        """Copy what the process writes to its log file, and errors to the terminal."""
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        log = logging.handlers.RotatingFileHandler(
            self._log_path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
        )
        is_error = ErrorLines()
        assert process.stdout is not None
        with process.stdout as lines:
            for raw in lines:
                line = raw.decode("utf-8", "replace").rstrip("\n")
                log.emit(logging.makeLogRecord({"msg": line}))
                self._last_lines.append(line)
                if is_error(line):
                    self._echo(f"{self.name}: {line}")
        log.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            # The group outlives its leader: what the part started must end as well.
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass


class ErrorLines:
    """Tells which lines of a log a person at the terminal should see: errors and tracebacks."""

    def __init__(self) -> None:
        self._in_traceback = False

    def __call__(self, line: str) -> bool:
        """Judge the next line."""
        if line.startswith("Traceback (most recent call last)"):
            self._in_traceback = True
            return True
        if self._in_traceback:
            # The line after the indented ones names the exception and is the last.
            self._in_traceback = line.startswith(" ") or not line
            return True
        if not line.startswith("{"):
            return line.startswith(("ERROR", "CRITICAL"))
        try:
            level = json.loads(line).get("level", "")
        except ValueError:
            return False
        return str(level).lower() in ("error", "critical")


def dying_with_parent(
    command: Sequence[str], stop_signal: signal.Signals = signal.SIGTERM
) -> list[str]:
    """The command, sent a signal by the kernel when this process dies, however that happens.

    setpriv (util-linux) does it between fork and exec, where Python code of a process with threads
    had better not run; on a machine without it the command merely outlives a killed parent.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", stop_signal.name[3:], *command] if setpriv else list(command)


def python(*arguments: str) -> list[str]:
    """The command that runs a module with this interpreter."""
    return [sys.executable, *arguments]


def _describe(returncode: int) -> str:
    if returncode >= 0:
        return f"ended with exit code {returncode}"
    return f"was ended by {signal.Signals(-returncode).name}"
