"""The operator's record: a required field, a correction, a callback kept, the call heard again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from agent_desk.services.running.day_figures import JST
from tests.e2e.browser import Desk, Visit, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

FIRST = Listed("記録 花子", "09001239520", external_id="KIROKU-1")
SECOND = Listed("手動 次郎", "09001239580", external_id="KIROKU-2")
OPERATOR = "佐々木 翔太"
DUE_IN = timedelta(minutes=25)
# The page keeps its audio element to itself; the test wants to know what it really does.
KEEP_AUDIO = """
const Native = Audio;
window.Audio = function () { return (window.__audio = new Native()); };
"""


CALLBACKS = """
SELECT state, name FROM callbacks LEFT JOIN users ON users.id = user_id WHERE cause = 'asked'
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("record"))
    product.replace_lists(SALES, [FIRST, SECOND])
    product.set_campaign(SALES, mode="preview", wrap_up_s=600, screening="off")
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as database, database:
        database.execute(
            "INSERT INTO record_fields (campaign_id, name, access, required, position)"
            " SELECT id, '職業', 'editable', 1, 1 FROM campaigns WHERE name = ?",
            (SALES,),
        )
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_the_record_is_kept_corrected_and_called_from_by_keyboard(
    product: Product, visit: Callable[..., Visit]
) -> None:
    desk = visit(product, Desk)
    desk.page.add_init_script(KEEP_AUDIO)
    desk.sign_in("operator1")
    desk.go_available()
    _a_call_by_hand(desk, FIRST.number)
    desk.take_call(FIRST.name)
    due = _anybody_may_call_back(product, desk)
    _a_required_field_holds_the_result(desk)
    _todays_call_is_corrected(desk)
    _the_callback_is_given_to_one(product, visit)
    _its_time_is_told(product, desk, due)
    _the_call_of_before_is_heard_before_the_next(product, desk)
    desk.finish_call(away=True)
    until(lambda: product.query(CALLBACKS) == [("done", OPERATOR)], what="nothing is owed")


def _a_call_by_hand(desk: Desk, number: str) -> None:
    keys = desk.page.keyboard
    keys.press("l")
    desk.wait_shown("other-calls")
    keys.type("09001239629")
    keys.press("Enter")
    desk.wait_text("notices", "お客様")
    desk.by("dial-wish").fill(number)
    keys.press("Enter")
    desk.wait_text("dial-verdict", "発信できます")
    keys.press("Enter")  # the button has the focus
    desk.wait_state("reserved")
    until(desk.by("place-call").is_enabled, what="the customer may be called")
    keys.press("c")


def _a_required_field_holds_the_result(desk: Desk) -> None:
    keys = desk.page.keyboard
    keys.press("1")
    desk.wait_pressed("status-contact", True)
    keys.press("Shift+K")
    desk.wait_state("wrap_up")
    keys.press("s")
    desk.wait_text("notices", "職業")
    focused = "document.activeElement?.dataset.testid ?? ''"
    assert desk.page.evaluate(focused) == "record-field"
    keys.type("会社員")
    keys.press("Escape")
    until(
        lambda: desk.state()["record"]["fields"][0]["value"] == "会社員",
        what="the field is kept as it is left",
    )
    keys.press("s")
    desk.wait_state("available")


def _todays_call_is_corrected(desk: Desk) -> None:
    keys = desk.page.keyboard
    keys.press("l")
    until(lambda: desk.by("correct").count() == 1, what="the call of today")
    desk.by("correct").press("Enter")
    desk.wait_shown("correction")
    desk.by("correct-valid").press("Space")
    desk.by("correction-note").fill("聞き直した")
    desk.by("correction-save").press("Enter")
    desk.wait_gone("correction")
    desk.wait_text("own-calls", "訂正済み")
    assert desk.state()["metrics"]["codes"] == {"contact": 1, "valid": 1}


def _anybody_may_call_back(product: Product, desk: Desk) -> str:
    """The customer asks for it; the time of day it is due, as the page tells it."""
    due = (product.now() + DUE_IN).astimezone(JST)
    desk.page.locator('[data-part="callback"] summary').click()
    desk.by("callback-at").fill(f"{due:%Y-%m-%dT%H:%M}")
    desk.by("callback-save").click()
    desk.wait_text("callback-state", "予約しました")
    assert product.query(CALLBACKS) == [("open", None)]
    return f"{due:%H:%M}"


def _the_callback_is_given_to_one(product: Product, visit: Callable[..., Visit]) -> None:
    lead = visit(product, Visit)
    lead.sign_in("lead1")
    lead.page.goto(f"{product.url}/admin/callbacks")
    row = lead.by("callback-row").filter(has_text=FIRST.name)
    assert "誰でも" in row.locator("td").nth(3).inner_text()
    row.get_by_label("担当").select_option(label=OPERATOR)
    row.get_by_test_id("reassign").click()
    until(lambda: row.locator("td").nth(3).inner_text() == OPERATOR, what="it is theirs")
    assert product.query(CALLBACKS) == [("open", OPERATOR)]


def _its_time_is_told(product: Product, desk: Desk, due: str) -> None:
    """To whoever it was given to, when it has come; beside what is being done."""
    desk.by("go-away").click()  # or it is free still, where the page is back before it is missed
    desk.wait_state("away")
    desk.page.goto("about:blank")
    product.move_time(DUE_IN)
    desk.page.goto(f"{product.url}/desk")
    desk.wait_text("notices", f"再架電の時刻です：{FIRST.name}様 {due}")
    assert desk.page.evaluate("document.activeElement === document.body")
    desk.wait_text("open-other-calls", "再架電 1件")
    desk.go_available()
    desk.page.keyboard.press("l")
    desk.wait_text("owed-callbacks", f"{due} 超過")
    desk.by("call-owed").press("Enter")
    desk.wait_text("dial-verdict", "発信できます")
    until(desk.by("dial-now").is_enabled, what="the customer may be shown")
    desk.by("dial-now").press("Enter")
    desk.wait_state("reserved")


def _the_call_of_before_is_heard_before_the_next(product: Product, desk: Desk) -> None:
    """By who had it; it is silent when the customer is called."""
    timeline = desk.by("record-timeline")
    timeline.get_by_test_id("play-recording").press("Enter")
    until(lambda: desk.page.evaluate("window.__audio?.currentTime > 0.3"), what="it is heard")
    assert desk.by("record-player").is_visible()
    heard = "SELECT actor FROM audit WHERE action = 'recording.listened'"
    assert product.query(heard) == [("operator1",)]
    until(desk.by("place-call").is_enabled, what="the customer may be called")
    desk.by("place-call").press("Enter")
    desk.take_call(FIRST.name)
    assert desk.by("record-player").is_hidden() and desk.page.evaluate("window.__audio.paused")
