"""A shift in collections, by mouse and by keyboard: every press by hand, every sound measured."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.e2e.browser import Desk, until
from tests.e2e.customer_ear import AUDIBLE_DBFS, after_the_call
from tests.product import COLLECTIONS, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

FIRST = Listed("検証 花子", "09001239520", 54_321, external_id="KEN-7781", works_at="青葉商事")
SECOND = Listed("試験 太郎", "09001239210", 11_100)  # hums for 10 s, then hangs up
THIRD = Listed("鍵盤 一", "09001239580", 30_000)
FOURTH = Listed("鍵盤 二", "09001239640")
WRAP_UP_S, EXTENSION_S = 40, 25
HAS_FOCUS = "(wanted) => document.activeElement.matches(wanted)"
# A button that is pressed by keyboard is clicked without a pointer.
COUNT_POINTERS = """addEventListener("pointerdown",
  () => sessionStorage.setItem("pointers", "used"), true)"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("shift"))
    product.set_campaign(
        COLLECTIONS, screening="watch", wrap_up_s=WRAP_UP_S, wrap_up_extension_s=EXTENSION_S
    )
    product.replace_lists(COLLECTIONS, [FIRST, SECOND, THIRD, FOURTH])
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_an_operator_works_a_shift(product: Product, visit: Callable[..., Desk]) -> None:
    desk = visit(product)
    desk.sign_in("operator4")
    desk.wait_state("starting")
    assert desk.by("customer-name").inner_text() == ""
    desk.go_available()  # no other press: the device check has passed by itself

    _first_call_both_hear_each_other(desk)
    _nothing_of_the_debt_before_identity(desk)
    _identity_wrong_then_right(desk)
    _marks_note_and_promise(product, desk)
    _hang_up_and_wrap_up(product, desk)

    # The next call comes by itself; this customer ends it.
    desk.take_call(SECOND.name)
    desk.wait_heard(440)
    desk.wait_state("wrap_up")
    desk.wait_silence()
    ear = after_the_call(product, SECOND.number)
    assert ear.ended_by == "customer"
    assert ear.seconds_with_operator() > 1
    until(lambda: desk.figure("metric-calls") == 2)
    desk.by("go-away").click()
    desk.wait_shown("away-queued")
    desk.finish_call(away=True)

    assert product.run("audit").returncode == 0
    assert _results_of(product, "operator4") == 2
    assert product.open_dialogs() == 0


def test_a24_a_call_is_worked_by_keyboard_alone(
    product: Product, visit: Callable[..., Desk]
) -> None:
    """From the log-in to being away, two calls long, and no pointer ever touches the page.

    The date is told in words (A24): they become a day, which is read back, confirmed and kept.
    """
    _let_the_last_be_called_first(product, 2)
    desk = visit(product)
    desk.page.add_init_script(COUNT_POINTERS)
    keys = desk.page.keyboard
    _sign_in_by_keyboard(product, desk)
    keys.press("w")
    desk.take_call(THIRD.name)

    unheard = [
        _pressed_for_a_second(desk, key, shown) for key, shown in (("m", "mute"), ("h", "hold"))
    ]
    today = product.now().date()
    due = today + timedelta(days=11 - today.weekday())  # the Friday of next week
    _identity_and_promise_by_keyboard(desk, due)
    keys.press("Shift+K")
    desk.wait_state("wrap_up")
    deadline = desk.state()["seat"]["deadline"]
    keys.press("e")
    until(lambda: desk.state()["seat"]["deadline"] > deadline, what="more time")
    keys.press("s")
    desk.take_call(FOURTH.name)
    keys.press("r")
    desk.wait_shown("away-queued")
    keys.press("Shift+K")
    desk.wait_state("wrap_up")
    keys.press("n")
    keys.press("Control+Enter")
    desk.wait_shown("counterpart")
    keys.press("3")  # nobody spoke
    desk.wait_state("away")
    assert desk.page.evaluate("sessionStorage.getItem('pointers')") is None

    saved = product.query("SELECT amount_yen, due_on FROM promises WHERE amount_yen = 15000")
    assert saved == [(15_000, due.isoformat())]
    assert _results_of(product, "operator5") == 2
    ear = after_the_call(product, THIRD.number)
    assert [ear.quietest_dbfs(*while_on) < AUDIBLE_DBFS for while_on in unheard] == [True, True]
    assert ear.seconds_with_operator() > 1


def _sign_in_by_keyboard(product: Product, desk: Desk) -> None:
    keys = desk.page.keyboard
    desk.page.goto(f"{product.url}/login")
    _wait_focus(desk, "[name=username]")
    keys.type("operator5")
    keys.press("Tab")
    _wait_focus(desk, "[name=password]")
    keys.type("demo")
    keys.press("Enter")
    desk.page.wait_for_url("**/desk")
    until(desk.by("go-available").is_enabled)
    keys.press("?")
    desk.wait_text("key-list", "終話")
    keys.press("Escape")
    desk.wait_gone("key-sheet")


def _let_the_last_be_called_first(product: Product, count: int) -> None:
    """So that a test talks to its own customers, whether or not the one before it was run."""
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as database, database:
        database.execute(
            "UPDATE list_entries SET priority = 0 WHERE id IN"
            " (SELECT id FROM list_entries ORDER BY id DESC LIMIT ?)",
            (count,),
        )


def _pressed_for_a_second(desk: Desk, key: str, test_id: str) -> tuple[datetime, datetime]:
    """Press a switch on and off again; from when to when it was certainly on.

    What was said before it was on may arrive a moment later.
    """
    button = desk.by(test_id)
    desk.page.keyboard.press(key)
    until(lambda: button.get_attribute("aria-pressed") == "true")
    began = datetime.now(UTC) + timedelta(seconds=0.4)
    until(lambda: datetime.now(UTC) > began + timedelta(seconds=0.6))
    ended = datetime.now(UTC)
    desk.page.keyboard.press(key)
    until(lambda: button.get_attribute("aria-pressed") == "false")
    return began, ended


def _identity_and_promise_by_keyboard(desk: Desk, due: date) -> None:
    keys = desk.page.keyboard
    keys.press("1")
    desk.wait_pressed("status-contact", True)
    keys.press("3")  # 支払日設定 before 本人確認: the page says why not
    desk.wait_text("notices", "本人確認")
    assert desk.commands("set_promise") == []
    keys.press("i")
    _wait_focus(desk, "[data-testid=identity-answer]")
    keys.type("1971/7/17")
    keys.press("Enter")
    until(lambda: desk.by("identity-state").get_attribute("data-state") == "verified")
    keys.press("p")
    _wait_focus(desk, "[data-testid=payment-date]")
    _tab_to(desk, "[data-testid=payment-amount]")
    keys.type("15000")
    _tab_to(desk, "[data-testid=payment-words]")
    keys.type("来週の金曜")
    until(lambda: desk.by("payment-date").input_value() == due.isoformat())
    until(lambda: desk.by("read-back").get_attribute("data-state") == "asking")
    assert f"{due.month}月{due.day}日" in desk.text("read-back")
    assert "15,000円" in desk.text("read-back")
    keys.press("Enter")
    desk.wait_pressed("status-payment-date", True)
    until(lambda: desk.by("read-back").get_attribute("data-state") == "saved")
    keys.press("Escape")
    keys.press("2")
    desk.wait_pressed("status-valid", True)
    keys.press("n")
    _wait_focus(desk, "[data-testid=note]")
    keys.type("給料日の後に入金 1 2 3")
    desk.wait_note_kept()
    keys.press("Escape")


def _first_call_both_hear_each_other(desk: Desk) -> None:
    desk.take_call(FIRST.name)
    assert desk.text("customer-phone") == "090-••••-9520"
    assert desk.text("number-today").startswith("1")
    desk.wait_heard(520)
    until(lambda: desk.heard_dbfs(520) > desk.heard_dbfs(700) + 20, what="no other tone")
    assert desk.by("media-state").get_attribute("data-state") == "up"


def _nothing_of_the_debt_before_identity(desk: Desk) -> None:
    told = "".join(desk.received) + desk.page.content()
    for secret in ("54321", "54,321", "2026-10-31", FIRST.external_id, FIRST.works_at, "1971"):
        assert secret not in told, secret
    assert FIRST.number not in told and FIRST.number[-8:-4] + "9520" not in told
    assert desk.by("status-payment-date").is_disabled()
    assert desk.by("payment-date").is_disabled()
    call_id = desk.state()["call"]["id"]
    refused = desk.say(
        "set_promise",
        {
            "call_id": call_id,
            "due_on": "2026-12-01",
            "amount_yen": 1,
            "command_id": str(uuid.uuid4()),
        },
    )
    assert refused["error"]["id"] == "identity-needed"
    assert desk.by("identity-state").get_attribute("data-state") == "unknown"


def _identity_wrong_then_right(desk: Desk) -> None:
    desk.by("identity-answer").fill("1971-07-18")
    desk.by("identity-check").click()
    desk.wait_text("identity-hint", "2")
    assert desk.by("identity-state").get_attribute("data-state") == "unknown"
    assert "54,321" not in desk.page.content()
    desk.by("identity-answer").fill("昭和46年7月17日")
    desk.by("identity-check").click()
    until(lambda: desk.by("identity-state").get_attribute("data-state") == "verified")
    desk.wait_text("record-debts", "54,321")
    desk.wait_text("record-fields", FIRST.works_at)
    assert desk.text("customer-phone") == "090-0123-9520"


def _marks_note_and_promise(product: Product, desk: Desk) -> None:
    desk.by("status-contact").click()
    desk.wait_pressed("status-contact", True)
    desk.page.keyboard.press("2")
    desk.wait_pressed("status-valid", True)
    desk.page.keyboard.press("2")
    desk.wait_pressed("status-valid", False)
    desk.page.keyboard.press("2")
    desk.wait_pressed("status-valid", True)

    presses = len(desk.commands("mark_status"))
    desk.by("note").click()
    desk.page.keyboard.type("12時以降 1 2 h K")  # keys of the page, but typed into the note
    desk.wait_note_kept()
    assert len(desk.commands("mark_status")) == presses and desk.seat_state == "talking"
    assert product.query("SELECT count(*) FROM note_drafts") == [(1,)]

    due = product.now().date() + timedelta(days=5)
    desk.by("payment-date").fill(due.isoformat())
    desk.by("payment-amount").fill("20,000")
    until(lambda: desk.by("read-back").get_attribute("data-state") == "asking")
    assert "20,000" in desk.text("read-back")
    assert product.query("SELECT count(*) FROM promises WHERE amount_yen = 20000") == [(0,)]
    desk.by("status-payment-date").click()
    desk.wait_pressed("status-payment-date", True)
    until(lambda: desk.by("read-back").get_attribute("data-state") == "saved")
    saved = product.query("SELECT amount_yen, due_on, state FROM promises WHERE amount_yen = 20000")
    assert saved == [(20_000, due.isoformat(), "open")]


def _hang_up_and_wrap_up(product: Product, desk: Desk) -> None:
    idle = desk.figure("metric-idle")
    pressed_at = datetime.now(UTC)
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")
    left = _seconds_left(desk)
    assert WRAP_UP_S - 10 < left <= WRAP_UP_S
    desk.wait_silence()
    ear = after_the_call(product, FIRST.number)
    assert ear.ended_by == "caller"
    # No echo of its own.
    assert ear.heard_alone(pressed_at - timedelta(seconds=3), pressed_at, but_not=520)
    assert ear.ended_at > pressed_at

    until(lambda: _seconds_left(desk) < left, what="the countdown goes on")
    desk.by("extend-wrap-up").click()
    until(lambda: _seconds_left(desk) > WRAP_UP_S, what="more time")
    wrapped = desk.figure("metric-wrap")
    until(lambda: desk.figure("metric-wrap") > wrapped, what="the wrap-up metric moves")
    assert desk.figure("metric-calls") == 1
    assert desk.figure("metric-idle") == idle  # it stands still outside 待機
    assert idle == _waited_us(product, "operator4") // 1_000_000
    desk.by("note").fill("折り返し 12時以降")
    desk.by("save-result").click()


def _seconds_left(desk: Desk) -> int:
    text = desk.page.locator("[data-part=wrap-up-text]")
    shown = until(lambda: re.search(r"(\d+):(\d\d)", text.inner_text()), what="a countdown")
    return int(shown[1]) * 60 + int(shown[2])


def _waited_us(product: Product, username: str) -> int:
    """How long one operator was available in all, by the moves of the seat: microseconds."""
    moves = product.query(
        "SELECT to_state, at FROM seat_moves JOIN users ON users.id = seat_moves.user_id"
        " WHERE users.username = ? AND 'available' IN (from_state, to_state)"
        " ORDER BY seat_moves.id",
        username,
    )
    assert [to == "available" for to, _ in moves] == [True, False] * (len(moves) // 2)
    waited = sum(-int(at) if to == "available" else int(at) for to, at in moves)
    assert waited > 0
    return waited


def _results_of(product: Product, username: str) -> int:
    """Saved results of one operator."""
    counted = product.query(
        "SELECT count(*) FROM results JOIN users ON users.id = results.user_id"
        " WHERE users.username = ? AND results.recorded = 1",
        username,
    )
    return int(counted[0][0])


def _wait_focus(desk: Desk, selector: str) -> None:
    """Until the keys go where a person expects them to."""
    until(lambda: desk.page.evaluate(HAS_FOCUS, selector), what=f"the focus on {selector}")


def _tab_to(desk: Desk, selector: str) -> None:
    """Press Tab until this has the focus; it takes no more presses than there are stops."""
    for _ in range(20):
        if desk.page.evaluate(HAS_FOCUS, selector):
            return
        desk.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")
