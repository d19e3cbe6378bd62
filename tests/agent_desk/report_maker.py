"""The process that makes reports, as threads of the test: the product's own work, and its own
door to the desk without a network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from flask import Flask

from agent_desk.desk import worker_key
from agent_desk.services.reports.fact_keeping import FactKeeper
from agent_desk.services.reports.making import Ground
from agent_desk.services.reports.work import ReportWork
from agent_desk.services.running.desk_door import DeskAway, DeskDoor, DeskRefused
from agent_desk.store.facts.reading import Facts
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import DeskConfig


class NearDoor(DeskDoor):
    """Asks the desk's routes within this process."""

    def __init__(self, app: Flask, secret_key: str) -> None:
        super().__init__("http://desk", secret_key=secret_key, tls_cert=None)
        self._app = app
        self._headers = {"Authorization": f"Bearer {worker_key(secret_key)}"}

    def _ask(self, path: str, body: bytes | None, *, content_type: str) -> bytes:
        with self._app.test_client() as client:
            answer = client.post(path, data=body, headers=self._headers, content_type=content_type)
            if answer.status_code >= 500:
                raise DeskAway(f"the desk answered {answer.status_code}")
            if answer.status_code >= 400:
                raise DeskRefused(answer.get_json()["error"]["id"])
            return answer.get_data()


class ReportMaker:
    """Makes what a small desk is asked, until stopped."""

    def __init__(self, app: Flask, config: DeskConfig, now: Callable[[], datetime]) -> None:
        self._stopping = threading.Event()
        self._database = Database(config.database_url, readonly=True)
        sealer = Sealer.of_keys(config.data_keys, config.index_key)
        self._keeper = FactKeeper(
            config.data_dir / "facts",
            database=self._database,
            sealer=sealer,
            now=now,
            stopping=self._stopping,
        )
        self._one_writer = threading.Lock()
        self.ground = Ground(database=self._database, sealer=sealer, facts=self._facts)
        self.work = ReportWork(
            door=NearDoor(app, config.secret_key),
            ground=self.ground,
            directory=config.data_dir / "reports",
            stopping=self._stopping,
        )
        self._threads = self.work.start()

    def _facts(self) -> Facts:
        """All that is in the rows at this moment: a test does not wait for the next pass."""
        with self._one_writer:
            self._keeper.writer().catch_up()
            return self._keeper.facts()

    def tell_to_stop(self) -> None:
        """Fetch nothing more; the desk lets go of who waits at its door."""
        self._stopping.set()

    def wait(self) -> None:
        """Until every thread has ended."""
        for thread in self._threads:
            thread.join(10)
        self._database.close()
