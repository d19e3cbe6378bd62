"""A lead at a campaign's panel: what the dialer does, why, who changed what, and every control."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator

from tests.e2e.browser import Desk, Visit, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# Answers after a second and does not hang up; the others are not called while it talks.
CUSTOMERS = [Listed("相手 一", "09002009760"), Listed("相手 二", "09002009880")]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("campaign-panel"))
    product.set_campaign(SALES, mode="progressive", wrap_up_s=120, screening="off")
    product.replace_lists(SALES, CUSTOMERS)
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


class Panel(Visit):
    """The floor of a lead, and on it the panel of one campaign."""

    @property
    def panel(self) -> Locator:
        return self.by("campaign-panel").filter(has_text=SALES)

    def inside(self, test_id: str) -> Locator:
        return self.panel.get_by_test_id(test_id)

    def figure(self, name: str) -> str:
        return self.panel.locator(f'[data-part="{name}"] dd').inner_text()

    def until_text(self, of: Callable[[], str], *wanted: str) -> None:
        until(lambda: all(each in of() for each in wanted), what=lambda: f"{wanted} in {of()!r}")

    def until_changed(self, *wanted: str) -> None:
        """Until the newest change, which names the lead, says this."""
        self.until_text(lambda: self.inside("newest-change").inner_text(), "森 智子", *wanted)

    def until_running(self, running: str) -> None:
        state = self.inside("campaign-running")
        until(lambda: state.get_attribute("data-running") == running, what=running)


def test_a_lead_reads_and_steers_a_campaign_at_its_panel(
    product: Product, visit: Callable[..., Any]
) -> None:
    lead = visit(product, Panel)
    lead.sign_in("lead1")
    lead.until_text(lambda: lead.inside("why-not-dialing").inner_text(), "オペレーターがいません")
    _a_call_is_seen_in_figures_lists_and_chart(product, visit, lead)
    _what_is_set_is_told_old_and_new(lead)
    _in_brief_the_seats_come_up_and_the_controls_stay(lead)
    _every_step_is_taken_and_told(lead)
    _the_red_stop_stops_all(lead)
    assert product.run("audit").returncode == 0


def _a_call_is_seen_in_figures_lists_and_chart(
    product: Product, visit: Callable[..., Any], lead: Panel
) -> None:
    trace = lead.inside("pacing-trace")
    until(lambda: int(trace.get_attribute("data-points") or 0) > 0, what="a first point")
    before = int(trace.get_attribute("data-points") or 0)
    desk = visit(product, Desk)
    desk.sign_in("operator1")
    desk.go_available()
    desk.take_next(CUSTOMERS)
    lead.until_text(lambda: lead.figure("talking"), "1")
    lead.until_text(lambda: lead.figure("lines"), "1")
    lead.until_text(lambda: lead.figure("ring_limit"), "秒")
    until(lambda: int(trace.get_attribute("data-points") or 0) > before, what="a longer trace")
    chart = lead.inside("chart")
    read_out = lambda: chart.get_attribute("aria-valuetext") or ""  # noqa: E731
    lead.until_text(read_out, "通話1席")
    chart.focus()
    newest = read_out()
    chart.press("ArrowLeft")
    until(lambda: read_out() != newest, what="an earlier second")
    chart.press("Escape")
    assert chart.locator("path.chart-line").first.get_attribute("d")
    trace.locator("summary").click()
    assert trace.locator("tbody tr").count() >= 1

    desk.finish_call(away=True)
    for name in ("answered_now", "answered_quarter", "answered_hour", "answered_today"):
        lead.until_text(lambda each=name: lead.figure(each), "100.0%", "(1/1)")
    lists = lead.inside("campaign-lists")
    lead.until_text(lists.inner_text, "1リスト・2件・架電済1件")
    lists.locator("summary").click()
    row = lists.locator("tbody tr")
    assert row.count() == 1
    assert row.locator('[data-part="entries"]').inner_text() == "2"


def _what_is_set_is_told_old_and_new(lead: Panel) -> None:
    lead.inside("settings-toggle").click()
    lead.inside("campaign-mode").select_option("ratio")
    lead.inside("campaign-ratio").fill("2.5")
    lead.inside("apply-pacing").click()
    lead.until_changed("プログレッシブ → 固定倍率", "3.0倍 → 2.5倍")
    lead.inside("campaign-target").fill("2")
    lead.inside("apply-pacing").click()
    lead.until_changed("→ 2.0%")
    lead.inside("settings-toggle").click()


def _in_brief_the_seats_come_up_and_the_controls_stay(lead: Panel) -> None:
    """As it was left, when the page is opened anew; then everything again."""
    seats = lead.page.locator("#seats-title")
    before = seats.bounding_box()
    lead.by("campaigns-brief").click()
    lead.page.reload()
    lead.until_running("running")
    after = seats.bounding_box()
    assert before and after and after["y"] < before["y"] - 250
    for name in ("why-not-dialing", "settings-toggle", "set-paused", "set-stopped"):
        assert lead.inside(name).is_visible()
    assert not lead.inside("pacing-trace").is_visible()
    lead.by("campaigns-brief").click()
    assert lead.inside("pacing-trace").is_visible()


def _every_step_is_taken_and_told(lead: Panel) -> None:
    lead.inside("set-paused").click()
    lead.until_running("paused")
    lead.until_changed("稼働中 → 一時停止中")
    lead.inside("set-running").click()
    lead.until_running("running")
    lead.inside("set-draining").click()
    lead.until_running("draining")
    lead.until_changed("稼働中 → 新規発信停止中")
    lead.inside("set-stopped").click()
    _confirm(lead, "stop-finish")
    lead.until_running("stopped")
    lead.until_changed("新規発信停止中 → 停止中")
    assert lead.inside("next-move").is_hidden()
    lead.inside("set-running").click()
    _confirm(lead, "confirm-running")
    lead.until_running("running")
    lead.until_changed("停止中 → 稼働中")
    changes = lead.inside("campaign-changes")
    changes.locator("summary").click()
    assert changes.locator("li").count() == 6


def _the_red_stop_stops_all(lead: Panel) -> None:
    lead.by("stop-all").click()
    choice = lead.page.locator('#stop-all-area [data-testid="stop-finish"]')
    _press_until(lead, choice)
    lead.until_running("stopped")
    lead.wait_shown("all-stopped")
    lead.until_changed("稼働中 → 停止中")


def _confirm(lead: Panel, choice: str) -> None:
    _press_until(lead, lead.inside(choice))


def _press_until(lead: Panel, button: Locator) -> None:
    """A press too soon after the question is taken for a double click: press until it is heard."""

    def gone() -> bool:
        if button.is_visible():
            button.click()
        return not button.is_visible()

    until(gone, what="the question is answered")
