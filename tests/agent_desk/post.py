"""A small desk that sends mail: the product's own work, to a server of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from agent_desk.services.mailing.work import MailWork
from agent_desk.services.reports.kinds import KINDS
from agent_desk.services.reports.making import TEXT, Asked, Column, Ground, Made, Maker, Table
from agent_desk.store.people import users
from agent_desk.store.reports import deliveries
from agent_desk.store.reports.deliveries import DeliveryRow
from tests.agent_desk.report_maker import NearDoor
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk
from tests.fakes.mail_server import SENDER, FakeMailServer, mail_server

NUMBERS = (Column("customer_number", TEXT), Column("name", TEXT))


def plain_report(asked: Asked, ground: Ground) -> Made:
    """One line, quickly made; a number with leading zeros, and a character CP932 does not have."""
    return Made((Table(NUMBERS, [("00123", "髙橋🙂")]),), as_of=asked.now)


class Killed(Exception):
    """The process ends here, and nothing it has not told is ever told."""


class DyingDoor(NearDoor):
    """The door of a process that is killed before it tells how a try ended."""

    def tell(self, path: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        if path.endswith("/ended"):
            raise Killed
        return super().tell(path, payload)


@dataclass
class Post:
    """A desk, and where its mail goes."""

    desk: SmallDesk
    server: FakeMailServer

    def address(self, *people: str) -> None:
        """Give them one, which is their username at example.jp."""
        with self.desk.desk.database.write() as session:
            for name in people:
                users.set_mail(session, self.desk.people.users[name], f"{name}@example.jp")

    def keep(self, browser: Browser, name: str = "日次実績", period: str = "yesterday") -> int:
        """Save the report of operators; its id."""
        told = {"name": name, "period": period}
        answer = browser.post("/reports/operators/save?from=2026-11-24&to=2026-11-24", told)
        assert answer.status_code == 303
        return int(answer.headers["Location"].rpartition("-")[2])

    def form(self, *people: str, **told: Any) -> dict[str, Any]:
        """What is typed: every day at 18:00, a plain CSV, to these people."""
        ids = [str(self.desk.people.users[each]) for each in people]
        usual = {"often": "daily", "weekday": "0", "day_of_month": "1", "time": "18:00"}
        return {**usual, "form": "csv", "recipients": ids, **told}

    def schedule(self, who: str, *people: str, period: str = "yesterday", **told: Any) -> int:
        """Have a report sent, by the page; the schedule's id."""
        browser = signed_in(self.desk, who)
        saved_id = self.keep(browser, period=period)
        made = browser.post(f"/reports/schedules/new/{saved_id}", self.form(*people, **told))
        assert made.status_code == 303, made.get_data(as_text=True)
        rows, _ = self.desk.desk.reports.schedules.mine(self.desk.person(who))
        return max(row.id for row in rows)

    def work(
        self, *, kinds: Mapping[str, Maker] | None = None, door: type[NearDoor] = NearDoor
    ) -> MailWork:
        """The process that sends, without its thread."""
        self.desk.make_reports()
        return MailWork(
            door=door(self.desk.app, self.desk.config.secret_key),
            ground=self.desk.report_maker().ground,
            server=self.server.settings(sender=SENDER),
            directory=self.desk.config.data_dir / "reports",
            stopping=threading.Event(),
            kinds=kinds or {**KINDS, "operators": plain_report},
        )

    def deliver(self, **options: Any) -> int:
        """Send all that is due; how many tries there were."""
        work, tries = self.work(**options), 0
        while work.step():
            tries += 1
        return tries

    def until(self, instant: datetime) -> None:
        """Let time pass up to an instant."""
        self.desk.clock.advance((instant - self.desk.clock.now()).total_seconds())

    def rows(self, schedule_id: int) -> list[DeliveryRow]:
        """What became of its mails, the newest first."""
        with self.desk.desk.database.read() as session:
            return deliveries.of_schedule(session, schedule_id, limit=100)


SETTINGS = {"DESK_SMTP_URL": "smtp://127.0.0.1:25", "DESK_MAIL_FROM": SENDER}


@contextmanager
def posting(database_url: str, folder: Path) -> Iterator[Post]:
    """Of people in charge all but the auditor have an address."""
    with mail_server() as server:
        desk = SmallDesk(database_url, folder, settings=SETTINGS)
        made = Post(desk, server)
        made.address("lead1", "lead2", "manager1", "compliance1", "admin1")
        yield made
        desk.stop()
