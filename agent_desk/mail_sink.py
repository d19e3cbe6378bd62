"""The demo's mail server: takes every mail, sends none, and writes each as a file to be opened.

`python -m agent_desk.mail_sink --port 2525 --folder data/mail`; on loopback only. A process of its
own, beside the desk as the practice carrier is: the product cannot tell it from a real server.
"""

from __future__ import annotations

import argparse
import itertools
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

LARGEST = 32 * 1024 * 1024
KEPT = 500  # the oldest are deleted


class Folder:
    """What the server does with mails. Nothing of them is logged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """One mail. It is there whole or not at all."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{next(self._numbers):04d}.eml"
        part = self._folder / f".{name}.part"
        part.write_bytes(envelope.content)
        part.rename(self._folder / name)
        for old in sorted(self._folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return "250 written"


def main(arguments: Sequence[str]) -> int:
    """Take mails until SIGTERM or Ctrl-C; the exit code for the shell."""
    parser = argparse.ArgumentParser(prog="python -m agent_desk.mail_sink", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="TCP port on 127.0.0.1")
    parser.add_argument("--folder", type=Path, required=True, help="where mails are written")
    told = parser.parse_args(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server = Controller(
        Folder(told.folder), hostname="127.0.0.1", port=told.port, data_size_limit=LARGEST
    )
    server.start()
    stopping.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
