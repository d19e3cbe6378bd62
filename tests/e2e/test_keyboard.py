"""A whole call without touching the mouse, from the log-in to the next customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.e2e.browser import Desk, until
from tests.product import COLLECTIONS, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

FIRST = Listed("鍵盤 一", "09005009520", 30_000)
SECOND = Listed("鍵盤 二", "09005009580")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("keyboard"))
    product.set_campaign(COLLECTIONS, wrap_up_s=60)
    product.replace_lists(COLLECTIONS, [FIRST, SECOND])
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_a_call_is_worked_by_keyboard_alone(product: Product, visit: Callable[..., Desk]) -> None:
    desk = visit(product)
    keys = desk.page.keyboard
    desk.page.goto(f"{product.url}/login")
    keys.type("operator4")  # the first field has the focus
    keys.press("Tab")
    keys.type("demo")
    keys.press("Enter")
    desk.page.wait_for_url("**/desk")
    until(desk.by("go-available").is_enabled, within_s=10)
    keys.press("w")
    desk.take_call(FIRST.name)

    keys.press("m")
    until(lambda: desk.by("mute").get_attribute("aria-pressed") == "true")
    keys.press("m")
    until(lambda: desk.by("mute").get_attribute("aria-pressed") == "false")
    keys.press("h")
    desk.wait_state("hold")
    keys.press("h")
    desk.wait_state("talking")

    keys.press("1")
    desk.wait_pressed("status-contact", True)
    keys.press("3")  # 支払日設定 before 本人確認: the page says why not
    desk.wait_shown("notices")
    assert desk.commands("set_promise") == []
    keys.press("i")
    keys.type("1971/7/17")
    keys.press("Enter")
    until(lambda: desk.by("identity-state").get_attribute("data-state") == "verified")

    due = product.now().date() + timedelta(days=7)
    keys.press("p")
    _tab_to(desk, f'[data-part=common-dates] [data-key="{due.isoformat()}"]')
    keys.press("Enter")
    until(lambda: desk.by("payment-date").input_value() == due.isoformat())
    _tab_to(desk, "[data-testid=payment-amount]")
    keys.type("15000")
    keys.press("Enter")
    desk.wait_pressed("status-payment-date", True)
    keys.press("Escape")
    keys.press("2")
    desk.wait_pressed("status-valid", True)
    keys.press("n")
    keys.type("給料日の後に入金 1 2 3")
    desk.wait_note_kept()
    keys.press("Escape")

    keys.press("Shift+K")
    desk.wait_state("wrap_up")
    deadline = desk.state()["seat"]["deadline"]
    keys.press("e")
    until(lambda: desk.state()["seat"]["deadline"] > deadline, what="more time")
    keys.press("s")
    desk.take_call(SECOND.name)
    keys.press("r")
    desk.wait_shown("away-queued")
    keys.press("Shift+K")
    desk.wait_state("wrap_up")
    keys.press("n")
    keys.press("Control+Enter")
    desk.wait_state("away")

    saved = product.query("SELECT amount_yen, due_on FROM promises WHERE amount_yen = 15000")
    assert saved == [(15_000, due.isoformat())]
    assert product.query("SELECT count(*) FROM results WHERE recorded = 1") == [(2,)]


def _tab_to(desk: Desk, selector: str) -> None:
    """Press Tab until this has the focus; it takes no more presses than there are stops."""
    for _ in range(20):
        if desk.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        desk.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")
