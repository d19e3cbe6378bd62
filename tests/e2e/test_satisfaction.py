"""A score at the end of a talk, over real SIP: the operator goes on, the customer presses a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from softphone.practice_carrier.customers import key_of
from softphone.practice_carrier.number_plan import behaviour_of
from tests.e2e.browser import Desk, Visit, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SAID = "急かされなくて良かった"


def number_that(presses: Callable[[str], bool]) -> str:
    """Of the people who pick up after a second and never hang up, one who would press this."""
    people = (f"0900{block}902{voice}" for block in range(123, 160) for voice in range(8))
    return next(each for each in people if presses(key_of(behaviour_of(each))))


GIVES = Listed("回答 花子", number_that(lambda key: key in set("345")), external_id="KAI-1")
SILENT = Listed("無言 太郎", number_that(lambda key: not key), external_id="MUG-1")
SCORE = int(key_of(behaviour_of(GIVES.number)))


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("satisfaction"))
    product.set_campaign(SALES, screening="off", survey_share=100, survey_wait_s=3)
    product.replace_lists(SALES, [GIVES, SILENT])
    try:
        product.start_all(worker=True, reports=True)
        yield product
    finally:
        product.stop_all()


def test_a11_the_operator_hands_over_and_what_the_customer_pressed_is_in_the_report(
    product: Product, visit: Callable[..., Visit]
) -> None:
    desk = visit(product, Desk)
    desk.sign_in("operator1")
    desk.go_available()
    for _ in range(2):
        customer = desk.take_next([GIVES, SILENT])
        until(desk.by("hand-to-survey").is_enabled, what="a customer who may be asked")
        desk.page.keyboard.press("Shift+Q")
        desk.wait_state("wrap_up")
        assert desk.by("survey-state").is_visible()
        if customer is GIVES:
            desk.by("voice").fill(SAID)
        desk.by("save-result").click()  # while the customer is still being asked
    until(lambda: "asking" not in states(product), what="what the customers answered")
    assert sorted(states(product)) == ["answered", "silent"]
    assert product.query("SELECT score, tries FROM call_scores WHERE state = 'answered'") == [
        (SCORE, 1)
    ]
    until(lambda: product.query(FREED) == [(2,)], what="both lines free, after the talks")
    ends = "SELECT DISTINCT outcome, by FROM attempt_outcomes WHERE cause = 'asked'"
    assert product.query(ends) == [("human", "desk")]
    assert desk.problems == []
    _is_in_the_report(product, visit)
    assert product.run("audit").returncode == 0


FREED = "SELECT count(*) FROM calls WHERE line_ended_at > ended_at"


def states(product: Product) -> list[str]:
    return [row[0] for row in product.query("SELECT state FROM call_scores")]


def _is_in_the_report(product: Product, visit: Callable[..., Visit]) -> None:
    manager = visit(product, Visit)
    manager.sign_in("manager1")
    today = product.now().date().isoformat()
    manager.page.goto(f"{product.url}/reports/satisfaction?from={today}&to={today}")
    manager.wait_text("csat-mean", f"{SCORE:.2f}")
    of_operator = manager.by("csat-operators").locator("tbody tr")
    assert of_operator.count() == 1 and "operator1" in of_operator.inner_text()
    assert manager.by("csat-calls").locator("tbody tr").count() == 2
    assert SAID not in manager.page.content()
    manager.by("to-voices").click()
    assert SAID in manager.by("voice-row").inner_text()
    read = "SELECT actor FROM audit WHERE action = 'voices.read'"
    assert product.query(read) == [("manager1",)]
