"""What a collector does besides: plans, callbacks, objections, the locked gate, wrong numbers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta

import pytest

from agent_desk.services.running.business_start import is_business_day
from agent_desk.services.running.day_figures import JST
from tests.e2e.browser import Desk, until
from tests.product import COLLECTIONS, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PASSED_OVER = Listed("後日 一郎", "09001239530")
PAYS = Listed("分割 花子", "09001239520", 10_000)
LOCKED = Listed("照合 不可", "09001239640")
LAWYER = Listed("受任 次郎", "09001239660")
WRONG = Listed("番号 違", "09001239580", works_at="見本製作所")
LATE_HOUR = "T22:30"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("collections"))
    product.set_campaign(
        COLLECTIONS,
        mode="preview",
        wrap_up_s=600,
        screening="off",
        instalment_counts=json.dumps([3]),
    )
    product.replace_lists(COLLECTIONS, [PASSED_OVER, PAYS, LOCKED, LAWYER, WRONG])
    _have_fields(product)
    _have_a_result_for_others(product)
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def _have_fields(product: Product) -> None:
    """One field of the file that is shown and one that no page gets."""
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as database, database:
        database.execute(
            "INSERT INTO record_fields (campaign_id, name, access, required, position)"
            " SELECT id, '勤務先', 'hidden', 0, 1 FROM campaigns WHERE name = ?",
            (COLLECTIONS,),
        )


def _have_a_result_for_others(product: Product) -> None:
    """A button for talks with somebody else than the customer, and only for those."""
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as database, database:
        database.execute(
            "INSERT INTO statuses (campaign_id, code, label_ja, label_en, hotkey, colour,"
            " position, needs_identity, retired, third_party)"
            " SELECT id, 'family', 'ご家族が応答', 'Family answered', '7', '#475569', 9, 0, 0, 1"
            " FROM campaigns WHERE name = ?",
            (COLLECTIONS,),
        )


def test_a_plan_is_taken_back_a_late_callback_refused_and_objections_act_at_once(
    product: Product, visit: Callable[..., Desk]
) -> None:
    desk = visit(product)
    desk.sign_in("operator4")
    desk.go_available()
    _pass_over(product, desk)
    _call_shown(desk, PAYS)
    desk.by("identity-answer").fill("1971-07-17")
    desk.by("identity-check").click()
    until(lambda: desk.by("identity-state").get_attribute("data-state") == "verified")
    _a_plan_in_words_is_taken_back(product, desk)
    _a_callback_at_a_late_hour_is_refused(product, desk)
    _one_in_the_morning_is_kept(product, desk)
    _a_complaint_stops_all_calls(product, desk)
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")
    desk.by("save-result").click()
    _ask_for(desk, LOCKED)
    _call_shown(desk, LOCKED)
    _the_gate_locks_and_others_have_results_of_their_own(product, desk)
    _ask_for(desk, LAWYER)
    _call_shown(desk, LAWYER)
    _a_lawyers_notice_stops_all_contact(product, desk)
    _ask_for(desk, WRONG)
    _call_shown(desk, WRONG)
    _somebody_else_answers(product, desk)
    _no_call_by_hand(desk, PAYS, "苦情")
    _no_call_by_hand(desk, LAWYER, "受任通知")
    _no_call_by_hand(desk, WRONG, "")
    assert product.run("audit").returncode == 0


def _pass_over(product: Product, desk: Desk) -> None:
    _ask_for(desk, PASSED_OVER)
    desk.by("skip-reason").select_option("wrong_data")
    desk.by("skip-customer").click()
    _ask_for(desk, PAYS)
    skipped = "SELECT outcome, cause FROM attempt_outcomes WHERE outcome = 'skipped'"
    assert product.query(skipped) == [("skipped", "wrong_data")]
    assert product.carrier_events("invite") == [], "nobody was called for a look"


def _ask_for(desk: Desk, customer: Listed) -> None:
    until(desk.by("next-customer").is_enabled, what="the next may be asked for")
    desk.by("next-customer").click()
    until(lambda: customer.name in desk.text("customer-name"), what=f"{customer.name} is shown")


def _call_shown(desk: Desk, customer: Listed) -> None:
    until(desk.by("place-call").is_enabled, what="the customer may be called")
    assert desk.by("pause-recording").is_hidden(), "nothing is recorded yet"
    desk.page.keyboard.press("c")
    desk.take_call(customer.name)
    assert desk.by("next-customer").is_hidden(), "this one is on the line"


def _a_plan_in_words_is_taken_back(product: Product, desk: Desk) -> None:
    today = product.now().astimezone(JST).date()
    first_of_next = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    for words, meant in (
        ("月末", first_of_next - timedelta(days=1)),
        ("来週金曜", today + timedelta(days=11 - today.weekday())),
        ("+3d", today + timedelta(days=3)),
    ):
        _say_in_words(desk, words, meant)
    desk.by("payment-amount").fill("10,000")
    desk.by("payment-count").select_option("3")
    desk.wait_text("read-back", "全3回")
    assert "合計10,000円" in desk.text("read-back")
    desk.by("status-payment-date").click()
    until(lambda: desk.by("read-back").get_attribute("data-state") == "saved", what="saved")
    parts = "SELECT amount_yen FROM promise_parts ORDER BY due_on"
    assert sum(yen for (yen,) in product.query(parts)) == 10_000
    assert len(product.query(parts)) == 3
    desk.by("withdraw-promise").click()
    desk.wait_gone("withdraw-promise")
    desk.wait_pressed("status-payment-date", False)
    assert product.query("SELECT state FROM promises WHERE amount_yen = 10000") == [("withdrawn",)]


def _say_in_words(desk: Desk, words: str, meant: date) -> None:
    desk.by("payment-words").fill(words)
    until(
        lambda: desk.by("payment-date").input_value() == meant.isoformat(),
        what=f"{words} is {meant}",
    )


def _a_callback_at_a_late_hour_is_refused(product: Product, desk: Desk) -> None:
    tomorrow = product.now().astimezone(JST).date() + timedelta(days=1)
    desk.page.locator('[data-part="callback"] summary').click()
    assert _bottom(desk, "customer-external-id") <= _top(desk, "mute"), "each fact is in sight"
    desk.by("callback-at").fill(f"{tomorrow}{LATE_HOUR}")
    desk.by("callback-save").click()
    desk.wait_text("notices", "最短は")
    assert desk.text("callback-state") == "" and product.query("SELECT 1 FROM callbacks") == []


def _top(desk: Desk, test_id: str) -> float:
    box = desk.by(test_id).bounding_box()
    assert box is not None
    return box["y"]


def _bottom(desk: Desk, test_id: str) -> float:
    box = desk.by(test_id).bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def _one_in_the_morning_is_kept(product: Product, desk: Desk) -> None:
    """Within the week of rest after a talk, for that is what the customer asks for."""
    day = product.now().astimezone(JST).date() + timedelta(days=1)
    while not is_business_day(day):
        day += timedelta(days=1)
    desk.by("callback-at").fill(f"{day}T11:00")
    desk.by("callback-own").check()
    desk.by("callback-save").click()
    desk.wait_text("callback-state", "自分が架電する予約をしました")
    kept = "SELECT state, user_id IS NOT NULL FROM callbacks"
    assert product.query(kept) == [("open", 1)]
    desk.by("callback-withdraw").click()
    desk.wait_gone("callback-withdraw")
    assert product.query(kept) == [("cancelled", 1)]


def _a_complaint_stops_all_calls(product: Product, desk: Desk) -> None:
    desk.by("objection-complaint").click()
    desk.wait_shown("objection-form")
    desk.by("objection-confirm").click()
    desk.wait_text("objection-noted", "発信は止まっています")
    assert desk.seat_state == "talking"
    assert product.query("SELECT reason FROM customer_holds") == [("complaint",)]


def _the_gate_locks_and_others_have_results_of_their_own(product: Product, desk: Desk) -> None:
    """After the third wrong answer it is somebody else, who is told nothing."""
    assert desk.by("status-family").is_hidden()
    for told in ("あと2回", "あと1回", "上限に達しました"):
        desk.by("identity-answer").fill("1971-07-18")
        desk.by("identity-check").click()
        desk.wait_text("identity-hint", told)
    assert desk.by("identity-state").get_attribute("data-state") == "third_party"
    assert desk.by("identity-answer").is_disabled() and desk.by("identity-check").is_disabled()
    assert desk.by("record-debts").is_hidden() and desk.by("status-payment-date").is_disabled()
    desk.wait_text("third-party-script", "またおかけ直しいたします")
    desk.page.keyboard.press("7")
    desk.wait_pressed("status-family", True)
    desk.finish_call(away=False)
    spoken_to = "SELECT counterpart FROM results ORDER BY id DESC LIMIT 1"
    assert product.query(spoken_to) == [("third_party",)]


def _a_lawyers_notice_stops_all_contact(product: Product, desk: Desk) -> None:
    desk.by("objection-lawyer-notice").click()
    desk.wait_text("objection-form", "連絡をすべて止めます")
    desk.by("objection-document").fill("R8-1234")
    desk.by("objection-confirm").click()
    desk.wait_text("objection-noted", "連絡は止まっています")
    assert desk.seat_state == "talking", "who is on the line is not cut off"
    reasons = "SELECT reason FROM customer_holds ORDER BY id"
    assert product.query(reasons) == [("complaint",), ("lawyer_notice",)]
    desk.finish_call(away=False)


def _somebody_else_answers(product: Product, desk: Desk) -> None:
    """Nothing of the debt is told, and the number is this person's no more."""
    desk.by("third-party").click()
    until(lambda: desk.by("identity-state").get_attribute("data-state") == "third_party")
    desk.wait_text("third-party-script", "またおかけ直しいたします")
    assert desk.by("status-payment-date").is_disabled() and desk.by("record-debts").is_hidden()
    assert WRONG.works_at not in "".join(desk.received) + desk.page.content()
    desk.page.keyboard.press("r")
    desk.wait_shown("away-queued")
    desk.page.keyboard.press("8")
    desk.wait_pressed("status-wrong-number", True)
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")
    desk.by("save-result").click()
    desk.wait_state("away")


def _no_call_by_hand(desk: Desk, customer: Listed, why: str) -> None:
    if desk.by("other-calls").is_hidden():
        desk.by("open-other-calls").click()
    desk.by("dial-wish").fill(customer.number)
    desk.by("dial-check").click()
    desk.wait_text("dial-verdict", "今は発信できません")
    assert why in desk.text("dial-verdict"), desk.text("dial-verdict")
    assert desk.by("dial-now").is_hidden()
