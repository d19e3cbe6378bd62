"""The worker: files read apart from the desk, rows delivered, crashes survived."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent_desk.clock import SystemClock
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.lists.import_files import FileShape
from agent_desk.services.lists.import_work import DELIVERY
from agent_desk.services.lists.imports import ImportService, Upload
from agent_desk.services.running.desk_door import DeskAway, DeskDoor, DeskRefused
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from agent_desk.worker_jobs import Worker
from config import DeskConfig
from tests.agent_desk.store.desk_rows import NOON, small_centre


class DoorToService(DeskDoor):
    """The desk's routes without HTTP; may be told to be away at the n-th delivery."""

    def __init__(self, service: ImportService) -> None:
        super().__init__("http://127.0.0.1:9", secret_key="x" * 16, tls_cert=None)
        self.service = service
        self.deliveries: list[int] = []
        self.away_at = 0

    def post(self, path: str, payload: Mapping[str, Any]) -> bytes:
        _, _, _, batch, *verb = path.split("/")
        try:
            answer = getattr(self, verb[0])(int(batch), payload) if verb else None
        except ServiceError as refused:
            raise DeskRefused(refused.error_id) from None
        return json.dumps(answer or {}).encode()

    def inspected(self, batch_id: int, told: Mapping[str, Any]) -> None:
        shape = FileShape(**{**told["shape"], "sheets": tuple(told["shape"]["sheets"])})
        self.service.wizard.inspected(batch_id, shape, told["header"], told["rows"])

    def checked(self, batch_id: int, told: Mapping[str, Any]) -> None:
        self.service.wizard.checked(batch_id, told["findings"], told["rows"])

    def header(self, batch_id: int, told: Mapping[str, Any]) -> None:
        self.service.accept_header(batch_id, told)

    def rows(self, batch_id: int, payload: Mapping[str, Any]) -> None:
        if len(self.deliveries) + 1 == self.away_at:
            self.away_at = 0
            raise DeskAway("killed")
        self.deliveries.append(len(payload["rows"]))
        self.service.accept_rows(batch_id, payload["rows"])

    def finish(self, batch_id: int, payload: Mapping[str, Any]) -> None:
        self.service.finish(batch_id, rows_total=payload["rows_total"])

    def fail(self, batch_id: int, payload: Mapping[str, Any]) -> None:
        self.service.fail(batch_id, payload["error_id"])

    def undo(self, batch_id: int, payload: Mapping[str, Any]) -> dict[str, bool]:
        return {"left": self.service.undo.step(batch_id)}


class Bench:
    """A worker, a desk's service behind a door, and a campaign to import into."""

    def __init__(self, url: str, data_dir: Path) -> None:
        environ = {"DESK_DATA_DIR": str(data_dir), "DESK_DATABASE_URL": url}
        self.database = Database(url)
        with self.database.write() as session:
            self.centre = small_centre(session)
        config = DeskConfig.from_environ(environ)
        self.service = ImportService(
            database=self.database,
            sealer=Sealer.of_keys(config.data_keys, config.index_key),
            commits=DirectDoor(self.database),
            clock=SystemClock(start=NOON),
            data_dir=data_dir,
        )
        self.door = DoorToService(self.service)
        self.reading = Database(url, readonly=True)
        self.worker = Worker(
            config=config,
            database=self.reading,
            door=self.door,
            stopping=threading.Event(),
        )

    def upload(self, data: bytes) -> int:
        upload = Upload("a.csv", data, self.centre.campaign_id, "spring list", "admin1", None)
        return self.service.create_batch(upload)

    def batch(self, batch_id: int) -> BatchRow:
        return self.service.batch(batch_id)


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(database_url, tmp_path / "data")
    yield made
    made.reading.close()
    made.database.close()


def file_of(rows: int) -> bytes:
    lines = [f"顧客{n},コキャク,090-0777-{n:04d}" for n in range(rows)]
    return "\n".join(("氏名,フリガナ,電話番号", *lines)).encode("cp932")


def test_a_queued_file_is_read_and_delivered_in_small_parts(bench: Bench) -> None:
    rows = DELIVERY + 20
    batch_id = bench.upload(file_of(rows))
    assert bench.worker.do_queued() == 1
    batch = bench.batch(batch_id)
    assert (batch.state, batch.encoding, batch.rows_total, batch.added) == (
        "finished",
        "cp932",
        rows,
        rows,
    )
    assert bench.door.deliveries == [DELIVERY, 20]
    assert bench.worker.do_queued() == 0


def test_a_job_interrupted_by_a_desk_that_went_away_is_begun_again_and_taken_once(
    bench: Bench,
) -> None:
    rows = DELIVERY + 20
    batch_id = bench.upload(file_of(rows))
    bench.door.away_at = 2
    with pytest.raises(DeskAway):
        bench.worker.do_queued()
    assert bench.batch(batch_id).added == DELIVERY
    assert bench.worker.do_queued() == 1
    assert (bench.batch(batch_id).added, bench.batch(batch_id).duplicates) == (rows, 0)


def test_a_file_that_is_none_fails_with_its_reason(bench: Bench) -> None:
    wrong = bench.upload("住所\n東京".encode())
    bench.worker.do_queued()
    assert bench.batch(wrong).error_id == "import-header"
    with pytest.raises(ServiceError, match="import-empty"):
        bench.upload(b"")


def test_an_upload_that_is_gone_fails_its_batch(bench: Bench) -> None:
    batch_id = bench.upload(file_of(1))
    Path(bench.batch(batch_id).path).unlink()
    bench.worker.do_queued()
    assert bench.batch(batch_id).state == "failed"


def test_a_desk_that_does_not_listen_is_away() -> None:
    door = DeskDoor("http://127.0.0.1:9", secret_key="x" * 16, tls_cert=None)
    with pytest.raises(DeskAway):
        door.get("/internal/imports/1")
