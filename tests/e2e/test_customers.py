"""Customers at the pages of an administrator and a compliance officer: looked up, their data handed
out, erased or kept, called no more, and what they paid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator
from sqlalchemy import insert, update

from agent_desk.dialer.business_time import business_date
from agent_desk.models.customers import Customer, Debt
from agent_desk.services.lists.import_direct import import_file
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk
from tests.agent_desk.store.desk_rows import NOON, SEALER
from tests.e2e.browser import Visit
from tests.e2e.small_product import open_page, served

pytestmark = [pytest.mark.browser]

House = tuple[SmallDesk, Any]
CSV = {"mimeType": "text/csv"}
PEOPLE = (
    "氏名,フリガナ,電話番号,顧客番号\n"
    "青木 春香,アオキ ハルカ,090-3110-1101,A-1\n"
    "青山 誠,アオヤマ マコト,090-3110-1102,A-2\n"
)
PAYMENTS = "顧客番号,入金額,入金日,入金番号,取消\n"
CALLED, OWING, FREE = 1, 2, 3  # customers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Somebody was called today, somebody owes, and of the others nothing is known."""
    with served(tmp_path_factory.mktemp("customers"), kind="sales") as (desk, product):
        shift = Shift.begin(desk)
        call_id = shift.talk()
        shift.page.do("check_identity", call_id=call_id, answer=BORN)
        shift.end(call_id)
        shift.page.do("save_result", call_id=call_id, note="")
        desk.settle()
        with desk.desk.database.write() as session:
            session.execute(update(Customer).where(Customer.id == OWING).values(external_id="C-2"))
            owed = {"product_id": desk.people.centre.product_id, "external_id": ""}
            session.execute(
                insert(Debt).values(customer_id=OWING, amount_yen=9_000, created_at=NOON, **owed)
            )
        _import(desk)
        yield desk, product


def _import(desk: SmallDesk) -> None:
    """People with readings: what an import writes of somebody is what a search finds."""
    file = desk.config.data_dir / "people.csv"
    file.write_text(PEOPLE, "utf-8")
    import_file(
        desk.desk.database,
        SEALER,
        file,
        campaign="spring",
        list_name="十一月",
        data_dir=desk.config.data_dir,
        practice=True,
        now=desk.clock.now(),
    )


@pytest.fixture
def at(house: House, visit: Callable[..., Any]) -> Callable[[str, str], Visit]:
    """Somebody signed in opens a page."""
    return lambda username, path: open_page(house[0], visit(house[1], Visit), username, path)


def search(someone: Visit, **typed: str) -> Locator:
    """Look for customers; the rows that were found."""
    someone.page.goto(f"{someone.url}/admin/customers")
    for name, text in typed.items():
        someone.page.fill(f"#search-{name}", text)
    someone.page.keyboard.press("Enter")
    someone.by("found-count").or_(someone.by("search-refused")).wait_for()
    assert someone.page.url == f"{someone.url}/admin/customers"  # nothing of it in the address
    return someone.by("customer-row")


def test_customers_are_looked_up_by_what_is_at_hand(at: Callable[[str, str], Visit]) -> None:
    lead = at("lead1", "/admin/customers")
    assert search(lead, name="青").count() == 2
    assert search(lead, name="青木").get_attribute("data-customer") is not None
    assert "…1102" in search(lead, kana="アオヤ").inner_text()
    assert "青木 春香" in search(lead, last4="1101").inner_text()
    assert search(lead, number="09031101102").count() == 1
    assert search(lead, external_id="A-1").count() == 1
    assert search(lead, number="03-3333-4444").count() == 0
    assert lead.page.locator("td.empty-text").is_visible()
    lead.expect_problem("/admin/customers")  # Chromium reports the refusal
    assert search(lead, kana="ア").count() == 0
    assert lead.by("search-refused").is_visible()  # too little to tell people apart


def test_a_person_is_handed_their_data_and_erased_once_nothing_binds_it(
    at: Callable[[str, str], Visit],
) -> None:
    admin = at("admin1", f"/admin/customers/{FREE}")
    with admin.page.expect_download() as download:
        admin.by("customer-export").click()
    assert "山田 太郎" in Path(download.value.path()).read_text("utf-8-sig")
    for customer, reason in ((CALLED, "発信"), (OWING, "債務")):
        admin.page.goto(f"{admin.url}/admin/customers/{customer}")
        assert reason in admin.text("erase-bound")
        assert not admin.by("customer-erase").is_visible()
    admin.page.goto(f"{admin.url}/admin/customers/{FREE}")
    admin.expect_problem("/erase")
    admin.page.fill("#erase-confirm", "9")
    admin.by("customer-erase").click()
    admin.by("erase-refused").wait_for()  # another number than the customer's
    admin.page.fill("#erase-confirm", str(FREE))
    admin.by("customer-erase").click()
    admin.by("erased-at").wait_for()
    assert "山田" not in admin.text("customer-record")


def test_b17_do_not_call_is_entered_with_its_end_taken_from_a_file_handed_out_and_lifted(
    at: Callable[[str, str], Visit], house: House
) -> None:
    officer = at("compliance1", "/admin/do-not-call")
    page = officer.page
    today = business_date(house[0].clock.now())
    officer.expect_problem("/admin/do-not-call")
    page.fill("#block-number", "090-1234-5678")
    page.fill("#block-reason", "本人から電話")
    page.select_option("#block-basis", "temporary")
    page.fill("#block-last_day", (today - timedelta(days=1)).isoformat())
    officer.by("block-add").click()
    page.locator("#block-last_day-error").wait_for()
    assert page.input_value("#block-reason") == "本人から電話"  # nothing typed is lost
    page.fill("#block-last_day", (today + timedelta(days=7)).isoformat())
    officer.by("block-add").click()
    row = officer.by("block-row")
    row.wait_for()
    assert "一時的な停止" in row.inner_text()
    rows = "電話番号,理由\n03-1111-2222,申し出\n12,短い\n"
    file = {**CSV, "name": "拒否.csv", "buffer": rows.encode("cp932")}
    page.set_input_files("#block-file", file)
    page.locator('[data-testid="block-file-form"] button').click()
    officer.by("blocks-refused").wait_for()
    assert "1" in officer.text("blocks-taken")
    page.goto(f"{officer.url}/admin/do-not-call")
    assert row.count() == 2
    with page.expect_download() as download:
        officer.by("block-export").click()
    handed_out = Path(download.value.path()).read_text("utf-8-sig")
    assert {"0311112222", "本人から電話"} <= set(handed_out.replace("\n", ",").split(","))
    row.filter(has_text="一時的な停止").get_by_test_id("block-lift").click()
    page.wait_for_load_state()
    assert row.count() == 1


def test_payments_come_from_a_file_and_its_refused_rows_are_taken_along(
    at: Callable[[str, str], Visit], house: House
) -> None:
    admin = at("admin1", "/admin/payments")
    today = business_date(house[0].clock.now()).isoformat()
    rows = f"C-2,3000,{today},P-1,\nC-9,1000,{today},P-2,\n"
    file = {**CSV, "name": "入金.csv", "buffer": (PAYMENTS + rows).encode()}
    for entered, again in (("1", "0"), ("0", "1")):  # the same file twice is one payment
        admin.page.set_input_files("#payment-file", file)
        admin.page.fill("#payment-source", "銀行振込")
        admin.by("payments-enter").click()
        admin.by("payments-done").wait_for()
        assert (admin.text("payments-entered"), admin.text("payments-again")) == (entered, again)
    with admin.page.expect_download() as download:
        admin.by("payments-refused-file").click()
    taken_along = Path(download.value.path()).read_text("utf-8-sig")
    assert "C-9" in taken_along
    assert "C-2" not in taken_along
