"""People as the browser has them: a second factor set up and asked for, and an operator who is
disabled in the middle of a call (A64, F34)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from agent_desk.services.people import one_time_codes
from tests.e2e.browser import Desk, Visit, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

HUMS = Listed("継続 一", "09003009440")  # hums until the carrier ends its calls


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("people"))
    # A browser's start beside everything else may starve the gateway; that is not tested here.
    product._extra["GATEWAY_LAG_LIMIT_MS"] = "2000"
    product.replace_lists(SALES, [HUMS])
    product.set_campaign(SALES, mode="progressive", screening="off")
    try:
        product.start_all(reports=True)
        yield product
    finally:
        product.stop_all()


def code_now(secret: str, steps: int = 0) -> str:
    step = one_time_codes.step_at(datetime.now(UTC)) + steps
    return one_time_codes.code_at(secret, step)


def test_a64_a_second_factor_is_set_up_and_asked_for(
    product: Product, visit: Callable[..., Any]
) -> None:
    manager: Visit = visit(product, Visit)
    manager.sign_in("manager1")
    page = manager.page
    page.goto(f"{product.url}/account")
    page.get_by_test_id("factor-begin").click()
    secret = page.get_by_test_id("totp-secret").inner_text().replace("\n", "").replace(" ", "")
    page.locator("#code").fill(code_now(secret))
    page.locator("#code").press("Enter")  # a page that still loads goes to its fragment's place
    page.get_by_test_id("recovery-codes").wait_for()
    assert page.get_by_test_id("recovery-codes").locator("li").count() == 10
    page.get_by_test_id("logout").click()
    page.wait_for_url("**/login")

    page.fill("input[name=username]", "manager1")
    page.fill("input[name=password]", "demo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code*")
    assert page.evaluate("document.activeElement.name") == "code"
    # The next one: the present one was used up a moment ago.
    page.keyboard.type(code_now(secret, steps=1))
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports")


def test_a_desk_whose_log_in_an_administrator_ends_closes_and_says_so(
    product: Product, visit: Callable[..., Any]
) -> None:
    operator: Desk = visit(product, Desk)
    operator.sign_in("operator2")
    until(operator.by("go-available").is_enabled, what="the desk is ready")
    admin: Visit = visit(product, Visit)
    admin.sign_in("admin1")
    admin.page.goto(f"{product.url}/admin/sessions")
    admin.by("session-row", user="operator2").get_by_test_id("revoke").click()
    operator.page.wait_for_url("**/login**")
    assert "ログインが終了しました" in operator.text("login-over")
    admin.by("session-row", user="operator2").wait_for(state="detached")
    operator.expect_problem("401")  # the log-in has ended
    operator.expect_problem("400 (BAD REQUEST)")


def test_f34_who_is_disabled_talks_to_the_end_and_is_out(
    product: Product, visit: Callable[..., Any]
) -> None:
    operator: Desk = visit(product, Desk)
    operator.sign_in("operator1")
    admin: Visit = visit(product, Visit)
    admin.sign_in("admin1")
    admin.page.goto(f"{product.url}/admin/users")
    operator.go_available()
    operator.wait_state("talking")
    admin.page.locator('[data-user="operator1"]').get_by_test_id("toggle-user").click()
    until(
        lambda: "ログインが終了しました" in operator.page.inner_text("body"),
        what="the page says that it is over",
    )
    assert product.open_dialogs() == 1, "the customer is still served"
    product.stop("carrier")  # which ends its calls, as customers do
    operator.page.wait_for_url("**/login")
    (ended,) = product.query("SELECT ended_by FROM calls WHERE bridged_at IS NOT NULL")
    assert ended == ("customer",)
    # The log-in has ended; once its cookie is gone there is no token for a ticket either.
    operator.expect_problem("401")
    operator.expect_problem("400 (BAD REQUEST)")
