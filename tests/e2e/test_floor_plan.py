"""A lead draws the floor plan, has the floor as a table, and orders a seat about from its tile."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import WebSocketRoute

from tests.e2e.browser import Desk, Visit, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

CUSTOMERS = [
    Listed(name, f"0900200{9000 + hz}") for name, hz in (("席田 一", 640), ("机川 二", 760))
]
SEAT = "operator1"


class Floor(Visit):
    """The lead's page, with the floor plan open."""

    def desk_of(self, seat: str = SEAT) -> tuple[str | None, str | None] | None:
        """Row and column at which a seat is drawn, if it is on the plan."""
        drawn = self.page.locator(f'[data-part="plan-grid"] .plan-seat[data-seat="{seat}"]')
        if drawn.count() == 0:
            return None
        return drawn.get_attribute("data-row"), drawn.get_attribute("data-column")

    def wait_desk(self, row: int, column: int, seat: str = SEAT) -> None:
        """Until the seat is drawn there, and the desk has stored it."""
        wanted = (str(row), str(column))
        until(lambda: self.desk_of(seat) == wanted, what=lambda: f"{wanted}: {self.desk_of(seat)}")

    def drag(self, seat: str, row: int, column: int) -> None:
        """By pointer, with the steps a hand makes."""
        grid = self.by("plan-grid").bounding_box()
        held = self.by("plan-seat", seat=seat).bounding_box()
        assert grid is not None and held is not None
        mouse = self.page.mouse
        mouse.move(held["x"] + held["width"] / 2, held["y"] + held["height"] / 2)
        mouse.down()
        mouse.move(held["x"] - 20, held["y"] + 20, steps=3)
        to_x = grid["x"] + grid["width"] / COLUMNS * (column - 0.5)
        mouse.move(to_x, grid["y"] + grid["height"] / ROWS * (row - 0.5), steps=5)
        mouse.up()

    def type_place(self, row: int, column: int) -> None:
        """By the form."""
        self.by("place-row").fill(str(row))
        self.by("place-column").fill(str(column))
        self.by("place-save").click()

    def picture(self, name: str) -> None:
        """Keep what the page looks like, where somebody wants to look at it."""
        folder = os.environ.get("AGENT_DESK_PICTURES")
        if folder:
            self.page.locator("#seats-title").evaluate("each => each.scrollIntoView()")
            self.page.screenshot(path=Path(folder) / f"{name}.png")


ROWS, COLUMNS = 4, 5


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("floor-plan"))
    product.set_campaign(SALES, mode="progressive", wrap_up_s=600, screening="off")
    product.replace_lists(SALES, CUSTOMERS)
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_a_lead_draws_the_plan_and_orders_a_seat_about(
    product: Product, visit: Callable[..., Visit]
) -> None:
    desk = visit(product)
    assert isinstance(desk, Desk)
    desk.sign_in(SEAT)
    floor = visit(product, Floor)
    assert isinstance(floor, Floor)
    floor.sign_in("lead1")
    until(lambda: floor.by("seat-tile", seat=SEAT).count() == 1, what="the tile")
    _a_room_is_made(floor)
    _a_seat_is_moved_by_pointer_keys_and_form(floor)
    _another_lead_has_the_last_word(product, floor, visit)
    _the_plan_is_there_after_a_reload(floor)
    floor.by("layout-tiles").click()
    desk.go_available()
    _a_call_is_shown_masked(desk, floor)
    _away_after_the_call_and_taken_back(desk, floor)
    _a_stuck_wrap_up_is_finished(desk, floor)
    _a_feed_that_stops_is_said_to_have(product, visit)
    _the_table_is_ordered_filtered_and_kept(product, desk, visit)
    _the_operator_is_logged_out(desk, floor)


def _a_room_is_made(floor: Floor) -> None:
    floor.by("layout-plan").click()
    floor.by("plan-edit").click()
    floor.by("room-new").click()
    floor.by("room-name").fill("本社 3階")
    floor.by("room-rows").fill(str(ROWS))
    floor.by("room-columns").fill(str(COLUMNS))
    floor.picture("room")
    floor.by("room-save").click()
    until(lambda: floor.by("plan-room").locator("option").count() == 1, what="the room")
    floor.by("room-new").click()
    floor.by("room-name").fill("本社 3階")
    floor.by("room-save").click()
    until(floor.page.locator('[data-part="room-problem"]').is_visible, what="the refusal")
    floor.picture("room-refused")
    floor.page.keyboard.press("Escape")


def _a_seat_is_moved_by_pointer_keys_and_form(floor: Floor) -> None:
    floor.drag(SEAT, 2, 3)
    floor.wait_desk(2, 3)
    floor.by("plan-seat", seat=SEAT).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
        floor.page.keyboard.press(key)
    floor.wait_desk(3, 5)
    floor.picture("plan-light")
    floor.type_place(1, 2)
    floor.wait_desk(1, 2)
    floor.by("place-off").click()
    until(lambda: floor.desk_of() is None, what="off the plan")
    floor.by("plan-seat", seat=SEAT).click()
    floor.type_place(4, 4)
    floor.wait_desk(4, 4)


def _another_lead_has_the_last_word(
    product: Product, floor: Floor, visit: Callable[..., Visit]
) -> None:
    other = visit(product, Floor)
    assert isinstance(other, Floor)
    other.sign_in("admin1")
    other.page.emulate_media(color_scheme="dark")
    other.page.goto(f"{product.url}/floor")
    other.by("layout-plan").click()
    other.wait_desk(4, 4)
    other.by("plan-edit").click()
    other.by("plan-seat", seat=SEAT).click()
    other.type_place(2, 2)
    other.wait_desk(2, 2)
    other.picture("plan-dark")
    floor.wait_desk(2, 2)
    until(lambda: floor.by("notices").inner_text() != "", what="the notice")


def _the_plan_is_there_after_a_reload(floor: Floor) -> None:
    floor.page.reload()
    floor.wait_desk(2, 2)


def _a_call_is_shown_masked(desk: Desk, floor: Floor) -> None:
    customer = desk.take_next(CUSTOMERS)
    line = floor.by("seat-tile", seat=SEAT).locator('[data-part="customer"]')
    until(lambda: line.is_visible() and "••" in line.inner_text(), what="the customer")
    assert customer.name[0] in line.inner_text()
    told = "".join(floor.received)
    assert customer.name not in told
    assert customer.number[-4:] not in line.inner_text()
    floor.picture("tiles-light")


def _a_feed_that_stops_is_said_to_have(product: Product, visit: Callable[..., Visit]) -> None:
    """Nothing is closed: the network swallows what the desk says."""
    swallowing: list[bool] = []
    watched = visit(product, Floor)
    assert isinstance(watched, Floor)

    def between(page: WebSocketRoute) -> None:
        desk = page.connect_to_server()
        desk.on_message(lambda said: None if swallowing else page.send(said))

    watched.page.route_web_socket(re.compile("/socket.io/"), between)
    watched.sign_in("admin1")
    watched.page.goto(f"{product.url}/floor")
    watched.by("layout-tiles").click()
    until(lambda: watched.by("seat-tile", seat=SEAT).count() == 1, what="the tile")
    assert watched.by("stale").is_hidden()
    swallowing.append(True)
    watched.wait_shown("stale")
    assert re.search(r"\d:\d\d:\d\d", watched.text("stale")), "since when"
    assert watched.by("seat-tile", seat=SEAT).is_visible(), "the last that was known stays"
    swallowing.clear()
    watched.wait_gone("stale")


def _the_table_is_ordered_filtered_and_kept(
    product: Product, desk: Desk, visit: Callable[..., Visit]
) -> None:
    desks: dict[str, Visit] = {SEAT: desk}
    for username in ("operator2", "operator4"):
        desks[username] = visit(product, Desk)
        desks[username].sign_in(username)
    table = visit(product, Table)
    assert isinstance(table, Table)
    table.sign_in("admin1")
    table.page.goto(f"{product.url}/floor")
    table.by("layout-table").click()
    table.wait_rows("operator1", "operator2", "operator4")
    table.ordered_by_two_keys()
    raised = table.held_while_pointed_at(desks)
    table.filtered_and_kept(raised)
    table.opened_again()
    table.worked_by_keyboard()
    table.changed_and_deleted()


class Table(Floor):
    """The floor as an administrator's table."""

    def rows(self) -> list[str]:
        """Who is shown, from above."""
        seen = "each => each.map((row) => row.dataset.seat)"
        names: list[str] = self.by("seat-row").evaluate_all(seen)
        return names

    def teams(self) -> list[str]:
        """Their teams, row by row."""
        return self.page.locator('.seat-row [data-part="team"]').all_inner_texts()

    def wait_rows(self, *names: str) -> None:
        """Until these are shown, in whatever order."""
        until(lambda: sorted(self.rows()) == sorted(names), what=lambda: f"{names}: {self.rows()}")

    def ordered_by_two_keys(self) -> None:
        """By keys, then by pointer: both ways add a key beside the first one."""
        self.by("sort-team").focus()
        self.page.keyboard.press("Enter")
        self.by("sort-name").focus()
        self.page.keyboard.press("Shift+Enter")
        until(lambda: "▲2" in self.text("sort-name"), what="the second key")
        assert "▲1" in self.text("sort-team")
        assert self.by("sort-team").locator("..").get_attribute("aria-sort") == "ascending"
        teams, before = self.teams(), self.rows()
        assert teams == sorted(teams, key=teams.index), "teams stand together"
        self.by("sort-name").click(modifiers=["Shift"])
        until(lambda: "▼2" in self.text("sort-name"), what="turned round")
        assert self.teams() == teams
        sales = {"operator1", "operator2"}
        turned = [each for each in self.rows() if each in sales]
        assert turned == [each for each in before if each in sales][::-1]
        self.by("sort-team").click()
        until(lambda: self.teams()[0] != teams[0], what="turned round")
        assert self.text("sort-name").strip() == "名前", "it is the only key again"
        self.picture("table")

    def held_while_pointed_at(self, desks: dict[str, Visit]) -> str:
        """Rows do not jump from under the pointer but wait until it left; who asked for help."""
        self.by("sort-hand").click()
        until(lambda: "▲1" in self.text("sort-hand"), what="by hands")
        shown = self.rows()
        raised = shown[-1]
        self.by("seat-row", seat=shown[0]).hover()
        assert desks[raised].say("raise_hand", {"reason": "help"})["ok"]
        until(self.by("table-held").is_visible, what="that the order is held")
        assert self.rows() == shown
        self.page.mouse.move(5, 5)
        until(lambda: self.rows()[0] == raised, what="the raised hand on top")
        assert self.by("table-held").is_hidden()
        return raised

    def filtered_and_kept(self, raised: str) -> None:
        """One hand among three seats, under a name that opens first."""
        self.by("filter-hand").click()
        self.wait_rows(raised)
        assert "3席中 1席" in self.text("filter-count")
        self.by("filter-hand").click()
        self.by("filter-team").select_option(index=2)
        self.wait_rows("operator4")
        self.by("layout-plan").click()
        until(self.by("plan-seat", seat=SEAT, filtered="true").is_visible, what="the plan dims")
        self.by("layout-table").click()
        self.by("view-open").click()
        self.by("view-name").fill("督促チーム")
        self.by("view-opens").check()
        self.picture("view")
        self.page.keyboard.press("Enter")
        self.wait_gone("view-dialog")
        assert self.page.url.endswith("/floor"), "nothing of it is in an address"

    def opened_again(self) -> None:
        """In the same tab as it was left, in another as it is kept."""
        self.by("filter-text").fill("山")
        self.page.reload()
        self.wait_rows("operator4")
        assert self.by("filter-text").input_value() == "山"
        assert self.by("view-changed").is_visible()
        tab = Table(self.page.context.new_page(), self.url)
        tab.page.goto(f"{self.url}/floor")
        tab.wait_rows("operator4")
        assert tab.by("filter-text").input_value() == ""
        assert "▲1" in tab.text("sort-hand")
        assert tab.by("view-changed").is_hidden()
        tab.page.close()

    def worked_by_keyboard(self) -> None:
        """From row to row, and into a seat's dialog and back."""
        self.by("filter-clear").focus()
        self.page.keyboard.press("Enter")
        self.wait_rows("operator1", "operator2", "operator4")
        first, second, _ = self.rows()
        self.by("seat-row", seat=first).locator('[data-part="seat-open"]').focus()
        self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")
        self.wait_shown("seat-actions")
        name = self.by("seat-row", seat=second).locator("th").inner_text()
        assert name in self.page.locator("#seat-actions-title").inner_text()
        self.page.keyboard.press("Escape")
        self.wait_gone("seat-actions")
        self.page.keyboard.press("ArrowUp")
        focused = "document.activeElement.closest('tr').dataset.seat"
        assert self.page.evaluate(focused) == first

    def changed_and_deleted(self) -> None:
        """Overwritten under another name, then gone; the page stays as it is."""
        self.by("view-open").click()
        self.by("view-name").fill("全チーム")
        self.by("view-save").click()
        self.wait_gone("view-dialog")
        until(lambda: "全チーム" in self.text("view-choice"), what="the new name")
        assert self.by("view-changed").is_hidden()
        self.by("view-open").click()
        self.by("view-remove").click()
        self.by("view-remove-yes").click()
        self.wait_gone("view-dialog")
        assert self.by("view-choice").locator("option").count() == 1
        assert len(self.rows()) == 3


def _open(floor: Floor) -> None:
    floor.by("seat-tile", seat=SEAT).locator('[data-testid="seat-open"]').click()
    floor.wait_shown("seat-actions")


def _order(floor: Floor, what: str, *, reason: str | None = None, note: str = "") -> None:
    _open(floor)
    floor.by("order-what").select_option(what)
    if reason is not None:
        floor.by("order-reason").select_option(reason)
    floor.by("order-note").fill(note)
    floor.picture(f"order-{what}")
    floor.by("order-send").click()
    floor.wait_gone("seat-actions")


def _away_after_the_call_and_taken_back(desk: Desk, floor: Floor) -> None:
    _open(floor)
    floor.by("order-when").select_option("now")
    floor.by("order-send").click()
    until(floor.by("order-problem").is_visible, what="why not now")
    floor.picture("order-refused")
    floor.page.keyboard.press("Escape")
    floor.wait_gone("seat-actions")
    _order(floor, "away", reason="training", note="3階の会議室へ")
    until(desk.page.locator('[data-part="ordered-banner"]').is_visible, what="the banner")
    desk_picture = os.environ.get("AGENT_DESK_PICTURES")
    if desk_picture:
        desk.page.screenshot(path=Path(desk_picture) / "ordered.png")
    _open(floor)
    until(lambda: "会議室" in floor.text("order-waiting"), what="what waits")
    floor.picture("order-waiting")
    floor.by("order-cancel").click()
    until(desk.page.locator('[data-part="ordered-banner"]').is_hidden, what="it was taken back")
    floor.page.keyboard.press("Escape")
    floor.wait_gone("seat-actions")
    assert desk.seat_state == "talking", "the call went on"


def _a_stuck_wrap_up_is_finished(desk: Desk, floor: Floor) -> None:
    _order(floor, "away", reason="meeting")
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")
    floor.page.emulate_media(color_scheme="dark")
    tile = floor.by("seat-tile", seat=SEAT)
    # It moves to another group then: a press that begins before would end beside it.
    until(lambda: tile.get_attribute("data-state") == "wrap_up", what="the tile says so")
    _open(floor)
    until(floor.by("finish-wrap-up").is_visible, what="the button")
    floor.picture("finish-dark")
    floor.by("finish-wrap-up").click()
    desk.wait_state("away")
    until(lambda: tile.get_attribute("data-state") == "away", what="the tile says so")
    floor.page.keyboard.press("Escape")
    floor.wait_gone("seat-actions")


def _the_operator_is_logged_out(desk: Desk, floor: Floor) -> None:
    desk.expect_problem("/tickets")  # the page asks once more, and learns that it is over
    _order(floor, "logout")
    desk.page.wait_for_url("**/login*")
    until(lambda: floor.by("seat-tile", seat=SEAT).count() == 0, what="no tile any more")
