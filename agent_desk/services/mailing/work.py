"""Reports made and sent by mail, beside the desk, in the process that makes reports.

One thread, one mail after the other: it asks the desk's internal door for the next, makes the
report in the scope its recipient has, hands the mail in and tells the desk how that ended. Who is
killed in between has told nothing: the next process to ask says by its `boot` that it is another
one, and the desk has the mail sent once more, under the same Message-ID. How a mail ended is told
until the desk has heard it, or a desk that was away for a moment would have it sent again.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.mailing.messages import Letter, written
from agent_desk.services.mailing.sending import send
from agent_desk.services.mailing.tries import TRY_LATER, TRY_REFUSED, Ending
from agent_desk.services.reports import files
from agent_desk.services.reports.kinds import KINDS
from agent_desk.services.reports.making import Asked, Cancelled, Ground, Made, Maker
from agent_desk.services.reports.run_log import days_of
from agent_desk.services.reports.work import asked_of
from agent_desk.services.running.desk_door import DeskAway, DeskDoor, DeskRefused
from agent_desk.store.unit_of_work import DatabaseBusy
from config_mail import MailServer

log = logging.getLogger(__name__)

POLL_S = 5.0
DESK_AWAY_S = 5.0
# Half again as much on its way. Servers take 10 to 35 MB.
MOST_BYTES = 10_000_000
UNREADY, BROKEN, TOO_LARGE = "report-unready", "report-broken", "too-large"
_MAY_PASS = ("report-unready", "report-busy")

Send = Callable[[MailServer, EmailMessage], Ending]


class MailWork:
    """Sends what the desk hands out until told to stop."""

    def __init__(
        self,
        *,
        door: DeskDoor,
        ground: Ground,
        server: MailServer,
        directory: Path,
        stopping: threading.Event,
        kinds: Mapping[str, Maker] = KINDS,
        send: Send = send,
    ) -> None:
        """`directory` takes a report's file for as long as it is put into a mail."""
        self._door = door
        self._ground = ground
        self._server = server
        self._directory = directory
        self._stopping = stopping
        self._kinds = kinds
        self._send = send
        self._boot = secrets.token_urlsafe(8)
        self._untold: tuple[str, dict[str, Any]] | None = None

    def start(self) -> threading.Thread:
        """Work in a thread of its own."""
        self._directory.mkdir(parents=True, exist_ok=True)
        thread = threading.Thread(target=self.serve, name="mail", daemon=True)
        thread.start()
        return thread

    def serve(self) -> None:
        """Fetch and send, one after the other."""
        while not self._stopping.is_set():
            try:
                if not self.step():
                    self._stopping.wait(POLL_S)
            except (DeskAway, DeskRefused) as away:
                log.info("no mail: %s", away)
                self._stopping.wait(DESK_AWAY_S)
            except Cancelled:
                return
            except Exception:  # boundary: one bad mail must not end the process
                log.exception("a mail failed")
                self._stopping.wait(DESK_AWAY_S)

    def step(self) -> bool:
        """Send one mail, if there is one."""
        self._tell_ending()
        told = self._door.tell("/internal/mail/next", {"boot": self._boot})
        if not told:
            return False
        asked = asked_of(told["asked"])
        answer: dict[str, Any] = {"tries": told["tries"], "kind": asked.kind}
        answer["started_at"] = asked.now.isoformat()
        ending, made = self._sent(told, asked)
        if made is not None:
            answer |= {"rows": made.row_count, "as_of": made.as_of.isoformat()}
        answer |= {"result": ending.result, "reason": ending.reason, "code": ending.smtp_code}
        self._untold = (f"/internal/mail/{int(told['id'])}/ended", answer)
        self._tell_ending()
        return True

    def _tell_ending(self) -> None:
        if self._untold is None:
            return
        try:
            self._door.tell(*self._untold)
        except DeskRefused:
            self._untold = None  # nor would it be taken the next time
            raise
        self._untold = None

    def _sent(self, told: Mapping[str, Any], asked: Asked) -> tuple[Ending, Made | None]:
        try:
            made, file, replaced = self._made(asked, str(told["form"]))
        except ServiceError as refused:
            passes = refused.error_id in _MAY_PASS
            return Ending(TRY_LATER, UNREADY) if passes else Ending(TRY_REFUSED, BROKEN), None
        except DatabaseBusy:
            return Ending(TRY_LATER, UNREADY), None
        except Cancelled:
            raise
        except Exception:  # boundary: it is said of this mail, and the next one has its turn
            log.exception("the report %s failed", asked.kind)
            return Ending(TRY_LATER, BROKEN), None
        if len(file) > MOST_BYTES:
            return Ending(TRY_REFUSED, TOO_LARGE), made
        letter = self._letter(told, asked, made, replaced)
        return self._send(self._server, written(letter, file)), made

    def _made(self, asked: Asked, form: str) -> tuple[Made, bytes, int]:
        """The report and its file, with how many characters that has no place for."""
        maker = self._kinds.get(asked.kind)
        if maker is None:
            raise ServiceError("report-unknown")
        made = maker(asked, replace(self._ground, tell=self._tell))
        path = self._directory / f"mail-{secrets.token_urlsafe(8)}.{files.EXTENSIONS[form]}"
        try:
            replaced = files.write(made, asked, form, path)
            return made, path.read_bytes(), replaced
        finally:
            path.unlink(missing_ok=True)

    def _letter(self, told: Mapping[str, Any], asked: Asked, made: Made, replaced: int) -> Letter:
        return Letter(
            sender=self._server.sender,
            address=str(told["address"]),
            message_id=str(told["message_id"]),
            sent_at=datetime.now(UTC),
            locale=asked.locale,
            name=str(told["name"]),
            page=str(told["page"]),
            owner=str(told["owner"]),
            days=_days(asked),
            all_teams=asked.teams is None,
            as_of=made.as_of,
            form=str(told["form"]),
            replaced=replaced,
        )

    def _tell(self, share: float, words: str, **values: object) -> None:
        """Nobody watches it being made; a process that is leaving lets it be."""
        if self._stopping.is_set():
            raise Cancelled


def _days(asked: Asked) -> tuple[date, date] | None:
    first, last = days_of(asked.params)
    return None if first is None or last is None else (first, last)
