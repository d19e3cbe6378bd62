"""A new operator logs in, practises against the practice carrier, and no figure moves."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.e2e.browser import Desk, Visit, until
from tests.product import COLLECTIONS, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PRETEND = Listed("模擬 花子", "09001239720", external_id="MOG-1")
REAL = Listed("本物 太郎", "09001239540", external_id="HON-1")
PASSWORD = "first-day-9f3c"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("practice"))
    product.replace_lists(COLLECTIONS, [REAL])
    [(team,)] = product.query(
        "SELECT t.name FROM teams t JOIN users u ON u.team_id = t.id WHERE u.username = 'operator4'"
    )
    who = ("trainee", "--name", "新人 一郎", "--role", "operator", "--team", team)
    product.run("create-user", *who, "--password", PASSWORD)
    try:
        product.start_all(worker=True, reports=True)
        yield product
    finally:
        product.stop_all()


def test_a66_a_new_operator_practises_and_nothing_of_it_is_a_figure(
    product: Product, visit: Callable[..., Visit]
) -> None:
    lead = visit(product, Visit)
    lead.sign_in("lead1")
    lead.page.goto(f"{product.url}/admin/training")
    lead.by("training-row").filter(has_text=COLLECTIONS).get_by_test_id("training-prepare").click()
    lead.page.wait_for_load_state()
    _one_pretend_customer(product)

    desk = visit(product, Desk)
    desk.sign_in("trainee", PASSWORD)
    until(desk.by("practice").is_enabled, what="a seat that is free")
    desk.by("practice").click()
    desk.wait_shown("practice-banner")
    desk.go_available()
    desk.take_call(PRETEND.name)
    assert "練習" in desk.page.locator('[data-part="campaign-name"]').inner_text()
    desk.page.keyboard.press("1")
    desk.wait_pressed("status-contact", True)
    desk.page.keyboard.press("r")
    desk.page.keyboard.press("Shift+K")
    desk.wait_state("wrap_up")
    desk.page.keyboard.press("s")
    until(desk.by("counterpart").is_visible, what="who it was")
    desk.page.keyboard.press("1")
    desk.wait_state("away")
    desk.by("practice").click()
    desk.wait_gone("practice-banner")

    assert [desk.figure(f"metric-{name}") for name in ("calls", "talk", "wrap")] == [0, 0, 0]
    assert desk.state()["metrics"]["codes"] == {}
    lead.page.goto(f"{product.url}/reports/calls")
    assert lead.by("practised").count() == lead.by("call-row").count() == 1
    lead.page.goto(f"{product.url}/reports")
    assert (
        lead.by("agent-row", agent="trainee").count() == 0
        or "0" in lead.by("agent-row", agent="trainee").inner_text()
    )
    assert desk.problems == []
    assert product.run("audit").returncode == 0


def _one_pretend_customer(product: Product) -> None:
    """Of the hundred who were made one is left, who answers at once and talks on."""
    practice = "練習：" + COLLECTIONS
    product.replace_lists(practice, [PRETEND])
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as database:
        lists = database.execute(
            "SELECT count(*) FROM campaign_lists WHERE enabled AND campaign_id ="
            " (SELECT id FROM campaigns WHERE name = ?)",
            (practice,),
        ).fetchone()
    assert lists == (1,)
