"""What lead, manager and administrator see of an operator's work, and what they do to it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent_desk.catalogue import translate
from tests.e2e.browser import Desk, Visit, until
from tests.product import COLLECTIONS, COLUMNS, SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

CUSTOMER = Listed("面談 一", "09004009520")
BUSY = [Listed(f"話中 {n}", f"0900{n:03d}9001") for n in range(200, 400)]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("offices"))
    product.set_campaign(SALES, mode="progressive", screening="off")
    product.replace_lists(SALES, [CUSTOMER])
    product.set_campaign(COLLECTIONS, mode="progressive", screening="off")
    product.replace_lists(COLLECTIONS, BUSY)
    try:
        product.start_all(worker=True, reports=True)
        yield product
    finally:
        product.stop_all()


def test_lead_and_manager_see_what_the_operator_does(
    product: Product, visit: Callable[..., Visit]
) -> None:
    lead = visit(product, Visit)
    lead.sign_in("lead1")
    panel = lead.page.get_by_label(SALES)
    _wait_why(lead, "no-seats")

    desk = visit(product, Desk)
    desk.sign_in("operator1")
    desk.wait_state("starting")
    _pushed(lead, "starting")
    desk.go_available()
    desk.take_call(CUSTOMER.name)
    _pushed(lead, "talking")
    assert SALES in lead.by("seat-tile", seat="operator1").inner_text()
    desk.by("status-contact").click()
    desk.wait_pressed("status-contact", True)
    desk.by("status-valid").click()
    desk.wait_pressed("status-valid", True)
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")
    _pushed(lead, "wrap_up")
    _wait_why(lead, "no-seat-available")
    desk.by("save-result").click()
    desk.wait_state("available")
    _pushed(lead, "available")
    _wait_why(lead, "no-dialable")
    panel.get_by_test_id("set-paused").click()
    _wait_why(lead, "campaign-paused")

    _logged_out_elsewhere(product, desk)
    until(lead.by("seat-tile", seat="operator1").is_hidden)
    lead.page.context.close()

    manager = visit(product, Visit)
    manager.sign_in("manager1")
    _one_call_in_the_report(manager)


def test_nobody_is_called_between_the_red_stop_and_the_deliberate_resuming(
    product: Product, visit: Callable[..., Visit]
) -> None:
    desk = visit(product, Desk)
    desk.sign_in("operator4")
    desk.go_available()
    _goes_on_calling(product)
    lead = visit(product, Visit)
    lead.sign_in("lead1")
    panel = lead.page.get_by_label(COLLECTIONS)

    until(lambda: lead.by("stop-all").get_attribute("aria-disabled") is None)
    lead.by("stop-all").press("Enter")
    lead.wait_shown("stop-finish")
    lead.page.keyboard.press("Escape")
    lead.wait_gone("stop-finish")
    assert product.query("SELECT running FROM campaigns WHERE name = ?", COLLECTIONS) == [
        ("running",)
    ]
    lead.by("stop-all").press("Enter")
    _second_press(lead, "stop-finish")
    stop = _steered(product, "campaign.stopped")  # durable, and every gateway has said yes
    lead.wait_shown("all-stopped")
    stopped_at = datetime.now(UTC)
    until(lambda: lead.by("stop-all").get_attribute("aria-disabled") == "true")
    assert (stop["actor"], stop["details"]["all"]) == ("lead1", True)
    assert "森 智子" in panel.get_by_test_id("running-by").inner_text()

    panel.get_by_test_id("settings-toggle").click()
    panel.get_by_test_id("campaign-target").fill("2.5")
    panel.get_by_test_id("campaign-screening").select_option("watch")
    panel.get_by_test_id("apply-pacing").click()
    until(lambda: _settings(product) == (0.025, "watch"), what="what was set is kept")

    panel.get_by_test_id("set-running").press("Enter")
    resumed_at = datetime.now(UTC)
    _second_press(lead, "confirm-running")
    _goes_on_calling(product)
    instants = [datetime.fromisoformat(e["at"]) for e in product.carrier_events("invite")]
    assert not [at for at in instants if stopped_at < at < resumed_at]
    assert max(instants) > resumed_at
    desk.page.context.close()


def test_an_administrator_imports_a_list_and_keeps_a_person_out(
    product: Product, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    desk = visit(product, Desk)
    desk.sign_in("operator2")
    desk.wait_state("starting")
    admin = visit(product, Visit)
    admin.sign_in("admin1")
    _import_by_form(admin, tmp_path)

    admin.page.get_by_role("button", name="English").click()
    until(lambda: admin.page.locator("html").get_attribute("lang") == "en")
    until(admin.page.get_by_role("heading", name="Imports", level=1).is_visible)
    admin.page.get_by_role("button", name="日本語").click()
    until(lambda: admin.page.locator("html").get_attribute("lang") == "ja")

    admin.page.goto(f"{admin.url}/admin/users")
    row = admin.by("user-row", user="operator2")
    row.get_by_test_id("toggle-user").click()
    _thrown_out(desk)
    desk.expect_problem("/login")  # Chromium reports the refused log-in as a failed request
    desk.page.fill("input[name=username]", "operator2")
    desk.page.fill("input[name=password]", "demo")
    desk.page.keyboard.press("Enter")
    desk.wait_shown("login-error")
    assert product.run("audit").returncode == 0


def _goes_on_calling(product: Product) -> None:
    before = len(product.carrier_events("invite"))
    until(lambda: len(product.carrier_events("invite")) > before + 3, what="calls are placed")


def _second_press(lead: Visit, choice: str) -> None:
    """Press what has the focus; presses that come too soon after the first one are not taken."""
    lead.wait_shown(choice)

    def gone() -> bool:
        if lead.by(choice).is_visible():
            lead.by(choice).press("Enter")
        return lead.by(choice).is_hidden()

    until(gone, what=f"{choice} is taken")


def _steered(product: Product, action: str) -> dict[str, Any]:
    """The newest audit row of what a lead did."""
    query = "SELECT actor, details FROM audit WHERE action = ? ORDER BY id DESC LIMIT 1"
    actor, details = until(lambda: product.query(query, action), what=action)[0]
    return {"actor": actor, "details": json.loads(details)}


def _settings(product: Product) -> tuple[Any, ...]:
    query = "SELECT abandon_target, screening FROM campaigns WHERE name = ?"
    return product.query(query, COLLECTIONS)[0]


def _logged_out_elsewhere(product: Product, desk: Desk) -> None:
    """The page itself does nothing: its sockets are closed, and the seat with them."""
    token = desk.page.locator("meta[name=csrf-token]").get_attribute("content")
    answer = desk.page.context.request.post(
        f"{product.url}/logout", form={"csrf_token": token or ""}
    )
    assert answer.ok
    _thrown_out(desk)
    moves = product.query("SELECT to_state FROM seat_moves ORDER BY id DESC LIMIT 1")
    assert moves == [("offline",)]


def _one_call_in_the_report(manager: Visit) -> None:
    row = manager.page.locator("[data-testid=agent-row][data-agent=operator1]")
    figures = {
        column: row.locator(f"[data-column={column}]").inner_text()
        for column in ("calls", "contact", "valid", "payment_date")
    }
    assert figures == {"calls": "1", "contact": "1", "valid": "1", "payment_date": "0"}
    steps = manager.by("funnel-step").all()
    counts = {step.get_attribute("data-step"): step.get_attribute("data-count") for step in steps}
    assert (counts["contact"], counts["valid"]) == ("1", "1")
    with manager.page.expect_download() as download:
        manager.by("export-csv").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    mine = dict(zip(rows[0], next(row for row in rows if row[0] == "operator1"), strict=True))
    assert (mine["通話件数"], mine["接触"], mine["有効コール"]) == ("1", "1", "1")


def _import_by_form(admin: Visit, folder: Path) -> None:
    good = Listed("取込 一", "09004019208")
    bad = Listed("番号 不良", "12345")
    path = folder / "取込リスト.csv"
    with path.open("w", encoding="cp932", newline="") as file:
        csv.writer(file).writerows([COLUMNS, good.row, bad.row])
    admin.page.goto(f"{admin.url}/admin/imports")
    form = admin.by("import-form")
    form.locator("input[type=file]").set_input_files(path)
    form.locator("input[name=list]").fill("取込リスト")
    form.locator("select[name=campaign]").select_option(label=SALES)
    admin.by("import-start").click()
    admin.by("import-columns").click()  # as the headings suggest
    origin = admin.by("import-provenance")
    origin.locator("input[name=source]").fill("test")
    origin.locator("input[name=obtained_on]").fill("2026-01-05")
    origin.locator("input[name=basis]").fill("test")
    admin.by("import-run").click()
    batch = admin.by("import-batch").filter(has_text="取込リスト.csv")

    def finished() -> bool:
        admin.page.goto(f"{admin.url}/admin/imports")
        return batch.get_attribute("data-state") == "finished"

    until(finished, what="the worker imports")
    assert [cell.inner_text() for cell in batch.locator(".number").all()] == ["2", "1", "1"]
    with admin.page.expect_download() as download:
        admin.by("error-file").click()
    refused = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("cp932"))))
    assert len(refused) == 2
    assert bad.name in refused[1] and "電話番号の形式が正しくありません" in refused[1]


def _pushed(lead: Visit, state: str) -> None:
    tile = lead.by("seat-tile", seat="operator1")
    until(
        lambda: tile.count() == 1 and tile.get_attribute("data-state") == state,
        what=f"the tile says {state}",
    )


def _wait_why(lead: Visit, code: str) -> None:
    why = lead.page.get_by_label(SALES).get_by_test_id("why-not-dialing")
    until(lambda: why.get_attribute("data-code") == code, what=f"why: {code}")
    assert translate(f"why.{code}", locale="ja") in why.inner_text()


def _thrown_out(desk: Desk) -> None:
    """The desk closes the sockets; the page then goes to the log-in."""
    desk.expect_problem("/tickets")  # Chromium reports the refused ticket as a failed request
    until(_closed_by_the_desk(desk), what="sockets are closed")
    desk.page.wait_for_url(re.compile("/login"))


def _closed_by_the_desk(desk: Desk) -> Callable[[], bool]:
    def closed() -> bool:
        desk.take_in()
        return any(frame.startswith("41/desk") for frame in desk.received[-10:])

    return closed
