"""Music while one waits, keys that are heard, a third number, a colleague: by tones, all of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.browser import LOUD_DBFS, Desk, until
from tests.e2e.customer_ear import AUDIBLE_DBFS, after_the_call
from tests.product import COLLECTIONS, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PASSED_ON = Listed("保留 一郎", "09001239640", external_id="HOR-1")
CUSTOMER = Listed("転送 花子", "09001239520", external_id="TEN-1")
OUTSIDE, OUTSIDE_HZ, CUSTOMER_HZ = "090-0123-9700", 700, 520
PASSED_ON_HZ = 640
# Hums, and hangs up 6 s after it has answered.
OFFICE, OFFICE_HZ = "090-0123-9206", 440
HELD_S = 2.5


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("transfers"))
    product.set_campaign(COLLECTIONS, screening="off", after_wrap_up="available")
    product.replace_lists(COLLECTIONS, [PASSED_ON, CUSTOMER])
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
    desk.take_call(PASSED_ON.name)
    desk.wait_heard(PASSED_ON_HZ)
    held = _held_with_music(desk)
    _keys_are_pressed(product, desk)
    _passed_on_unasked(product, desk, held)
    desk.finish_call(away=False)
    desk.take_call(CUSTOMER.name)
    desk.wait_heard(CUSTOMER_HZ)

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


def keys_heard(product: Product) -> str:
    """By all customers, in the carrier's own account."""
    return "".join(each["key"] for each in product.carrier_events("key"))


def _held_with_music(desk: Desk) -> tuple[datetime, datetime]:
    """The operator hears nothing, and is heard by nobody; from when to when."""
    desk.page.keyboard.press("h")
    desk.wait_state("hold")
    desk.wait_silence()
    begun, since = datetime.now(UTC), time.monotonic()
    until(lambda: time.monotonic() - since > HELD_S, what="music for a while")
    assert desk.by("hold").get_attribute("aria-pressed") == "true"
    ended = datetime.now(UTC)
    desk.page.keyboard.press("h")
    desk.wait_state("talking")
    desk.wait_heard(PASSED_ON_HZ)
    return begun, ended


def _passed_on_unasked(product: Product, desk: Desk, held: tuple[datetime, datetime]) -> None:
    """The operator is free as soon as it is asked for; customer and office talk without him."""
    desk.page.keyboard.press("t")
    desk.by("party-number").fill(OFFICE)
    desk.by("transfer-number").click()
    desk.wait_state("wrap_up")
    ear = after_the_call(product, PASSED_ON.number)
    assert ear.ended_by == "caller"
    passed_on = "SELECT 1 FROM audit WHERE action = 'call.handed-over'"
    assert len(product.query(passed_on)) == 1
    assert ear.waited_with_music(*held)
    last = ear.ended_at - timedelta(seconds=3)
    assert ear.dbfs(last, OFFICE_HZ) > AUDIBLE_DBFS >= ear.dbfs(last)


def _keys_are_pressed(product: Product, desk: Desk) -> None:
    """Digits typed in the keypad are keys the customer hears, not statuses."""
    keys = desk.page.keyboard
    keys.press("d")
    desk.wait_shown("keypad-drawer")
    for key in "12#":
        keys.press(key)
    desk.wait_text("keypad-sent", "3")
    until(lambda: keys_heard(product) == "12#", what=lambda: f"12#, is {keys_heard(product)}")
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
