"""A token made by keyboard alone, read once, used by another system, and ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.serving import make_server

from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.small_desk import PASSWORD, SmallDesk
from tests.e2e.browser import Visit

pytestmark = [pytest.mark.browser]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[SmallDesk, Any]]:
    """A desk without its parts, and where its pages are served."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    database = Database(url)
    schema.upgrade(database)
    database.close()
    desk = SmallDesk(url, tmp_path)
    server = make_server("127.0.0.1", 0, desk.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield desk, SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join(10)
    desk.stop()


def test_a_token_is_made_by_keyboard_and_shown_once(
    served: tuple[SmallDesk, Any], visit: Callable[..., Any]
) -> None:
    desk, product = served
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
