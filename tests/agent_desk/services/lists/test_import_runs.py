"""Imports that are counted before, interrupted, run beside each other's customers, and undone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Note
from agent_desk.models.imports import ImportRow
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_ground import Provenance, Upload
from agent_desk.services.lists.import_undo import STEP
from agent_desk.services.lists.import_wizard import Choice
from agent_desk.services.lists.import_work import DELIVERY
from agent_desk.services.lists.imports import ImportService
from agent_desk.services.lists.reading_ahead import read_ahead
from agent_desk.services.running.desk_door import DeskAway
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import lists
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.rules import do_not_call
from tests.agent_desk.import_bench import run_worker
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_rows import NOON, SEALER

HEADER = "氏名,フリガナ,電話番号"
MAPPING = ["name", "kana", "number"]


def lines(count: int, first: int = 0) -> list[str]:
    return [f"顧客{n},コキャク,0901{n:07d}" for n in range(first, first + count)]


def file_of(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows)).encode()


class Wizard:
    """Goes through the steps as a person would."""

    def __init__(self, desk: SmallDesk) -> None:
        self.desk = desk
        self.imports: ImportService = desk.desk.imports

    def checked(self, data: bytes, into: str = "十一月") -> BatchRow:
        wanted = Upload("a.csv", data, self.desk.campaign_id, into, "lead1", None)
        batch_id = self.imports.wizard.begin(wanted)
        run_worker(self.desk)
        self.imports.wizard.choose(batch_id, Choice(MAPPING), actor="lead1")
        run_worker(self.desk)
        return self.imports.batch(batch_id)

    def start(self, batch_id: int, scope: str = "product") -> None:
        origin = Provenance("基幹", date(2026, 11, 1), "契約")
        self.imports.wizard.start(batch_id, origin, scope=scope, actor="lead1")

    def taken(self, data: bytes, into: str = "十一月", scope: str = "product") -> BatchRow:
        batch_id = self.checked(data, into).id
        self.start(batch_id, scope)
        run_worker(self.desk)
        return self.imports.batch(batch_id)

    def count(self, model: type) -> int:
        with self.desk.desk.database.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def wizard(small_desk: SmallDesk) -> Wizard:
    return Wizard(small_desk)


def test_the_check_counts_what_the_import_then_does(wizard: Wizard) -> None:
    database = wizard.desk.desk.database
    wizard.taken(file_of(*lines(3)))
    with database.write() as session:
        session.execute(update(Campaign).values(kind="sales"))  # a debt cannot be refused
        for number in ("+819010000005", "+819010000006"):
            do_not_call.add(
                session,
                since=NOON,
                reason="asked",
                source="test",
                number_key=SEALER.number_key(number),
                product_id=None if number.endswith("5") else wizard.desk.people.centre.product_id,
            )
        other = campaigns.add_product(session, "別の商材")
        far = lists.list_id_of(session, "遠い", other, source="基幹", at=NOON)
        known = session.scalar(select(Customer.id).order_by(Customer.id.desc())) or 0
        session.execute(update(ListEntry).where(ListEntry.customer_id == known).values(list_id=far))
    rows = [*lines(8), lines(1, 7)[0], "顧客x,,0901", "別人,ベツ,09010000000", "山田,,09010000001"]
    found = wizard.checked(file_of(*rows), into="十二月").findings
    assert (found["rows"], found["new"], found["known"]) == (12, 4, 0)
    assert found["reasons"] == {
        "customer-uncertain": 1,
        "do-not-call": 1,
        "duplicate-in-file": 1,
        "duplicate-in-product": 2,
        "duplicate-in-system": 1,
        "number-malformed": 1,
        "refused-before": 1,
    }
    assert found["judged"] == 4 and found["callable"] + sum(found["blocked"].values()) >= 4


def test_scopes_of_duplicates_let_people_onto_further_lists(wizard: Wizard) -> None:
    wizard.taken(file_of(*lines(2)))
    assert wizard.taken(file_of(*lines(2)), into="十二月").duplicates == 2
    assert wizard.taken(file_of(*lines(2)), into="一月", scope="list").updated == 2
    assert wizard.taken(file_of(*lines(2)), into="一月", scope="list").duplicates == 2


def test_f36_a_worker_killed_between_deliveries_goes_on_without_double_rows(
    wizard: Wizard,
) -> None:
    rows = 2 * DELIVERY + 50
    batch_id = wizard.checked(file_of(*lines(rows))).id
    wizard.start(batch_id)
    with pytest.raises(DeskAway):
        run_worker(wizard.desk, die_at=2)
    assert wizard.imports.batch(batch_id).rows_done == DELIVERY
    run_worker(wizard.desk)
    batch = wizard.imports.batch(batch_id)
    assert (batch.state, batch.added, batch.rows_done) == ("finished", rows, rows)
    assert wizard.count(ImportRow) == rows
    assert not Path(batch.path).exists()


def test_undoing_takes_back_what_nobody_has_to_do_with(wizard: Wizard) -> None:
    before = wizard.count(Customer)
    wizard.taken(file_of(*lines(1)))
    batch = wizard.taken(file_of(*lines(STEP + 9)), into="十二月", scope="list")
    assert (batch.added, batch.updated) == (STEP + 8, 1)
    with wizard.desk.desk.database.write() as session:
        entries = select(ListEntry).where(ListEntry.list_id == batch.list_id)
        first, noted, called, *_ = session.scalars(entries.order_by(ListEntry.id)).all()
        note = Note(customer_id=noted.customer_id, text_sealed=SEALER.seal("x"), at=NOON)
        session.add(note)
        called.state = "leased"
    wizard.imports.undo.begin(batch.id, actor="lead1")
    run_worker(wizard.desk)
    undone = wizard.imports.undo.counts(batch.id)
    assert (undone.removed, undone.unlisted, undone.withdrawn) == (STEP + 6, 2, 1)
    assert wizard.count(Customer) == before + 3
    assert wizard.imports.batch(batch.id).state == "undone"
    with pytest.raises(ServiceError, match="import-step"):
        wizard.imports.undo.begin(batch.id, actor="lead1")
    with wizard.desk.desk.database.read() as session:
        left = session.scalars(entries).all()
        assert [(entry.state, entry.closed_reason) for entry in left] == [("leased", "withdrawn")]


def test_an_undone_file_can_be_imported_again(wizard: Wizard) -> None:
    batch = wizard.taken(file_of(*lines(5)))
    wizard.imports.undo.begin(batch.id, actor="lead1")
    run_worker(wizard.desk)
    assert wizard.taken(file_of(*lines(5))).added == 5


def test_a_wizard_nobody_comes_back_to_ends_and_its_file_goes(wizard: Wizard) -> None:
    batch = wizard.checked(file_of(*lines(1)))
    assert "顧客0" not in Path(batch.path).read_bytes().decode("utf-8", "ignore")
    assert wizard.imports.wizard.expire() == 0
    wizard.desk.clock.advance(timedelta(days=8).total_seconds())
    assert wizard.imports.wizard.expire() == 1
    ended = wizard.imports.batch(batch.id)
    assert (ended.state, ended.error_id) == ("failed", "import-expired")
    assert not Path(batch.path).exists() and wizard.imports.wizard.sample(batch.id) == {}
    with wizard.desk.desk.database.read() as session:
        assert session.scalar(select(CustomerList.id).where(CustomerList.name == "十一月")) is None


def test_r58_nothing_is_imported_from_the_future_or_without_a_day(wizard: Wizard) -> None:
    batch = wizard.checked(file_of(*lines(1)))
    for day, error in ((date(2999, 1, 1), "obtained-later"), (None, "bad-payload")):
        with pytest.raises(ServiceError, match=error):
            wizard.imports.wizard.start(
                batch.id, Provenance("基幹", day, "契約"), scope="product", actor="lead1"
            )


def test_reading_ahead_keeps_the_order_and_passes_on_what_went_wrong() -> None:
    assert list(read_ahead(iter(range(9)), depth=2)) == list(range(9))

    def failing() -> Iterator[int]:
        yield 1
        raise ServiceError("import-empty")

    pieces = read_ahead(failing())
    assert next(pieces) == 1
    with pytest.raises(ServiceError, match="import-empty"):
        next(pieces)
    endless = read_ahead(iter(int, 1))
    next(endless)
    endless.close()  # type: ignore[attr-defined]
    assert not [each for each in threading.enumerate() if "work" in each.name]
