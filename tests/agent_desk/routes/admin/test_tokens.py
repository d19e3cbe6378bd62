"""`/admin/tokens` and `/admin/payments`: made and shown once, ended; money from a file."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import insert, select

from agent_desk.catalogue import translate
from agent_desk.models.audit import AuditRow
from agent_desk.models.customers import Customer, Debt
from agent_desk.routes.admin import tokens as tokens_page
from agent_desk.services.api.payment_files import MOST_ROWS
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.routes.tokens import OtherSystem
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store.desk_rows import NOON

SECRET = re.compile(r'id="token-secret"[^>]*value="(ad_[^"]+)"')
FORM = {"name": "基幹システム", "days": "30", "scopes": ["lists:read", "payments:write"]}
HEADER = "顧客番号,入金額,入金日,入金番号,取消\n"


def test_tokens_go_on_page_by_page(small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_page, "PAGE", 2)
    admin, path, seen = signed_in(small_desk, "admin1"), "/admin/tokens", []
    for number in range(3):
        admin.post("/admin/tokens", {**FORM, "name": f"system {number}"})
    while path:
        page = admin.get(path).get_data(as_text=True)
        seen += re.findall(r"<td>(system \d)</td>", page)
        following = re.search(r'href="(/admin/tokens\?before=\d+)"', page)
        path = following[1] if following else ""
    assert seen == ["system 2", "system 1", "system 0"]


def test_a_token_is_shown_once_works_and_is_ended(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    made = admin.post("/admin/tokens", FORM)
    assert made.status_code == 201
    found = SECRET.search(made.get_data(as_text=True))
    assert found is not None
    headers = {"Authorization": f"Bearer {found[1]}"}
    assert small_desk.client().get("/api/v1/lists", headers=headers).status_code == 200

    page = admin.get("/admin/tokens").get_data(as_text=True)
    assert found[1] not in page
    assert "基幹システム" in page
    assert 'data-state="valid"' in page
    assert admin.post("/admin/tokens/1/revoke").status_code == 303
    assert small_desk.client().get("/api/v1/lists", headers=headers).status_code == 401
    assert 'data-state="revoked"' in admin.get("/admin/tokens").get_data(as_text=True)
    assert admin.post("/admin/tokens/1/revoke").status_code == 404


def test_a_form_that_lacks_something_says_so_at_its_field(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    for lacking in ({"name": ""}, {"days": "366"}, {"scopes": []}, {"scopes": ["all"]}):
        answer = admin.post("/admin/tokens", {**FORM, **lacking})
        assert answer.status_code == 400, lacking
        assert 'aria-invalid="true"' in answer.get_data(as_text=True), lacking
        assert SECRET.search(answer.get_data(as_text=True)) is None


def test_tokens_and_payments_are_for_administrators(small_desk: SmallDesk) -> None:
    manager = signed_in(small_desk, "manager1")
    for path in ("/admin/tokens", "/admin/payments"):
        assert manager.get(path).status_code == 403


def owing(desk: SmallDesk, yen: int) -> None:
    """The first customer is known as C-1 and owes."""
    with desk.desk.database.write() as session:
        session.execute(
            Customer.__table__.update().values(external_id="C-1").where(Customer.id == 1)
        )
        session.execute(
            insert(Debt).values(
                customer_id=1,
                product_id=desk.people.centre.product_id,
                external_id="",
                amount_yen=yen,
                created_at=NOON,
            )
        )


def upload(admin: Browser, data: bytes) -> tuple[int, dict[str, int], str]:
    """Status, what was counted, and the page."""
    form = {"file": (io.BytesIO(data), "a.csv"), "source": "bank"}
    answer = admin.post("/admin/payments", form, follow_redirects=True)
    text = answer.get_data(as_text=True)
    counted = re.findall(r'data-testid="payments-(\w+)">(\d+)<', text)
    return answer.status_code, {name: int(count) for name, count in counted}, text


def test_a_file_of_payments_is_entered_row_by_row_and_once(small_desk: SmallDesk) -> None:
    owing(small_desk, 9_000)
    admin = signed_in(small_desk, "admin1")
    rows = (
        'C-1,"3,000円",2026/11/24,P-1,\n'
        "C-1,1000,令和8年11月24日,P-2,\n"
        "C-9,1000,2026-11-24,P-3,\n"
        "C-1,xx,2026-11-24,P-4,\n"
        "C-1,,,P-2,1\n"
    )
    data = (HEADER + rows).encode("cp932")
    status, counted, text = upload(admin, data)
    assert status == 200
    assert counted == {"entered": 2, "reversed": 1, "again": 0, "refused": 2}
    assert re.findall(r'payment-refused"><td class="number">(\d+)', text) == ["4", "5"]
    _, counted, _ = upload(admin, data)
    assert counted == {"entered": 0, "reversed": 0, "again": 2, "refused": 3}
    with small_desk.desk.database.read() as session:
        debt = session.get(Debt, 1)
        assert debt is not None
        assert debt.amount_yen == 6_000


def test_results_of_payments_are_looked_through_by_page_and_taken_along(
    small_desk: SmallDesk,
) -> None:
    owing(small_desk, 9_000)
    admin = signed_in(small_desk, "admin1")
    rows = [f"=C-{number},1000,2026-11-24,P-{number},\n" for number in range(103)]
    _, counted, text = upload(admin, (HEADER + "".join(rows)).encode())
    assert counted["refused"] == 103
    assert text.count('data-testid="payment-refused"') == 100
    link = re.search(r'href="(/admin/payments\?[^"]+)" data-testid="payments-more"', text)
    assert link is not None
    second = admin.get(link[1].replace("&amp;", "&")).get_data(as_text=True)
    found = re.findall(r'payment-refused"><td class="number">(\d+)', second)
    assert (found, "payments-more" in second) == (["102", "103", "104"], False)
    name = link[1].partition("result=")[2].partition("&")[0]
    taken = admin.get(f"/admin/payments/refused.csv?result={name}")
    header, first, *others = csv.reader(io.StringIO(taken.get_data().decode("utf-8-sig")))
    assert header[:-1] == next(csv.reader([HEADER.strip()]))
    assert (first[:2], len(others)) == (["'=C-0", "1000"], 102)
    assert first[-1] == translate("error.customer-unknown", locale="ja")
    other = signed_in(small_desk, "admin1")
    assert other.get(f"/admin/payments?result={name}").status_code == 200, "it is one's own"
    assert admin.get("/admin/payments?result=none").status_code == 404
    with small_desk.desk.database.read() as session:
        actions = session.scalars(select(AuditRow.action)).all()
    assert actions.count("payments.refused.exported") == 1


def test_a_file_that_is_none_is_refused_at_its_field(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    long = HEADER + "C-1,1,2026-11-24,P,\n" * (MOST_ROWS + 1)
    for data, status in (
        (b"", 400),
        (b"\xff\xfe\x00\x01", 400),
        ("氏名,電話番号\n".encode(), 400),
        (long.encode(), 413),
    ):
        found, counted, text = upload(admin, data)
        assert (found, counted) == (status, {}), data[:20]
        assert "payment-file-error" in text


def test_b18_payments_and_calls_pass_by_file_and_over_rest_alike(shift: Shift) -> None:
    """Webhooks and the presets for CRM systems stand on the same services."""
    desk = shift.desk
    owing(desk, 9_000)
    call_id = shift.talk()
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="nobody")
    desk.settle()
    admin, system = signed_in(desk, "admin1"), OtherSystem(desk)
    _, counted, _ = upload(admin, f"{HEADER}C-1,3000,2026-11-24,P-1,\n".encode())
    assert counted["entered"] == 1
    paid = {"customer": "C-1", "amount_yen": 3_000, "paid_on": "2026-11-24"}
    answer = system.post("payments", {**paid, "source": "bank", "payment_id": "P-1"}).get_json()
    assert answer["again"], "the one of the file"
    file = admin.get("/reports/calls.csv").get_data(as_text=True).removeprefix("\ufeff")
    told = system.get("call-history").get_json()["calls"]
    assert {row["id"] for row in told} == {
        row["通話ID"] for row in csv.DictReader(io.StringIO(file))
    }
    [result] = system.get("results").get_json()["results"]
    assert (result["call_id"], result["version"]) == (call_id, 1)
