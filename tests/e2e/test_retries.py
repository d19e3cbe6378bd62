"""Whom nobody answers for: tried again by the ladder, and never heard by an operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.e2e.browser import Desk, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BUSY = Listed("話中 一", "09003009001")
UNANSWERED = Listed("不在 二", "09003009000")
MACHINE = Listed("留守 三", "09003009006")
PERSON = Listed("在宅 四", "09003009660")
RING_LIMIT_S = 15
# The default ladders, with a minute for the restart.
BUSY_AGAIN = timedelta(minutes=16)
UNANSWERED_AGAIN = timedelta(hours=2)

OUTCOMES = """
SELECT outcomes.outcome FROM attempts JOIN attempt_outcomes AS outcomes
ON outcomes.attempt_id = attempts.id ORDER BY attempts.leased_at
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("retries"))
    # One operator has one line: after the person the three are called who are nobody.
    product.set_campaign(SALES, mode="progressive", ring_limit_s=RING_LIMIT_S, wrap_up_s=300)
    product.replace_lists(SALES, [PERSON, BUSY, UNANSWERED, MACHINE])
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_who_did_not_answer_is_tried_again_when_the_ladder_says_so(
    product: Product, visit: Callable[..., Desk]
) -> None:
    desk = visit(product)
    desk.sign_in("operator1")
    desk.go_available()
    desk.take_call(PERSON.name)
    desk.wait_heard(660)
    assert desk.text("customer-name").startswith(PERSON.name)
    desk.finish_call(away=False)
    until(lambda: _ended(product) == 4, within_s=RING_LIMIT_S + 45, what="three are nobody")
    desk.by("go-away").click()
    desk.wait_state("away")
    assert sorted(_outcomes(product)) == ["busy", "human", "machine", "no_answer"]

    _later(product, desk, BUSY_AGAIN)
    desk.go_available()
    until(lambda: _tries(product, BUSY) == 2, what="the busy one again")
    until(lambda: product.open_dialogs() == 0, what="busy still")
    assert _tries(product, UNANSWERED) == 1

    desk.by("go-away").click()
    desk.wait_state("away")
    _later(product, desk, UNANSWERED_AGAIN)
    desk.go_available()
    until(lambda: _tries(product, UNANSWERED) == 2, what="the unanswered one again")
    assert [_tries(product, each) for each in (MACHINE, PERSON)] == [1, 1]

    # In all that time the operator had one customer, and was reserved for nobody else.
    met = product.query("SELECT DISTINCT call_id FROM seat_moves WHERE to_state = 'reserved'")
    spoken = product.query("SELECT attempt_id FROM attempt_outcomes WHERE outcome = 'human'")
    assert met == spoken and len(met) == 1
    shown = [
        frame
        for frame in desk.received
        if any(each.name in frame for each in (BUSY, UNANSWERED, MACHINE))
    ]
    assert shown == []
    assert product.run("audit").returncode == 0


def _later(product: Product, desk: Desk, by: timedelta) -> None:
    """Business time moves on; the page heals by itself, and its shift of before has ended."""
    product.move_time(by)
    desk.wait_gone("link-lost")
    desk.wait_state("starting")


def _outcomes(product: Product) -> list[str]:
    return [row[0] for row in product.query(OUTCOMES)]


def _ended(product: Product) -> int:
    return len(_outcomes(product))


def _tries(product: Product, customer: Listed) -> int:
    """INVITEs the carrier saw for a number."""
    return sum(event["number"] == customer.number for event in product.carrier_events("invite"))
