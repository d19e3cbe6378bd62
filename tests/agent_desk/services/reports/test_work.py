"""A long report that is given up while its file is written leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent_desk.services.reports import files
from agent_desk.services.reports.making import Asked, Column, Ground, Made, Table
from agent_desk.services.reports.requests import JOBS
from agent_desk.services.reports.work import COUNTED, ReportWork
from agent_desk.services.running.desk_door import DeskDoor
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import SEALER

NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)
TOLD = {"kind": "long", "params": {}, "teams": None, "user_id": None, "username": "manager1"}
JOB = {**TOLD, "id": "r1", "form": files.CSV_UTF8, "locale": "ja", "now": NOON.isoformat()}


class Door(DeskDoor):
    """Has one job, which is wanted or not."""

    def __init__(self, *, wanted: bool) -> None:
        super().__init__("http://127.0.0.1:9", secret_key="x" * 16, tls_cert=None)
        self.wanted = wanted
        self.shares: list[float] = []
        self.uploaded: list[str] = []

    def tell(self, path: str, payload: Mapping[str, Any]) -> Any:
        if path.endswith("/next"):
            return {**JOB, "role": "manager"}
        self.shares.append(payload["share"])
        return {"wanted": self.wanted}

    def upload(self, path: str, body: bytes) -> Any:
        self.uploaded.append(path)
        return {"wanted": True}


def long(asked: Asked, ground: Ground) -> Made:
    return Made([Table([Column("calls")], [[1]] * (files.AT_ONCE * 2))], NOON)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_file_is_there_whole_or_not_at_all(
    database: Database, tmp_path: Path, wanted: bool
) -> None:
    door, folder = Door(wanted=wanted), tmp_path / "reports"
    folder.mkdir()
    ground = Ground(database, SEALER, lambda: pytest.fail("not asked for"))
    work = ReportWork(
        door=door,
        ground=ground,
        directory=folder,
        stopping=threading.Event(),
        kinds={"long": long},
    )
    assert work.step("jobs", JOBS)
    assert COUNTED < door.shares[0] < 1.0
    assert ([path.name for path in folder.iterdir()], len(door.uploaded)) == (
        (["r1.csv"], 1) if wanted else ([], 0)
    )
