"""`/admin/imports`: a file goes step by step to its list, and leads see their own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.catalogue import translate
from agent_desk.models.audit import AuditRow
from agent_desk.models.customers import Customer
from agent_desk.models.lists import CustomerList
from agent_desk.services.lists.imports import Upload
from agent_desk.store.lists.import_rows import Row
from agent_desk.store.lists.prepared import prepare
from tests.agent_desk.import_bench import run_worker
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.routes.tokens import OtherSystem
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_rows import SEALER

FILE = "氏名,電話番号,業種\n山田 太郎,090-1234-5678,=1+1\n佐藤,110,小売\n".encode("cp932")
COLUMNS = {"column-0": "name", "column-1": "number", "column-2": "keep"}
PROVENANCE = {
    "source": "基幹システム",
    "basis": "契約の履行",
    "obtained_on": "2026-11-20",
    "scope": "product",
}


def upload(browser: Browser, campaign_id: int, **changed: Any) -> Any:
    form = {
        "file": (io.BytesIO(FILE), "顧客.csv"),
        "list": "十一月",
        "campaign": str(campaign_id),
        **changed,
    }
    sent = {key: value for key, value in form.items() if value is not None}
    return browser.post("/admin/imports", sent, content_type="multipart/form-data")


def text_of(browser: Browser, batch_id: int) -> str:
    return browser.get(f"/admin/imports/{batch_id}").get_data(as_text=True)


def uploaded(desk: SmallDesk) -> tuple[Browser, int]:
    """A file whose head was looked at."""
    browser = signed_in(desk, "lead1")
    upload(browser, desk.campaign_id)
    run_worker(desk)
    return browser, desk.desk.imports.recent()[0].id


def confirming(desk: SmallDesk) -> tuple[Browser, int]:
    """A file that was checked and waits for its provenance."""
    browser, batch_id = uploaded(desk)
    answer = browser.post(f"/admin/imports/{batch_id}/columns", {**COLUMNS, "save_as": "月次"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    run_worker(desk)
    return browser, batch_id


def test_r58_a_file_goes_step_by_step_and_its_provenance_stays(each_desk: SmallDesk) -> None:
    browser, batch_id = confirming(each_desk)
    text = text_of(browser, batch_id)
    assert 'data-count="new">1<' in text and 'data-count="faulty">1<' in text
    assert (
        "09012345678" in text and translate("import.reason.number-emergency", locale="ja") in text
    )

    lacking = browser.post(f"/admin/imports/{batch_id}/start", {**PROVENANCE, "basis": " "})
    assert lacking.status_code == 400
    assert translate("error.basis-needed", locale="ja") in lacking.get_data(as_text=True)
    with each_desk.desk.database.read() as session:
        assert (
            session.scalars(select(CustomerList).where(CustomerList.name == "十一月")).all() == []
        )

    browser.post(f"/admin/imports/{batch_id}/start", PROVENANCE)
    run_worker(each_desk)
    batch = each_desk.desk.imports.batch(batch_id)
    assert (batch.state, batch.added, batch.errors) == ("finished", 1, 1)
    assert (batch.source, batch.lawful_basis) == ("基幹システム", "契約の履行")
    assert str(batch.obtained_on) == "2026-11-20"
    assert "2026/11/20" in text_of(browser, batch_id)
    of_list = browser.get(f"/admin/lists/{batch.list_id}").get_data(as_text=True)
    assert all(each in of_list for each in ("基幹システム", "2026/11/20", "契約の履行"))
    with each_desk.desk.database.read() as session:
        audited = session.scalars(select(AuditRow).where(AuditRow.action.like("list.%"))).all()
        assert [row.action for row in audited] == [
            "list.import.uploaded",
            "list.import.template.saved",
            "list.import.queued",
        ]
        assert "顧客" not in str([row.details for row in audited])


def test_why_nobody_of_a_file_can_be_called_now_is_said_in_words(small_desk: SmallDesk) -> None:
    small_desk.clock.advance(10 * 3600)  # late in the evening
    browser, batch_id = confirming(small_desk)
    text = text_of(browser, batch_id)
    assert 'data-count="callable">0<' in text
    assert f"<dt>{translate('forbidden.R01', locale='ja')}</dt>" in text


def test_b18_customers_come_by_csv_and_over_rest_to_one_record(each_desk: SmallDesk) -> None:
    """Files and `/api/v1`; webhooks and the presets for CRM systems stand on the same services."""
    file = "氏名,電話番号,顧客番号\n山田 太郎,090-1234-5678,C-18\n".encode()
    browser = signed_in(each_desk, "lead1")
    upload(browser, each_desk.campaign_id, file=(io.BytesIO(file), "crm.csv"))
    run_worker(each_desk)
    batch_id = each_desk.desk.imports.recent()[0].id
    columns = {"column-0": "name", "column-1": "number", "column-2": "external_id"}
    browser.post(f"/admin/imports/{batch_id}/columns", columns)
    run_worker(each_desk)
    browser.post(f"/admin/imports/{batch_id}/start", PROVENANCE)
    run_worker(each_desk)
    with each_desk.desk.database.read() as session:
        mine = select(Customer).where(Customer.external_id == "C-18")
        [imported] = session.scalars(mine).all()
    told = {"external_id": "C-18", "name": "山田 太郎", "kana": "ヤマダ タロウ"}
    told |= {"numbers": [{"number": "090-1234-5678"}]}
    other = OtherSystem(each_desk, "customers:write")
    answer = other.post("customers", {"source": imported.source, "customers": [told]})
    [result] = answer.get_json()["results"]
    assert (result["state"], result["customer_id"]) == ("updated", imported.id)


def test_what_the_columns_hold_is_shown_and_asked_for(small_desk: SmallDesk) -> None:
    browser, batch_id = uploaded(small_desk)
    text = text_of(browser, batch_id)
    assert "山田 太郎" in text and '<option value="cp932" selected>' in text
    missing = browser.post(f"/admin/imports/{batch_id}/columns", {**COLUMNS, "column-1": "skip"})
    assert missing.status_code == 400
    assert translate("admin.import.lacks.number", locale="ja") in missing.get_data(as_text=True)
    again = {"encoding": "utf-8-sig", "delimiter": "|"}
    browser.post(f"/admin/imports/{batch_id}/read-again", again)
    run_worker(small_desk)
    batch = small_desk.desk.imports.batch(batch_id)
    assert (batch.encoding, batch.delimiter, len(batch.header)) == ("utf-8-sig", "|", 1)


def test_a_template_maps_the_next_file_of_the_product(small_desk: SmallDesk) -> None:
    browser, first = uploaded(small_desk)
    odd = {"column-0": "name", "column-1": "number", "column-2": "skip"}
    browser.post(f"/admin/imports/{first}/columns", {**odd, "save_as": "月次"})
    other = "業種,電話番号,氏名\n小売,090-1234-5678,山田\n".encode()
    upload(browser, small_desk.campaign_id, file=(io.BytesIO(other), "b.csv"), list="十二月")
    run_worker(small_desk)
    batch = small_desk.desk.imports.recent()[0]
    assert list(batch.mapping) == ["skip", "number", "name"]
    assert "月次" in text_of(browser, batch.id)
    refused = browser.post(f"/admin/imports/{batch.id}/template", {"template": "999"})
    assert refused.status_code == 404

    [template] = small_desk.desk.imports.wizard.templates(batch.campaign_id)
    for status in (303, 404):
        path = f"/admin/imports/{batch.id}/template/remove"
        assert browser.post(path, {"template": str(template.id)}).status_code == status
    assert "月次" not in text_of(browser, batch.id)
    with small_desk.desk.database.read() as session:
        assert "list.import.template.removed" in set(session.scalars(select(AuditRow.action)))


def test_one_import_at_a_time_fills_a_list(small_desk: SmallDesk) -> None:
    browser, first = confirming(small_desk)
    upload(browser, small_desk.campaign_id)
    run_worker(small_desk)
    second = small_desk.desk.imports.recent()[0].id
    browser.post(f"/admin/imports/{second}/columns", COLUMNS)
    run_worker(small_desk)
    assert browser.post(f"/admin/imports/{first}/start", PROVENANCE).status_code == 303
    refused = browser.post(f"/admin/imports/{second}/start", PROVENANCE)
    assert refused.status_code == 409
    assert translate("error.import-running", locale="ja") in refused.get_data(as_text=True)
    run_worker(small_desk)
    assert browser.post(f"/admin/imports/{second}/start", PROVENANCE).status_code == 303


def test_an_import_is_stopped_undone_and_given_up(small_desk: SmallDesk) -> None:
    browser, batch_id = confirming(small_desk)
    browser.post(f"/admin/imports/{batch_id}/start", PROVENANCE)
    assert browser.post(f"/admin/imports/{batch_id}/cancel").status_code == 303
    run_worker(small_desk)
    assert small_desk.desk.imports.batch(batch_id).state == "cancelled"
    assert browser.post(f"/admin/imports/{batch_id}/undo").status_code == 409  # nothing was taken

    _, batch_id = confirming(small_desk)
    browser.post(f"/admin/imports/{batch_id}/start", PROVENANCE)
    run_worker(small_desk)
    assert browser.post(f"/admin/imports/{batch_id}/undo").status_code == 303
    run_worker(small_desk)
    said = translate("admin.import.undone", locale="ja", removed=1, unlisted=0, withdrawn=0)
    assert said in text_of(browser, batch_id)

    _, batch_id = uploaded(small_desk)
    path = small_desk.desk.imports.batch(batch_id).path
    browser.post(f"/admin/imports/{batch_id}/discard")
    assert small_desk.desk.imports.batch(batch_id).state == "cancelled"
    assert not Path(path).exists()


@pytest.mark.parametrize(
    "verb",
    [
        "read-again",
        "template",
        "template/remove",
        "columns",
        "back",
        "start",
        "discard",
        "cancel",
        "undo",
    ],
)
def test_another_teams_import_is_nobodys(small_desk: SmallDesk, verb: str) -> None:
    _, batch_id = uploaded(small_desk)
    other = signed_in(small_desk, "lead2")
    assert other.get(f"/admin/imports/{batch_id}").status_code == 404
    assert other.get(f"/admin/imports/{batch_id}/progress").status_code == 404
    assert other.post(f"/admin/imports/{batch_id}/{verb}", PROVENANCE).status_code == 404
    assert small_desk.desk.imports.batch(batch_id).state == "mapping"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"file": None}, "error.file-needed"),
        ({"list": "  "}, "error.list-needed"),
        ({"campaign": "999"}, "error.campaign-needed"),
        ({"campaign": "x"}, "error.campaign-needed"),
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
    queued(small_desk)
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


def queued(desk: SmallDesk) -> int:
    """An import that runs."""
    wanted = Upload("顧客.csv", FILE, desk.campaign_id, "十一月", "lead1", None, source="基幹")
    return int(desk.desk.imports.create_batch(wanted))


def finished_with_errors(desk: SmallDesk) -> int:
    batch_id = queued(desk)
    imports = desk.desk.imports
    heading = {"encoding": "cp932", "delimiter": ",", "header": ["氏名", "電話番号"], "mapping": []}
    imports.accept_header(batch_id, heading)
    row = prepare(SEALER, Row(2, ("=1+1", "090"), None, "number-malformed"), str)
    imports.accept_rows(batch_id, [row.to_wire()])
    imports.finish(batch_id, rows_total=1)
    return batch_id


def test_refused_rows_come_back_as_a_file_within_scope(small_desk: SmallDesk) -> None:
    batch_id = finished_with_errors(small_desk)
    path = f"/admin/imports/{batch_id}/errors.csv"

    answer = signed_in(small_desk, "lead1").get(path)
    assert answer.content_type == "text/csv; charset=Shift_JIS"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.data.decode("cp932")
    assert text.startswith("氏名,電話番号,")
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
    assert [(each["looks"], each["over"]) for each in waiting] == [("reading", False)]
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
