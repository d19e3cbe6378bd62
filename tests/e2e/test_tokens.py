"""A token made by keyboard alone, read once, used by another system, and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent_desk.small_desk import PASSWORD, SmallDesk
from tests.e2e.browser import Visit
from tests.e2e.small_product import served

pytestmark = [pytest.mark.browser]


@pytest.fixture
def small_product(tmp_path: Path) -> Iterator[tuple[SmallDesk, Any]]:
    with served(tmp_path) as product:
        yield product


def test_a_token_is_made_by_keyboard_and_shown_once(
    small_product: tuple[SmallDesk, Any], visit: Callable[..., Any]
) -> None:
    desk, product = small_product
    admin: Visit = visit(product, Visit)
    admin.sign_in("admin1", PASSWORD)
    page = admin.page
    page.wait_for_url("**/admin")
    page.goto(f"{product.url}/admin/tokens")
    page.locator("#token-name").focus()
    page.keyboard.type("基幹システム")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "token-days"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "lists:read"
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    admin.by("token-secret").wait_for()
    page.wait_for_function("document.activeElement.id === 'token-secret'")
    secret = admin.by("token-secret").input_value()
    headers = {"Authorization": f"Bearer {secret}"}
    assert desk.client().get("/api/v1/lists", headers=headers).status_code == 200

    page.goto(f"{product.url}/admin/tokens")
    assert secret not in page.content()
    assert admin.by("token-row").get_attribute("data-state") == "valid"
    admin.by("token-revoke").focus()
    page.keyboard.press("Enter")
    page.locator('[data-testid="token-row"][data-state="revoked"]').wait_for()
    assert desk.client().get("/api/v1/lists", headers=headers).status_code == 401
