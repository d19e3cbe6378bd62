"""How the demo gets its own mail server, where nobody has named one (`mail_sink.py`)."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_desk.supervised_part import python
from config import DeskConfig

PART = "mail-sink"
SENDER = "desk@agent-desk.example"


@dataclass(frozen=True)
class Server:
    """How it is started, and how the other parts reach it."""

    command: Sequence[str]
    environ: Mapping[str, str]


def server(desk: DeskConfig) -> Server | None:
    """With the practice carrier, and without a server of one's own; on a free port, since nobody
    but our own parts speaks with it."""
    if not desk.own_practice_carrier or desk.mail is not None:
        return None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = python("-m", "agent_desk.mail_sink", "--port", str(port))
    command += ["--folder", str(folder(desk))]
    return Server(command, {"DESK_SMTP_URL": f"smtp://127.0.0.1:{port}", "DESK_MAIL_FROM": SENDER})


def folder(desk: DeskConfig) -> Path:
    """Where mails of the demo are written."""
    return desk.data_dir / "mail"
