"""What goes wrong in the middle of a call: the talk goes on, and nothing typed is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.browser import Desk, until
from tests.e2e.customer_ear import AUDIBLE_DBFS, after_the_call, is_alive
from tests.product import SALES, Listed, Product
from tests.waiting import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# Each is a tone of its own, told by the last three digits, until the operator hangs up.
CUSTOMERS = [
    Listed(name, f"0900200{9000 + hz}")
    for name, hz in (
        *(("壱岐 一", 520), ("弐宮 二", 580), ("参田 三", 640)),
        *(("四谷 四", 700), ("五島 五", 760), ("六角 六", 820)),
        *(("七尾 七", 450), ("八木 八", 880)),
    )
]
LISTENED = timedelta(seconds=1)
STARVED_SHARE = 0.5  # what a browser on a busy machine may swallow; on an idle one it is none


RELOADS = int(os.environ.get("RELOADS", "2"))
HIDDEN_S = float(os.environ.get("HIDDEN_S", "4"))

# What a browser does to a tab nobody looks at: it says so, and timers fire on whole seconds only.
# (Headless Chromium shows every tab.)
COARSE_TIMERS = """
  const soon = globalThis.setTimeout.bind(globalThis);
  let hidden = false;
  globalThis.setTimeout = (work, ms = 0, ...rest) => soon(
    work, hidden ? Math.ceil((Date.now() + ms) / 1000) * 1000 - Date.now() : ms, ...rest);
  Object.defineProperty(document, "hidden", { get: () => hidden });
  Object.defineProperty(
    document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  globalThis.lookAway = (away) => {
    hidden = away;
    document.dispatchEvent(new Event("visibilitychange"));
  };
"""


def hertz(customer: Listed) -> int:
    return int(customer.number[-3:])


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("interruptions"))
    product.set_campaign(SALES, mode="progressive", wrap_up_s=120, screening="off")
    product.replace_lists(SALES, CUSTOMERS)
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


@pytest.fixture
def desk(product: Product, visit: Callable[..., Desk]) -> Iterator[Desk]:
    """An operator with a customer on the line; away after the test, however it went."""
    desk = visit(product)
    desk.sign_in("operator1")
    desk.go_available()
    desk.wait_state("talking")
    yield desk
    if desk.seat_state != "away":
        desk.finish_call(away=True)


def test_away_during_a_talk_waits_for_the_result_and_can_be_cancelled(
    product: Product, desk: Desk
) -> None:
    desk.by("away-reason").select_option("meeting")
    desk.by("go-away").click()
    desk.wait_shown("away-queued")
    assert desk.seat_state == "talking"
    desk.by("cancel-away").click()
    desk.wait_gone("away-queued")
    desk.by("go-away").click()
    desk.wait_shown("away-queued")
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")
    assert desk.by("away-queued").is_visible()
    desk.by("save-result").click()
    desk.wait_state("away")
    assert desk.by("away-queued").is_hidden()
    assert product.query("SELECT reason FROM seat_moves ORDER BY id DESC LIMIT 1") == [("meeting",)]


def test_f09_a_reload_comes_back_to_the_live_call(product: Product, desk: Desk) -> None:
    """Two are enough here; as often as you like: RELOADS=100 make test ARGS="-k f09"."""
    customer = desk.take_next(CUSTOMERS)
    desk.wait_heard(hertz(customer))
    desk.by("status-contact").click()
    desk.by("note").fill("途中まで")
    for _ in range(RELOADS):
        desk.page.reload()
        desk.take_call(customer.name)
        desk.wait_heard(hertz(customer))
        assert desk.by("note").input_value() == "途中まで"
        assert desk.by("status-contact").get_attribute("aria-pressed") == "true"
    assert is_alive(product, customer.number)
    desk.wait_note_kept()
    heard_at = datetime.now(UTC)
    until(lambda: datetime.now(UTC) - heard_at > LISTENED)
    desk.finish_call(away=True)

    ear = after_the_call(product, customer.number)
    assert ear.loudest_dbfs(heard_at, ear.ended_at) > AUDIBLE_DBFS, "the operator is heard again"


def test_a_silent_network_is_shown_and_what_was_pressed_arrives_once(
    product: Product, desk: Desk
) -> None:
    customer = desk.take_next(CUSTOMERS)
    call_id = desk.state()["call"]["id"]
    product.freeze("desk")
    try:
        desk.wait_shown("link-lost")
        desk.by("note").fill("切れている間の記録")
        desk.by("status-contact").click()
        desk.by("status-valid").click()
        desk.wait_text("link-lost", "3")  # what has not been sent is counted
        desk.wait_heard(hertz(customer))
    finally:
        product.thaw("desk")
    desk.wait_gone("link-lost")
    desk.wait_note_kept()
    assert desk.by("note").input_value() == "切れている間の記録"
    marks = product.query("SELECT code, marked FROM status_marks WHERE call_id = ?", call_id)
    assert sorted(marks) == [("contact", 1), ("valid", 1)]
    assert is_alive(product, customer.number)
    desk.finish_call(away=True)


def test_f10_the_newest_tab_has_the_call_and_the_old_one_can_take_it_back(
    product: Product, desk: Desk
) -> None:
    customer = desk.take_next(CUSTOMERS)
    tab = desk.another_tab()
    tab.take_call(customer.name)
    tab.wait_heard(hertz(customer))
    desk.wait_shown("taken-over")
    desk.wait_silence()
    sent = len(desk.sent)
    desk.page.keyboard.press("1")
    assert (
        len(desk.sent) == sent and tab.by("status-contact").get_attribute("aria-pressed") == "false"
    )

    desk.by("take-back").click()
    desk.wait_gone("taken-over")
    desk.take_call(customer.name)
    desk.wait_heard(hertz(customer))
    tab.wait_shown("taken-over")
    assert is_alive(product, customer.number)
    desk.page.keyboard.press("1")
    desk.wait_pressed("status-contact", True)
    desk.finish_call(away=True)
    assert tab.problems == []


def test_f11_a_tab_nobody_looks_at_stays_ready_and_shows_the_next_customer(
    product: Product, desk: Desk
) -> None:
    """For as long as you like: HIDDEN_S=600 make test ARGS="-k f11"."""
    first = desk.take_next(CUSTOMERS)
    desk.page.add_init_script(COARSE_TIMERS)
    desk.page.reload()
    desk.take_call(first.name)
    desk.page.evaluate("lookAway(true)")
    hidden_at = datetime.now(UTC)
    until(
        lambda: datetime.now(UTC) - hidden_at > timedelta(seconds=HIDDEN_S),
        within_s=HIDDEN_S + PATIENCE_S,
    )
    assert desk.seat_state == "talking"
    desk.wait_heard(hertz(first))
    desk.finish_call(away=False)
    following = desk.take_next([each for each in CUSTOMERS if each != first])
    desk.page.evaluate("lookAway(false)")
    desk.wait_heard(hertz(following))
    assert product.query("SELECT id FROM seat_moves WHERE reason = 'lagged'") == []
    desk.finish_call(away=True)


def test_a_talk_survives_the_death_of_the_desk(product: Product, desk: Desk) -> None:
    customer = desk.take_next(CUSTOMERS)
    desk.wait_heard(hertz(customer))
    desk.by("note").fill("再起動の前")
    desk.wait_note_kept()
    killed_at = datetime.now(UTC)
    product.kill("desk")
    desk.wait_shown("link-lost")
    desk.by("status-valid").click()
    desk.wait_heard(hertz(customer))
    product.start("desk")
    product.wait_ready()
    desk.wait_gone("link-lost")
    assert desk.seat_state == "talking" and desk.by("note").input_value() == "再起動の前"
    desk.wait_pressed("status-valid", True)
    desk.wait_heard(hertz(customer))
    ended_at = datetime.now(UTC)
    desk.finish_call(away=True)

    ear = after_the_call(product, customer.number)
    without_desk_s = (ended_at - killed_at).total_seconds()
    assert ear.seconds_without_operator(killed_at, ended_at) < STARVED_SHARE * without_desk_s
    marks = product.query("SELECT code FROM status_marks ORDER BY id DESC LIMIT 1")
    assert marks == [("valid",)]
    assert product.run("audit").returncode == 0
