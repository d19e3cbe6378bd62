"""The operator's record: a required field, who was spoken to, a correction, a call by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.e2e.browser import Desk, Visit, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

FIRST = Listed("記録 花子", "09001239520", external_id="KIROKU-1")
SECOND = Listed("手動 次郎", "09001239580", external_id="KIROKU-2")


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
    desk.sign_in("operator1")
    desk.go_available()
    _a_call_by_hand(desk, FIRST.number)
    desk.take_call(FIRST.name)
    _a_required_field_holds_the_result(desk)
    _todays_call_is_corrected(desk)


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
