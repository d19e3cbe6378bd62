"""The process that sends mail, for a test that kills it: `python -m ... <desk> <port> <folder>`.

It hands one mail in, says so, and tells the desk nothing until it is killed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from agent_desk.services.mailing.sending import send
from agent_desk.services.mailing.tries import Ending
from agent_desk.services.mailing.work import MailWork
from agent_desk.services.reports.making import Ground
from agent_desk.services.running.desk_door import DeskDoor
from config_mail import MailServer
from tests.agent_desk.post import plain_report
from tests.fakes.mail_server import FakeMailServer

HANDED_IN = "handed in"


def hand_in(server: MailServer, message: EmailMessage) -> Ending:
    """Send, and never come back."""
    ending = send(server, message)
    print(HANDED_IN, flush=True)
    while ending:
        signal.pause()
    return ending


def main(url: str, port: str, folder: str) -> None:
    """Make one mail and hand it in."""
    unread: Any = None  # a plain report reads nothing
    work = MailWork(
        door=DeskDoor(url, secret_key=os.environ["DESK_SECRET_KEY"], tls_cert=None),
        ground=Ground(database=unread, sealer=unread, facts=unread),
        server=FakeMailServer(int(port)).settings(),
        directory=Path(folder),
        stopping=threading.Event(),
        kinds={"operators": plain_report},
        send=hand_in,
    )
    work.step()


if __name__ == "__main__":
    main(*sys.argv[1:])
