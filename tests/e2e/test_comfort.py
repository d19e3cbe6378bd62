"""Working with the desk: script and ticks by keyboard, help from the lead, room and contrast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import Desk, Visit, until
from tests.product import BORN, COLLECTIONS, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CUSTOMER = Listed("快適 花子", "09001239520", external_id="KAI-1")
SCRIPT = """# 名乗り
「お忙しいところ恐れ入ります。私、{担当姓}と申します。{顧客カナ}様でいらっしゃいますでしょうか。」
[!] identification: 名乗った
-> ご本人: ご用件
-> ご本人以外: ご不在
# ご用件 !
[ ] recording_notice: 録音していることを伝えた
「お支払いのご都合はいかがでしょうか。」
# ご不在
「またおかけ直しいたします。」"""
# What reaches beyond the right edge of the window, but for what is cut off on purpose.
BEYOND_THE_EDGE = """[...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 &&
    one.getBoundingClientRect().width > 1 && document.documentElement.scrollWidth > innerWidth)
  .map((one) => one.dataset.part ?? one.className.baseVal ?? one.className).slice(0, 12)"""
AT_400_PERCENT = {"width": 320, "height": 256}  # 1280 x 1024, zoomed (WCAG 1.4.10)
# Scrolled to, it lies within the width of the window and under nothing else.
REACHED = """(selector) => {
  const one = document.querySelector(selector);
  one.scrollIntoView({ block: 'center' });
  const box = one.getBoundingClientRect();
  const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1 &&
    (one.contains(there) || there?.contains(one));
}"""
# What must be in sight at 1280 x 720 without scrolling.
ESSENTIALS = (
    *("seat-state", "go-available", "go-away", "hang-up", "mute", "hold", "open-party"),
    *("customer-name", "identity-answer", "script", "status-contact", "payment-date", "note"),
    *("save-result", "media-state", "raise-hand"),
)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("comfort"))
    product.set_campaign(COLLECTIONS, script=SCRIPT, screening="off")
    product.replace_lists(COLLECTIONS, [CUSTOMER])
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_the_desk_is_worked_in_comfort(product: Product, visit: Callable[..., Visit]) -> None:
    desk, lead = visit(product, Desk), visit(product)
    desk.sign_in("operator4")
    lead.sign_in("lead1")
    desk.go_available()
    desk.take_call(CUSTOMER.name)
    everything_is_in_sight(desk)

    _the_script_leads_and_waits_for_its_tick(desk)
    _a_message_takes_the_focus_from_nobody(desk, lead)
    assert serious(desk) == [] == serious(lead)
    desk.page.set_viewport_size(AT_400_PERCENT)
    everything_is_reached(desk, [f"[data-testid={each}]" for each in ESSENTIALS])
    login = visit(product)
    login.page.set_viewport_size(AT_400_PERCENT)
    login.page.goto(f"{product.url}/login")
    everything_is_reached(login, ["[name=username]", "[name=password]", "main [type=submit]"])


def _the_script_leads_and_waits_for_its_tick(desk: Desk) -> None:
    desk.wait_text("script", "名乗った")
    assert "お支払い" not in desk.text("script")
    desk.by("identity-answer").fill(BORN)
    desk.page.keyboard.press("Enter")
    until(lambda: desk.by("identity-state", state="verified").is_visible())
    desk.by("script-branch").first.click()
    desk.wait_text("script", "お支払い")
    desk.page.keyboard.press("Shift+K")
    desk.wait_state("wrap_up")
    desk.page.keyboard.press("s")
    desk.wait_text("notices", "名乗った")
    assert desk.seat_state == "wrap_up", "the result waits"


def _a_message_takes_the_focus_from_nobody(desk: Desk, lead: Visit) -> None:
    desk.page.keyboard.press("n")
    desk.page.keyboard.type("折り返し")
    lead.by("message-all").click()
    lead.by("message-text").fill("まもなく休憩です")
    lead.by("message-send").click()
    desk.wait_text("messages", "まもなく休憩です")
    focused = "document.activeElement?.dataset.testid ?? ''"
    assert desk.page.evaluate(focused) == "note"
    desk.page.keyboard.type("希望")
    assert desk.by("note").input_value() == "折り返し希望"
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("g")
    until(lambda: lead.page.locator('.badge[data-level="hand"]').is_visible(), what="a hand")
    desk.by("acknowledge-message").click()
    until(lambda: desk.by("message").count() == 0, what="the message is read")


def everything_is_in_sight(desk: Desk) -> None:
    """Nothing essential lies outside the window or under another thing."""
    inside = """(id) => {
      const box = document.querySelector(`[data-testid="${id}"]`).getBoundingClientRect();
      return box.width > 0 && box.top >= 0 && box.left >= 0 &&
        box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1;
    }"""
    hidden = [each for each in ESSENTIALS if not desk.page.evaluate(inside, each)]
    assert hidden == [], hidden


def everything_is_reached(page: Visit, selectors: list[str]) -> None:
    """Nothing is lost when zoomed in: one scrolls down, never sideways."""
    assert page.page.evaluate(BEYOND_THE_EDGE) == [], "nothing scrolls sideways"
    hidden = [each for each in selectors if not page.page.evaluate(REACHED, each)]
    assert hidden == [], hidden


def serious(page: Visit) -> list[str]:
    """What axe-core finds serious or critical."""
    page.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
