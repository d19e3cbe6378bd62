"""Imports: who a row means, what is taken once, and the file of what was not."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from agent_desk.catalogue import catalogue
from agent_desk.clock import SystemClock
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Debt, Phone
from agent_desk.models.imports import ImportBatch, Job
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.lists.import_files import open_file
from agent_desk.services.lists.imports import ImportService, Upload
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.lists.prepared import prepare
from agent_desk.store.rules import do_not_call
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, SEALER, Centre, at, small_centre

HEADER = "氏名,フリガナ,電話番号,顧客番号,金額"


@dataclass
class Office:
    """Imports files of lines into a list of a small centre."""

    service: ImportService
    database: Database
    centre: Centre
    batches: list[int] = field(default_factory=list)

    def run(
        self, *lines: str, into: str = "spring list", header: str = HEADER, scope: str = "product"
    ) -> dict[str, int]:
        data = "\n".join((header, *lines)).encode()
        upload = Upload("a.csv", data, self.centre.campaign_id, into, "admin1", None)
        batch_id = self.service.create_batch(upload)
        self.batches.append(batch_id)
        with self.database.write() as session:
            session.get_one(ImportBatch, batch_id).scope = scope
        opened = open_file(data)
        rows = opened.rows(today=date(2026, 11, 24), practice=False)
        found = [prepare(SEALER, row, normalise.name).to_wire() for row in rows]
        told = {"encoding": opened.encoding, "header": list(opened.header), "mapping": []}
        self.service.accept_header(batch_id, told)
        self.service.accept_rows(batch_id, found)
        self.service.accept_rows(batch_id, found)  # a second time: nothing
        self.service.finish(batch_id, rows_total=len(found))
        batch = self.service.batch(batch_id)
        return {
            "added": batch.added,
            "updated": batch.updated,
            "duplicates": batch.duplicates,
            "errors": batch.errors,
        }

    def entries(self) -> dict[tuple[str, str | None], str]:
        """By list and 顧客番号: `ready`, or why an entry is closed."""
        with self.database.read() as session:
            rows = session.execute(
                select(
                    CustomerList.name,
                    Customer.external_id,
                    func.coalesce(ListEntry.closed_reason, ListEntry.state),
                )
                .join(ListEntry, ListEntry.list_id == CustomerList.id)
                .join(Customer, Customer.id == ListEntry.customer_id)
            )
            return {(name, external_id): state for name, external_id, state in rows}

    def reasons(self) -> list[str]:
        with self.database.read() as session:
            rows = import_batches.refused(session, SEALER, self.batches[-1])
        return [row.reason for row in rows]

    def count(self, model: type) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


def counts(added: int = 0, updated: int = 0, duplicates: int = 0, errors: int = 0):
    return {"added": added, "updated": updated, "duplicates": duplicates, "errors": errors}


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    database = Database(database_url)
    with database.write() as session:
        centre = small_centre(session)
    service = ImportService(
        database=database,
        sealer=SEALER,
        commits=DirectDoor(database),
        clock=SystemClock(start=NOON),
        data_dir=tmp_path,
    )
    yield Office(service, database, centre)
    database.close()


def test_rows_become_sealed_customers_on_the_list(office: Office) -> None:
    assert office.run("山田 太郎,ヤマダ タロウ,090-1234-5678,A1,12800") == counts(added=1)
    with office.database.read() as session:
        customer = session.scalars(select(Customer)).one()
        phone = session.scalars(select(Phone)).one()
        assert SEALER.open(customer.name_sealed) == "山田 太郎"
        assert SEALER.open(phone.number_sealed) == "+819012345678"
        assert session.scalars(select(Debt.amount_yen)).all() == [12800]
        assert session.scalars(select(ListEntry.state)).all() == ["ready"]


def test_a_batch_taken_twice_is_taken_once(office: Office) -> None:
    office.run("山田,ヤマダ,090-1234-5678,A1,1", "佐藤,サトウ,090-1234-5679,A2,1")
    assert (office.count(Customer), office.count(ListEntry), office.count(Debt)) == (2, 2, 2)


@pytest.mark.parametrize(
    ("second", "expected", "people"),
    [
        ("山田 太郎,ヤマダタロウ,090-9999-0000,A1,1", counts(updated=1), 1),  # the external id
        ("山田太郎,やまだ たろう,09012345678,,1", counts(updated=1), 1),  # number and kana
        ("山田 花子,ヤマダハナコ,090-1234-5678,,1", counts(added=1), 2),  # a household
        ("山田　太郎,,090-1234-5678,,1", counts(updated=1), 1),  # no kana, the same name
        ("山田 次郎,,090-1234-5678,,1", counts(errors=1), 1),  # cannot be told
        ("山田 太郎,ヤマダタロウ,090-1234-5678,B7,1", counts(errors=1), 1),  # two ids, one person
        ("鈴木 一郎,スズキイチロウ,090-1111-2222,A2,1", counts(added=1), 2),
    ],
)
def test_who_a_row_means_is_never_guessed(
    office: Office, second: str, expected: dict[str, int], people: int
) -> None:
    office.run("山田 太郎,ヤマダ タロウ,090-1234-5678,A1,1")
    with office.database.write() as session:
        session.scalars(select(ListEntry)).one().state = "closed"
    assert office.run(second, into="autumn list") == expected
    assert office.count(Customer) == people
    if expected["errors"]:
        assert office.reasons() == ["customer-uncertain"]


def test_duplicates_in_file_in_list_and_in_campaign_are_told_apart(office: Office) -> None:
    line = "山田 太郎,ヤマダ タロウ,090-1234-5678,A1,1"
    assert office.run(line, line) == counts(added=1, duplicates=1)
    assert office.reasons() == ["duplicate-in-file"]
    assert office.run(line) == counts(duplicates=1)
    assert office.reasons() == ["duplicate-in-list"]
    assert office.run(line, into="autumn list") == counts(duplicates=1)
    assert office.reasons() == ["duplicate-in-product"]


def test_who_must_not_be_called_is_refused(office: Office) -> None:
    with office.database.write() as session:
        do_not_call.add(
            session,
            since=at(),
            reason="refused",
            source="call",
            number_key=SEALER.number_key("+819012345678"),
        )
    assert office.run("山田,ヤマダ,090-1234-5678,A1,1") == counts(errors=1)
    assert office.reasons() == ["do-not-call"]


def test_an_update_adds_numbers_and_replaces_the_amount(office: Office) -> None:
    office.run("山田 太郎,ヤマダ タロウ,090-1234-5678,A1,100")
    with office.database.write() as session:
        session.scalars(select(ListEntry)).one().state = "closed"
    office.run("山田 太郎,ヤマダ タロウ,03-3212-2323,A1,250", into="autumn list")
    with office.database.read() as session:
        phones = session.scalars(select(Phone).order_by(Phone.position)).all()
        assert [(p.position, p.kind) for p in phones] == [(1, "mobile"), (2, "fixed")]
        assert session.scalars(select(Debt.amount_yen)).all() == [250]


def test_a_debt_told_as_none_takes_the_person_off_the_products_lists_and_back(
    office: Office,
) -> None:
    yamada, sato = "山田,ヤマダ,090-1234-5678,A1", "佐藤,サトウ,090-1234-5679,A2"
    office.run(f"{yamada},100", f"{sato},100")
    office.run(f"{yamada},0", "鈴木,スズキ,090-1111-2222,A3,0", into="autumn list", scope="list")
    assert office.entries() == {
        ("spring list", "A1"): "paid",
        ("spring list", "A2"): "ready",
        ("autumn list", "A1"): "paid",
        ("autumn list", "A3"): "paid",
    }
    office.run(f"{yamada},50", "鈴木,スズキ,090-1111-2222,A3,", into="winter list", scope="list")
    assert office.entries() == {
        ("spring list", "A1"): "ready",
        ("spring list", "A2"): "ready",
        ("autumn list", "A1"): "ready",
        ("autumn list", "A3"): "paid",
        ("winter list", "A1"): "ready",
        ("winter list", "A3"): "paid",
    }


def test_who_paid_and_is_told_without_an_amount_is_called_only_for_what_is_no_debt(
    office: Office,
) -> None:
    office.run("山田,ヤマダ,090-1234-5678,A1,0")
    told = "山田,ヤマダ,090-1234-5678,A1,", "佐藤,サトウ,090-1234-5679,A2,"
    office.run(*told, into="autumn list", scope="list")
    with office.database.write() as session:
        session.execute(update(Campaign).values(kind="dormant"))
    office.run(*told, into="winter list", scope="list")
    assert office.entries() == {
        ("spring list", "A1"): "paid",
        ("autumn list", "A1"): "paid",
        ("autumn list", "A2"): "ready",
        ("winter list", "A1"): "ready",
        ("winter list", "A2"): "ready",
    }


def test_who_owes_again_is_on_no_more_lists_of_a_product_than_the_import_allows(
    office: Office,
) -> None:
    office.run("山田,ヤマダ,090-1234-5678,A1,0")
    office.run("山田,ヤマダ,090-1234-5678,A1,50", into="autumn list")
    assert office.entries() == {("spring list", "A1"): "paid", ("autumn list", "A1"): "ready"}


def test_only_lists_of_the_product_the_debt_is_of_follow_it(office: Office) -> None:
    header = f"{HEADER},商品"
    office.run("山田,ヤマダ,090-1234-5678,A1,100")
    office.run(
        "山田,ヤマダ,090-1234-5678,A1,0,別の商品", into="autumn list", header=header, scope="list"
    )
    assert set(office.entries().values()) == {"ready"}


def test_the_error_file_has_the_same_columns_the_reason_and_no_formula(office: Office) -> None:
    office.run(
        "山田,ヤマダ,9012345678,=1+1,5", "山田,ヤマダ,110,A2,5", "佐藤,サトウ,090-1234-5679,,5"
    )
    data = office.service.error_file(office.batches[-1], actor="lead1")
    assert data.startswith(b"\xef\xbb\xbf")
    header, first, second = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert header[:-1] == HEADER.split(",") and "理由" in header[-1]
    assert first[:4] == ["山田", "ヤマダ", "9012345678", "'=1+1"]
    assert "先頭の0" in first[-1].replace(" ", "") and second[-1] != first[-1]


def test_the_upload_is_removed_and_its_job_done_when_the_batch_ends(
    office: Office, tmp_path: Path
) -> None:
    office.run("山田,ヤマダ,090-1234-5678,A1,1")
    assert list((tmp_path / "imports").iterdir()) == []
    with office.database.read() as session:
        assert session.scalars(select(Job.state)).all() == ["done"]
        assert import_batches.queued_jobs(session) == []
    with pytest.raises(ServiceError, match="import-finished"):
        office.service.accept_rows(office.batches[-1], [])


def test_a_file_that_could_not_be_read_fails_with_its_reason(office: Office) -> None:
    upload = Upload("a.csv", b"x", office.centre.campaign_id, "spring list", "admin1", None)
    batch_id = office.service.create_batch(upload)
    office.service.fail(batch_id, "import-header")
    office.service.finish(batch_id, rows_total=1)  # too late
    batch = office.service.recent()[0]
    assert (batch.id, batch.state, batch.error_id) == (batch_id, "failed", "import-header")


def test_a_list_of_another_campaign_is_refused(office: Office) -> None:
    with pytest.raises(ServiceError, match="not-in-scope"):
        office.service.create_batch(Upload("a.csv", b"x", 99, "spring list", "admin1", None))


@pytest.mark.parametrize("rows", [[{}], [1], [{"row_no": 2}], [{}] * 201])
def test_a_delivery_that_is_none_changes_nothing(office: Office, rows: list[object]) -> None:
    upload = Upload("a.csv", b"x", office.centre.campaign_id, "spring list", "admin1", None)
    batch_id = office.service.create_batch(upload)
    with pytest.raises(ServiceError, match="bad-payload"):
        office.service.accept_rows(batch_id, rows)


def test_every_reason_has_words_in_both_languages() -> None:
    sources = [
        Path("agent_desk") / name
        for name in (
            "services/lists/normalise.py",
            "services/lists/import_files.py",
            "store/lists/matching.py",
            "store/lists/importing.py",
        )
    ]
    root = Path(__file__).parents[4]
    text = "".join((root / source).read_text("utf-8") for source in sources)
    pattern = r'(?:BadValue\(|reason=|Refused\(|None, )"([a-z0-9-]+)"'
    reasons = set(re.findall(pattern, text)) | {"duplicate-in-file", "duplicate-in-list"}
    reasons |= {"number-leading-zero", "number-malformed"}
    for locale in ("ja", "en"):
        known = catalogue(locale)
        missing = {reason for reason in reasons if f"import.reason.{reason}" not in known}
        assert not missing, json.dumps(sorted(missing))
