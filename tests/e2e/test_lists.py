"""Lists as a lead makes them, by keyboard: a filter with its live count, a list that follows it,
and a customer looked up (B15, B16)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.browser import Visit, until
from tests.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("lists"))
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_b15_a_filter_is_built_counted_saved_and_followed(
    product: Product, visit: Callable[..., Any]
) -> None:
    admin: Visit = visit(product, Visit)
    admin.sign_in("admin1")
    page = admin.page
    page.goto(f"{product.url}/admin/filters")
    admin.wait_text("filter-count", "350")
    admin.by("filter-add").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.part") == "field"
    page.locator('[data-part="field"]').select_option("debt_yen")
    admin.wait_text("filter-count", "150")
    page.locator('[data-part="value"]').fill("999999999")
    admin.wait_text("filter-count", "0")
    page.locator('[data-part="value"]').fill("1")
    page.locator("#filter-name").fill("債務あり")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/filters/1")
    page.locator("#follow-list").fill("債務のある顧客")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/lists")
    page.get_by_role("link", name="債務のある顧客").click()

    def filled() -> bool:
        page.reload()
        return admin.text("list-ready") == "150"

    until(filled, what="the list has its customers")


def test_a_customer_is_found_by_the_beginning_of_the_reading_and_not_in_the_address(
    product: Product, visit: Callable[..., Any]
) -> None:
    lead: Visit = visit(product, Visit)
    lead.sign_in("lead1")
    page = lead.page
    page.goto(f"{product.url}/admin/customers")
    page.locator("#search-kana").fill("さとう")
    page.keyboard.press("Enter")
    lead.wait_shown("found-count")
    assert page.url == f"{product.url}/admin/customers"
    rows = lead.by("customer-row")
    assert rows.count() > 0
    assert all("サトウ" in row for row in rows.all_inner_texts())
    rows.first.get_by_role("link").click()
    lead.wait_shown("customer-record")
