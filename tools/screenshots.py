"""Take the README's pictures: `python -m tools.screenshots` (needs what `make test` sets up).

Starts the product on free ports with the demo, works a few calls as an operator, and photographs
`/desk`, `/floor`, `/reports`, `/reports/calls` and `/admin` in both themes at 1280×720. Fields of
dates speak the browser's own language: with Debian's `chromium-l10n` and `LANGUAGE=ja` Japanese.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser import Desk, Visit, chromium, person
from tests.product import Product, running
from tests.waiting import until

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
BIRTH_DATE = "1980-01-01"
SCHEMES = ("light", "dark")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as product,
        sync_playwright() as playwright,
        chromium(playwright, Path(folder) / "browser") as browser,
    ):
        product.start("worker")
        product.start("reports")
        desk = _desk(browser, product)
        colleague = Desk(person(browser).new_page(), product.url)
        colleague.sign_in("operator1")
        colleague.go_available()
        colleague.wait_state("talking", within_s=120)
        for scheme in SCHEMES:
            _floor(browser, product, scheme=scheme)
        colleague.page.context.close()
        for scheme in SCHEMES:
            _reports(browser, product, scheme=scheme)
        for scheme in SCHEMES:
            _admin(browser, product, scheme=scheme)
        desk.finish_call(away=True)
        for scheme in SCHEMES:
            _calls(browser, product, scheme=scheme)


def _desk(browser: Browser, product: Product) -> Desk:
    """A collections call, verified, with a promise, in both themes; it goes on."""
    context = person(browser, color_scheme="light")
    page = context.new_page()
    desk = Desk(page, product.url)
    desk.sign_in("operator4")
    desk.go_available()
    desk.wait_state("talking", within_s=120)
    desk.by("identity-answer").fill(BIRTH_DATE)
    desk.by("identity-check").click()
    until(
        lambda: desk.by("identity-state").get_attribute("data-state") == "verified",
        within_s=10,
        what="verified",
    )
    for status in ("status-contact", "status-valid"):
        desk.by(status).click()
    desk.by("note").fill("来月の給与支給後にお支払いいただけるとのこと。")
    page.get_by_role("button", name="月末").click()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(600)
        page.screenshot(path=FOLDER / f"desk-{scheme}.png")
    desk.by("status-payment-date").click()
    return desk


def _floor(browser: Browser, product: Product, *, scheme: str) -> None:
    """Two talks, on a screen as high as leads have them."""
    context = person(browser, color_scheme=scheme)
    lead = Visit(context.new_page(), product.url)
    lead.page.set_viewport_size({"width": 1280, "height": 1320})
    lead.sign_in("lead1")
    until(lambda: lead.by("seat-tile").count() > 1, within_s=20, what="the seats")
    lead.page.wait_for_timeout(1500)
    lead.page.screenshot(path=FOLDER / f"floor-{scheme}.png")
    context.close()


def _reports(browser: Browser, product: Product, *, scheme: str) -> None:
    """What the day came to so far."""
    context = person(browser, color_scheme=scheme)
    manager = Visit(context.new_page(), product.url)
    manager.sign_in("manager1")

    def is_made() -> bool:
        manager.page.goto(f"{product.url}/reports")
        return manager.by("agent-row").count() > 0

    until(is_made, within_s=60, every_s=1.0, what="the report")
    manager.page.screenshot(path=FOLDER / f"reports-{scheme}.png")
    context.close()


def _admin(browser: Browser, product: Product, *, scheme: str) -> None:
    """Where the buttons of a campaign are made."""
    context = person(browser, color_scheme=scheme)
    admin = Visit(context.new_page(), product.url)
    admin.sign_in("admin1")
    admin.page.goto(f"{product.url}/admin/statuses")
    admin.page.screenshot(path=FOLDER / f"admin-{scheme}.png")
    context.close()


def _calls(browser: Browser, product: Product, *, scheme: str) -> None:
    """The operator's call among those of the day: its recording is heard, its ladder open."""
    context = person(browser, color_scheme=scheme)
    lead = Visit(context.new_page(), product.url)
    lead.sign_in("lead1")
    lead.page.goto(f"{product.url}/reports/calls")
    row = lead.by("call-row").filter(has=lead.by("play-recording")).first
    row.get_by_test_id("open-ladder").click()
    lead.wait_shown("ladder")
    row.get_by_test_id("play-recording").click()
    row.scroll_into_view_if_needed()
    until(lambda: lead.text("recording-time") >= "0:03", within_s=20, what="a moment of it")
    lead.by("recording-play").click()
    lead.page.screenshot(path=FOLDER / f"calls-{scheme}.png")
    context.close()


if __name__ == "__main__":
    main()
