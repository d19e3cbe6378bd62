"""A third number and a colleague in a call: who hears whom, by tones, and whose call it is then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.browser import LOUD_DBFS, Desk, until
from tests.e2e.customer_ear import after_the_call
from tests.product import COLLECTIONS, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

CUSTOMER = Listed("転送 花子", "09001239520", external_id="TEN-1")
OUTSIDE, OUTSIDE_HZ, CUSTOMER_HZ = "090-0123-9700", 700, 520


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("transfers"))
    product.set_campaign(COLLECTIONS, screening="off")
    product.replace_lists(COLLECTIONS, [CUSTOMER])
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_a_call_is_consulted_on_talked_in_three_and_handed_to_a_colleague(
    product: Product, visit: Callable[..., Desk]
) -> None:
    desk = visit(product)
    desk.sign_in("operator4")
    desk.go_available()
    desk.take_call(CUSTOMER.name)
    desk.wait_heard(CUSTOMER_HZ)

    _keys_are_pressed(desk)
    _a_third_number_by_keyboard(desk)
    until(lambda: only(desk, OUTSIDE_HZ, CUSTOMER_HZ), what="the customer waits with music")
    desk.by("party-mode").click()
    until(lambda: hears(desk, OUTSIDE_HZ) and hears(desk, CUSTOMER_HZ), what="all three")
    desk.by("drop-party").click()
    desk.wait_gone("party")
    until(lambda: only(desk, CUSTOMER_HZ, OUTSIDE_HZ), what="the customer alone")

    colleague = visit(product)
    colleague.sign_in("operator5")
    colleague.go_available()
    _a_colleague_takes_it(desk, colleague)
    colleague.by("hang-up").click()
    colleague.finish_call(away=True)
    ear = after_the_call(product, CUSTOMER.number)
    assert ear.ended_by == "caller"
    assert ear.seconds_with_operator() > 1
    assert product.run("audit").returncode == 0


def hears(desk: Desk, hz: float) -> bool:
    return desk.heard_dbfs(hz) > LOUD_DBFS


def only(desk: Desk, hz: float, not_hz: float) -> bool:
    return hears(desk, hz) and not hears(desk, not_hz)


def _keys_are_pressed(desk: Desk) -> None:
    """Digits typed in the keypad are tones, not statuses."""
    keys = desk.page.keyboard
    keys.press("d")
    desk.wait_shown("keypad-drawer")
    for key in "12#":
        keys.press(key)
    desk.wait_text("keypad-sent", "3")
    assert desk.by("status-contact").get_attribute("aria-pressed") == "false"
    keys.press("Escape")
    desk.wait_gone("keypad-drawer")


def _a_third_number_by_keyboard(desk: Desk) -> None:
    keys = desk.page.keyboard
    keys.press("t")
    keys.type("110")
    keys.press("Enter")
    desk.wait_shown("notices")
    assert desk.by("party-drawer").is_visible(), "a refused number can be mended"
    desk.by("party-drawer").locator("input").fill(OUTSIDE)
    keys.press("Enter")
    desk.wait_gone("party-drawer")
    until(lambda: desk.by("party", state="joined").is_visible(), what="they answered")


def _a_colleague_takes_it(desk: Desk, colleague: Desk) -> None:
    desk.by("open-party").click()
    desk.by("consult-colleague").click()
    colleague.wait_shown("consulted")
    colleague.wait_heard(1000)
    assert colleague.by("go-away").is_disabled()
    until(desk.by("hand-over").is_enabled, what="the colleague is there")
    desk.by("hand-over").click()
    colleague.take_call(CUSTOMER.name)
    colleague.wait_heard(CUSTOMER_HZ)
    desk.wait_state("available")
