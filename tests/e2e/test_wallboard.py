"""A screen on the wall, messages with acknowledgement and skills, in one start of the product."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.browser import Desk, Visit, until
from tests.product import COLLECTIONS, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

CUSTOMER = Listed("壁掛 一郎", "09001239521", external_id="WALL-1")
SCREEN = {"width": 1920, "height": 1080}
# What reaches beyond the window, which nobody scrolls.
BEYOND = """[...document.querySelectorAll('.wall-main *, .wall-bar *')].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
}).map((one) => one.className || one.dataset.part)"""
CUT_OFF = """[...document.querySelectorAll('.wall-value, .wall-label, .wall-note')]
  .filter((one) => one.offsetParent && one.scrollWidth > one.parentElement.clientWidth + 1)
  .map((one) => one.textContent)"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("wallboard"))
    product.set_campaign(COLLECTIONS, screening="off")
    product.replace_lists(COLLECTIONS, [CUSTOMER])
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_a_wall_screen_messages_and_skills(product: Product, visit: Callable[..., Visit]) -> None:
    lead, desk = visit(product), visit(product, Desk)
    lead.sign_in("lead1")
    screen = visit(product, Visit)
    screen.page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    screen.page.goto(_link_of(lead))
    screen.wait_shown("wall-all")
    desk.sign_in("operator4")
    desk.go_available()
    desk.take_call(CUSTOMER.name)
    _the_screen_shows_the_call(screen)
    _messages_wait_until_they_are_acknowledged(desk, lead)
    _a_skill_is_given_at_the_seat(visit(product), desk, lead)
    _a_revoked_link_goes_dark(screen, lead)


def _link_of(lead: Visit) -> str:
    lead.page.goto(f"{lead.url}/admin/wallboards")
    lead.page.fill("#wall-name", "正面の画面")
    lead.by("wallboard-make").click()
    address = lead.by("wallboard-address").input_value()
    assert address.startswith(f"{lead.url}/wallboard#")
    lead.page.goto(f"{lead.url}/admin/wallboards")
    assert lead.by("wallboard-address").count() == 0, "it is shown once"
    return address


def _figure(screen: Visit, name: str) -> str:
    return screen.by("wall-all").locator(f"[data-figure={name}] .wall-value").inner_text()


def _the_screen_shows_the_call(screen: Visit) -> None:
    until(lambda: _figure(screen, "talking") == "1", what="a call on the wall")
    assert screen.text("wall-name") == "正面の画面"
    assert CUSTOMER.name not in screen.page.inner_text("body")
    assert "山口" not in screen.page.inner_text("body"), "nobody is named"
    for size in (SCREEN, {"width": 1280, "height": 720}):
        screen.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert screen.page.evaluate(BEYOND) == []
        assert screen.page.evaluate(CUT_OFF) == []
    assert screen.page.evaluate("document.documentElement.dataset.theme") == "dark"
    screen.by("wall-theme").click()
    assert screen.page.evaluate("document.documentElement.dataset.theme") == "light"


def _messages_wait_until_they_are_acknowledged(desk: Desk, lead: Visit) -> None:
    lead.page.goto(f"{lead.url}/floor")
    lead.page.locator('[data-seat="operator4"]').first.wait_for()
    lead.by("message-all").click()
    lead.by("message-to").select_option(label="担当範囲の全員")
    lead.by("message-text").fill("<b>18時に朝礼室へ</b>")
    lead.by("message-send").click()
    desk.wait_text("messages", "<b>18時に朝礼室へ</b>")
    lead.wait_text("message-count", "確認済み 0")
    lead.by("message-remind").click()
    desk.wait_text("messages", "再送")
    desk.page.reload()
    desk.wait_text("messages", "18時に朝礼室へ")
    desk.wait_state("talking")
    desk.page.keyboard.press("a")
    until(lambda: desk.by("message").count() == 0, what="acknowledged by one key")
    lead.wait_text("message-count", "確認済み 1")
    lead.by("message-receipts").locator("summary").click()
    lead.wait_text("message-receipts", "山口 恵")
    assert "未ログイン" in lead.text("message-receipts")
    lead.by("message-close").click()


def _a_skill_is_given_at_the_seat(admin: Visit, desk: Desk, lead: Visit) -> None:
    admin.sign_in("admin1")
    admin.page.goto(f"{admin.url}/admin/skills")
    admin.page.fill("#skill-code", "english")
    admin.page.fill("#skill-name", "英語")
    admin.by("skill-add").click()
    admin.by("skill-row").wait_for()
    lead.page.reload()
    tile = lead.page.locator('[data-seat="operator4"]').first
    tile.wait_for()
    tile.locator('[data-testid="seat-open"]').click()
    box = lead.by("seat-skills").get_by_label("英語")
    box.check()
    until(lambda: box.is_checked() and box.is_enabled(), what="the skill is given")
    lead.page.keyboard.press("Escape")
    until(lambda: "英語" in tile.inner_text(), what="the skill on the tile")
    assert desk.seat_state == "talking", "the call in hand is not touched"
    admin.page.goto(f"{admin.url}/admin/skills")
    admin.expect_problem("409")
    admin.by("skill-remove").click()
    admin.by("refusal").wait_for()


def _a_revoked_link_goes_dark(screen: Visit, lead: Visit) -> None:
    lead.page.goto(f"{lead.url}/admin/wallboards")
    screen.expect_problem("404")
    lead.by("wallboard-revoke").click()
    screen.wait_text("wall-message", "このリンクは使えません")
    assert screen.by("wall-all").is_hidden()
    lead.page.locator('[data-testid="wallboard-row"][data-state="revoked"]').wait_for()
