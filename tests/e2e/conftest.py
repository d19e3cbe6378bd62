"""One browser per module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser import Desk, Visit, chromium, person
from tests.product import Product


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium; ended with the module, for Playwright's loop must not outlive its tests."""
    with (
        sync_playwright() as playwright,
        chromium(playwright, tmp_path_factory.mktemp("browser")) as launched,
    ):
        yield launched


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open `/login` as another person: `visit(product, Desk)`. All pages close at the end."""
    with ExitStack() as leaving:
        visits: list[Visit] = []

        def open_page(product: Product, kind: type[Visit] = Desk, **options: Any) -> Visit:
            context = person(browser, **options)
            leaving.callback(context.close)
            visits.append(kind(context.new_page(), product.url))
            return visits[-1]

        yield open_page
        problems = [problem for each in visits for problem in each.problems]
    assert not problems, problems
