"""The worker's part of an import done at once, through the desk's own routes without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agent_desk.desk import worker_key
from agent_desk.services.lists.import_work import ImportWork
from agent_desk.services.running.desk_door import DeskAway, DeskDoor, DeskRefused
from agent_desk.store.lists import batches
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_rows import SEALER


class DoorToRoutes(DeskDoor):
    """Asks the application itself; `die_at` is the delivery at which the worker is killed."""

    def __init__(self, desk: SmallDesk, die_at: int = 0) -> None:
        super().__init__("http://127.0.0.1:9", secret_key="x" * 16, tls_cert=None)
        self._client = desk.client()
        self._headers = {"Authorization": f"Bearer {worker_key(desk.config.secret_key)}"}
        self.die_at = die_at
        self.deliveries = 0

    def post(self, path: str, payload: Mapping[str, Any]) -> bytes:
        self.deliveries += path.endswith("/rows")
        if self.deliveries == self.die_at and path.endswith("/rows"):
            raise DeskAway("killed")
        answer = self._client.post(path, json=dict(payload), headers=self._headers)
        if answer.status_code >= 400:
            told = json.loads(answer.data)["error"]
            raise DeskRefused(told["id"], **told["details"])
        return bytes(answer.data)


def run_worker(desk: SmallDesk, *, die_at: int = 0) -> None:
    """Do what is queued for the worker at this moment."""
    reading = Database(desk.config.database_url, readonly=True)
    work = ImportWork(
        database=reading,
        sealer=SEALER,
        door=DoorToRoutes(desk, die_at),
        now=desk.clock.now,
        practice=True,
        stopping=lambda: False,
    )
    with reading.read() as session:
        jobs = batches.queued_jobs(session)
    try:
        for job in jobs:
            work.do(int(job.payload["batch_id"]))
    finally:
        reading.close()
