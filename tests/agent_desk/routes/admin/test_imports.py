"""`/admin/imports`: uploads become batches, and leads see their own."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.catalogue import translate
from agent_desk.models.audit import AuditRow
from agent_desk.models.imports import ImportBatch, Job
from agent_desk.models.lists import CustomerList
from agent_desk.store.lists.import_rows import Row
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

FILE = "氏名,電話番号\n山田 太郎,090-0000-0001\n".encode("cp932")


def upload(browser: Browser, campaign_id: int, **changed: Any) -> Any:
    form = {
        "file": (io.BytesIO(FILE), "顧客.csv"),
        "list": "十一月",
        "campaign": str(campaign_id),
        "source": "基幹システム",
        "basis": "契約の履行",
        **changed,
    }
    sent = {key: value for key, value in form.items() if value is not None}
    return browser.post("/admin/imports", sent, content_type="multipart/form-data")


def test_an_upload_becomes_a_batch_a_job_and_a_line_in_the_audit(each_desk: SmallDesk) -> None:
    browser = signed_in(each_desk, "lead1")
    answer = upload(browser, each_desk.campaign_id)
    assert (answer.status_code, answer.location) == (303, "/admin/imports")

    with each_desk.desk.database.read() as session:
        batch = session.scalars(select(ImportBatch)).one()
        assert (batch.state, batch.file_name) == ("queued", "顧客.csv")
        made = session.get(CustomerList, batch.list_id)
        assert made is not None
        assert (made.name, made.source, made.lawful_basis) == (
            "十一月",
            "基幹システム",
            "契約の履行",
        )
        assert session.scalars(select(Job.payload)).one() == {"batch_id": batch.id}
        audited = session.scalars(select(AuditRow).where(AuditRow.action.like("list.%"))).one()
        assert audited.actor == "lead1"
        assert "顧客" not in str(audited.details)
    text = browser.get("/admin/imports").get_data(as_text=True)
    assert "顧客.csv" in text
    assert translate("import_state.queued", locale="ja") in text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"file": None}, "error.file-needed"),
        ({"list": "  "}, "error.list-needed"),
        ({"campaign": "999"}, "error.campaign-needed"),
        ({"campaign": "x"}, "error.campaign-needed"),
        ({"source": ""}, "error.source-needed"),
        ({"basis": ""}, "error.basis-needed"),
        ({"list": "x" * 101}, "error.too-long"),
    ],
)
def test_a_form_that_lacks_something_says_what(
    small_desk: SmallDesk, changed: dict[str, Any], error: str
) -> None:
    answer = upload(signed_in(small_desk, "lead1"), small_desk.campaign_id, **changed)
    assert answer.status_code == 400
    assert translate(error, locale="ja") in answer.get_data(as_text=True)
    assert small_desk.desk.imports.recent() == []


def test_a_lead_imports_into_the_own_campaigns_only(small_desk: SmallDesk) -> None:
    other = small_desk.people.other_campaign_id
    answer = upload(signed_in(small_desk, "lead1"), other)
    assert answer.status_code == 400
    assert upload(signed_in(small_desk, "lead2"), other).status_code == 303


def test_a_list_another_campaign_calls_is_refused_at_its_field(small_desk: SmallDesk) -> None:
    upload(signed_in(small_desk, "lead1"), small_desk.campaign_id)
    answer = upload(signed_in(small_desk, "lead2"), small_desk.people.other_campaign_id)
    assert answer.status_code == 400
    assert translate("error.list-in-use", locale="ja") in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b\\c.csv", "x" * 500 + ".csv"])
def test_the_name_of_a_file_is_never_a_path(small_desk: SmallDesk, name: str) -> None:
    upload(signed_in(small_desk, "lead1"), small_desk.campaign_id, file=(io.BytesIO(FILE), name))
    batch = small_desk.desk.imports.recent()[0]
    assert not {"/", "\\"} & set(batch.file_name)
    assert len(batch.file_name) <= 200
    assert batch.path.startswith(str(small_desk.config.data_dir))


def finished_with_errors(desk: SmallDesk) -> int:
    upload(signed_in(desk, "lead1"), desk.campaign_id)
    imports = desk.desk.imports
    batch_id = imports.recent()[0].id
    imports.accept_header(batch_id, encoding="cp932", header=["氏名", "電話番号"])
    row = Row(2, ("=1+1", "090"), None, "number-malformed")
    imports.accept_rows(batch_id, [row.to_wire()])
    imports.finish(batch_id, rows_total=1)
    return batch_id


def test_refused_rows_come_back_as_a_file_within_scope(small_desk: SmallDesk) -> None:
    batch_id = finished_with_errors(small_desk)
    path = f"/admin/imports/{batch_id}/errors.csv"

    answer = signed_in(small_desk, "lead1").get(path)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff氏名,電話番号,")
    assert "'=1+1" in text

    assert path in signed_in(small_desk, "lead1").get("/admin/imports").get_data(as_text=True)
    assert path not in signed_in(small_desk, "lead2").get("/admin/imports").get_data(as_text=True)
    assert signed_in(small_desk, "lead2").get(path).status_code == 404
    assert signed_in(small_desk, "admin1").get(path).status_code == 200
    assert signed_in(small_desk, "admin1").get("/admin/imports/999/errors.csv").status_code == 404
    with small_desk.desk.database.read() as session:
        query = select(AuditRow.actor, AuditRow.subject)
        query = query.where(AuditRow.action == "list.import.errors.exported")
        assert session.execute(query.order_by(AuditRow.id)).all() == [
            ("lead1", f"import:{batch_id}"),
            ("admin1", f"import:{batch_id}"),
        ]


def test_a_waiting_page_is_told_how_an_import_goes_within_scope(small_desk: SmallDesk) -> None:
    upload(signed_in(small_desk, "lead1"), small_desk.campaign_id)
    browser = signed_in(small_desk, "lead1")
    waiting = browser.get("/admin/imports/progress").get_json()
    assert [(each["looks"], each["over"]) for each in waiting] == [("queued", False)]
    assert signed_in(small_desk, "lead2").get("/admin/imports/progress").get_json() == []
    assert signed_in(small_desk, "operator1").get("/admin/imports/progress").status_code == 403


def test_a_file_nothing_of_which_was_taken_is_no_success(small_desk: SmallDesk) -> None:
    batch_id = finished_with_errors(small_desk)
    browser = signed_in(small_desk, "lead1")
    told = browser.get("/admin/imports/progress").get_json()[0]
    assert (told["looks"], told["accepted"], told["rejected"]) == ("nothing", 0, 1)
    assert told["state"] == translate("import_state.nothing", locale="ja")
    assert told["error_file_url"].endswith(f"/{batch_id}/errors.csv")
    assert 'data-looks="nothing"' in browser.get("/admin/imports").get_data(as_text=True)


def test_a_spreadsheet_is_asked_for_as_csv(small_desk: SmallDesk) -> None:
    sheet = (io.BytesIO(b"PK\x03\x04"), "顧客.XLSX")
    answer = upload(signed_in(small_desk, "lead1"), small_desk.campaign_id, file=sheet)
    assert answer.status_code == 400
    assert translate("error.import-spreadsheet", locale="ja") in answer.get_data(as_text=True)
