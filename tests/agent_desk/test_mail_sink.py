"""The demo's mail server: every mail is a file, and it is there only where nobody named another."""

from __future__ import annotations

import signal
import smtplib
import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from agent_desk import demo_mail
from agent_desk.supervised_part import python
from config import DeskConfig
from tests.ports import free_tcp_port, free_udp_port
from tests.waiting import START_S, until


def settings(folder: Path, **more: str) -> DeskConfig:
    told = {
        "DESK_DATA_DIR": str(folder),
        "DESK_PORT": str(free_tcp_port()),
        "PRACTICE_CARRIER_PORT": str(free_udp_port()),
    }
    return DeskConfig.from_environ({**told, **more})


def test_it_is_there_for_the_demo_only_and_not_beside_another(tmp_path: Path) -> None:
    found = demo_mail.server(settings(tmp_path))
    assert found is not None
    reached = settings(tmp_path, **found.environ).mail
    assert reached is not None and reached.host == "127.0.0.1"
    assert found.command[-3:] == [str(reached.port), "--folder", str(tmp_path / "mail")]
    named = {"DESK_SMTP_URL": "smtp://relay", "DESK_MAIL_FROM": "desk@example.jp"}
    assert demo_mail.server(settings(tmp_path, **named)) is None
    assert demo_mail.server(settings(tmp_path, SIP_TRUNK="192.0.2.7")) is None


@pytest.mark.processes
def test_a_mail_becomes_a_file(tmp_path: Path) -> None:
    told = demo_mail.server(settings(tmp_path))
    assert told is not None
    port = int(told.command[told.command.index("--port") + 1])
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = "desk@example.jp", "sato@example.jp"
    message["Subject"] = "日次実績"
    message.set_content("本日分です。")
    assert list(told.command[:3]) == python("-m", "agent_desk.mail_sink")
    with subprocess.Popen(list(told.command), stderr=subprocess.PIPE) as process:
        try:
            until(lambda: _handed_in(port, message), within_s=START_S, what="it takes a mail")
            [path] = (tmp_path / "mail").glob("*.eml")
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=START_S)
    assert process.returncode == 0
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"] == "日次実績"
    assert b"example.jp" not in said, "nothing of it is logged"


def _handed_in(port: int, message: EmailMessage) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as smtp:
            smtp.send_message(message)
    except ConnectionRefusedError:
        return False
    return True
