"""F09: an operator reloads the page in the middle of a talk, again and again, in Chromium."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.browser import Desk, chromium, person
from tests.e2e.customer_ear import after_the_call, is_alive
from tests.product import SALES, Listed, Product
from tests.waiting import PATIENCE_S

CUSTOMER = Listed("再読 込人", "09002009520")
CUSTOMER_HZ = 520
NOTE = "途中までの記録"
BACK_WITHIN_S = PATIENCE_S  # of a busy machine; what is promised is in benchmarks/faults.py


def reload_rounds(folder: Path, *, rounds: int) -> list[float]:
    """Seconds from each reload until the operator hears the same customer again.

    Asserts that the call lives, that the note is there after each reload, that the customer heard
    the operator after the last one, and that the auditor finds nothing.
    """
    product = Product(folder, environ={"GATEWAY_LAG_LIMIT_MS": "2000"})
    product.prepare()
    product.set_campaign(SALES, mode="progressive", screening="off", bridge_within_s=8.0)
    product.replace_lists(SALES, [CUSTOMER])
    try:
        product.start_all()
        with sync_playwright() as playwright, chromium(playwright, folder / "browser") as browser:
            context = person(browser)
            desk = Desk(context.new_page(), product.url)
            desk.sign_in("operator1")
            desk.go_available()
            desk.take_call(CUSTOMER.name)
            desk.wait_heard(CUSTOMER_HZ)
            desk.by("note").fill(NOTE)
            desk.wait_note_kept()
            seconds = [_reload(product, desk) for _ in range(rounds)]
            desk.finish_call(away=True)
            assert desk.problems == []
            context.close()
        ear = after_the_call(product, CUSTOMER.number)
        assert ear.seconds_with_operator() > 0
        assert product.run("audit").returncode == 0
        return seconds
    finally:
        product.stop_all()


def _reload(product: Product, desk: Desk) -> float:
    began = time.monotonic()
    desk.page.reload()
    desk.take_call(CUSTOMER.name, within_s=BACK_WITHIN_S)
    desk.wait_heard(CUSTOMER_HZ, within_s=BACK_WITHIN_S)
    took_s = time.monotonic() - began
    assert desk.by("note").input_value() == NOTE
    assert is_alive(product, CUSTOMER.number)
    return took_s
