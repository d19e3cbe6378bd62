"""A lead in operators' calls: who hears whom by tones, and the call untouched by all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Error

from tests.e2e.browser import LOUD_DBFS, MICROPHONE_HZ, Desk, launched, person, until
from tests.e2e.customer_ear import AUDIBLE_DBFS, CustomerEar, after_the_call, is_alive, windows
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

LEAD_HZ = 1450
# Each is a tone of its own, told by the last three digits, until somebody of ours hangs up.
CUSTOMERS = [
    Listed(name, f"0900200{9000 + hz}")
    for name, hz in (("聞田 一", 520), ("次山 二", 640), ("交田 三", 760), ("後藤 四", 880))
]
HEARD_FOR = timedelta(seconds=2)
EDGE = timedelta(seconds=0.6)  # a voice's way through two browsers, on a busy machine
REFUSING = """
  window.refusing = true;
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => (window.refusing
    ? Promise.reject(new DOMException("denied", "NotAllowedError")) : ask(wanted));
"""
COUNT_TONES = """() => {
  const start = OscillatorNode.prototype.start;
  window.tones = 0;
  OscillatorNode.prototype.start = function (...when) {
    window.tones += 1;
    start.apply(this, when);
  };
}"""

Between = tuple[datetime, datetime]


class Lead(Desk):
    """The floor of a lead who has a leg of their own."""

    @property
    def seat_state(self) -> str | None:
        return None

    def press(self, mode: str) -> None:
        """The button of the first operator's tile."""
        self.page.locator(f'[data-seat="operator1"] [data-testid="supervise-{mode}"]').click()

    def wait_mode(self, mode: str) -> None:
        bar = self.by("supervision-bar")
        until(
            lambda: bar.is_visible() and bar.get_attribute("data-mode") == mode,
            what=lambda: f"{mode}: {bar.inner_text() if bar.is_visible() else 'no bar'}",
        )

    def hears(self, hz: float) -> bool:
        return self.heard_dbfs(hz) > LOUD_DBFS

    def wait_call(self, hz: float) -> None:
        """Until both sides are heard: the customer's tone, and the operator's."""
        until(lambda: self.hears(hz) and self.hears(MICROPHONE_HZ), what=lambda: self._sounds(hz))


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("supervision"))
    product.set_campaign(SALES, mode="progressive", wrap_up_s=120, screening="off", talk_limit_s=10)
    product.replace_lists(SALES, CUSTOMERS)
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


@pytest.fixture
def lead(
    product: Product, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Lead]]:
    """Open the floor as the lead, whose microphone hums another tone than the operator's."""
    folder = tmp_path_factory.mktemp("lead")
    with launched(browser.browser_type, folder, microphone_hz=LEAD_HZ) as their_browser:
        opened: list[Lead] = []

        def open_floor() -> Lead:
            context = person(their_browser)
            context.add_init_script(REFUSING)
            opened.append(Lead(context.new_page(), product.url))
            opened[-1].sign_in("lead1")
            opened[-1].page.evaluate("window.refusing = false")
            return opened[-1]

        yield open_floor
    problems = [problem for each in opened for problem in each.problems]
    assert not problems, problems


def test_a_lead_listens_whispers_barges_dies_and_takes_over(
    product: Product, visit: Callable[..., Desk], lead: Callable[[], Lead]
) -> None:
    desk = visit(product)
    desk.sign_in("operator1")
    desk.go_available()
    first = desk.take_next(CUSTOMERS)
    floor = lead()
    _a_refused_microphone_is_said(floor)
    _alerts_are_to_be_heard(floor)
    spans = _through_the_modes(desk, floor, hertz(first))
    _only_one_leg_and_one_call(product, floor, first)
    _a_talk_past_its_limit_is_told_to_both(product, desk, floor)
    floor.by("supervision-follow").check()
    desk.finish_call(away=False)
    _nobody_but_by_right_heard_the_lead(after_the_call(product, first.number), spans)

    second = desk.take_next(CUSTOMERS)
    floor.wait_mode("listen")
    floor.wait_call(hertz(second))
    died = _the_leads_page_dies(product, desk, floor, second)
    desk.finish_call(away=False)
    _the_talk_went_on(after_the_call(product, second.number), died)

    third = desk.take_next(CUSTOMERS)
    floor = lead()
    taken_at = _the_lead_takes_over(desk, floor, hertz(third))
    fourth = desk.take_next(CUSTOMERS)
    floor.wait_heard(hertz(third))
    held_at, held = datetime.now(UTC), _the_lead_holds_the_call(floor, hertz(third))
    _and_reads_the_record(floor, third)
    assert is_alive(product, third.number) and is_alive(product, fourth.number)
    floor.by("supervision-stop").click()
    until(lambda: not is_alive(product, third.number), what="the lead hung up")
    ear = after_the_call(product, third.number)
    assert ear.ended_by == "caller"
    assert _heard(ear, (taken_at, held_at), LEAD_HZ)
    assert ear.waited_with_music(*held, but_not=LEAD_HZ)
    assert _heard(ear, (held[1], ear.ended_at), LEAD_HZ), "and was talked to again"
    assert not _heard(ear, (taken_at, ear.ended_at), MICROPHONE_HZ)
    assert desk.seat_state == "talking", "the operator is with the next customer"
    desk.finish_call(away=True)
    _every_use_is_a_row(product)
    assert product.run("audit").returncode == 0


def hertz(customer: Listed) -> int:
    return int(customer.number[-3:])


def _a_refused_microphone_is_said(floor: Lead) -> None:
    floor.page.evaluate("window.refusing = true")
    floor.press("listen")
    floor.wait_text("supervision-problem", "マイクの使用が許可されていません")
    assert floor.commands("supervise") == []
    floor.page.evaluate("window.refusing = false")


def _through_the_modes(desk: Desk, floor: Lead, hz: int) -> dict[str, Between]:
    """By keyboard from the tile, then in the bar; from when to when each mode was heard."""
    button = floor.page.locator('[data-seat="operator1"] [data-testid="supervise-listen"]')
    button.focus()
    floor.page.keyboard.press("Enter")
    floor.wait_mode("listen")
    floor.wait_call(hz)
    floor.wait_text("supervised-by", "聞く")
    desk.wait_shown("monitored")
    spans = {"listen": _a_while(lambda: desk.heard_dbfs(LEAD_HZ) < LOUD_DBFS)}

    floor.by("switch-whisper").click()
    floor.wait_mode("whisper")
    desk.wait_heard(LEAD_HZ)
    spans["whisper"] = _a_while(lambda: floor.hears(hz))

    floor.by("switch-barge").click()
    floor.wait_mode("barge")
    desk.wait_text("monitored", "顧客にも聞こえます")
    spans["barge"] = _a_while(lambda: desk.heard_dbfs(hz) > LOUD_DBFS)
    assert desk.heard_dbfs(LEAD_HZ) > LOUD_DBFS
    assert floor.hears(hz) and floor.hears(MICROPHONE_HZ)

    floor.by("supervision-mute").click()
    until(lambda: desk.heard_dbfs(LEAD_HZ) < LOUD_DBFS, what="the lead is muted")
    floor.by("supervision-mute").click()
    desk.wait_heard(LEAD_HZ)
    floor.by("switch-listen").click()
    floor.wait_mode("listen")
    until(lambda: desk.heard_dbfs(LEAD_HZ) < LOUD_DBFS, what="the lead only listens")
    return spans


def _a_while(holds: Callable[[], bool], lasting: timedelta = HEARD_FOR) -> Between:
    """Long enough to be found in a recording; what must hold is looked at in the end."""
    start = datetime.now(UTC)
    until(lambda: datetime.now(UTC) - start > lasting, what="a while")
    assert holds()
    return start, datetime.now(UTC)


def _only_one_leg_and_one_call(product: Product, floor: Lead, customer: Listed) -> None:
    """Nothing was dialed and no leg was made for a switch."""
    floor.take_in()
    assert len(floor.commands("supervision_offer")) == 1
    invites = [e for e in product.carrier_events("invite") if e["number"] == customer.number]
    assert len(invites) == 1


def _alerts_are_to_be_heard(floor: Lead) -> None:
    """Asked for by keyboard; a tone says at once how it sounds."""
    switch = floor.by("alert-sound")
    assert switch.get_attribute("aria-pressed") == "false"
    floor.page.evaluate(COUNT_TONES)
    switch.focus()
    floor.page.keyboard.press("Enter")
    until(lambda: floor.page.evaluate("window.tones") == 2, what="two short tones")
    assert switch.get_attribute("aria-pressed") == "true"


def _a_talk_past_its_limit_is_told_to_both(product: Product, desk: Desk, floor: Lead) -> None:
    """A09: on the operator's page, and as an alert the lead hears and acknowledges."""
    desk.wait_text("over-talk", "10秒")
    alert = floor.by("alert", kind="call", seat="operator1")
    until(lambda: alert.count() == 1, what="an alert")
    until(lambda: floor.page.evaluate("window.tones") >= 4, what="the sound of it")
    tile = floor.by("seat-tile", seat="operator1")
    assert tile.get_attribute("data-alert") == "open"
    assert "通話時間の上限超過" in tile.inner_text()
    alert.get_by_test_id("alert-know").click()
    until(lambda: alert.get_attribute("data-known") == "true", what="acknowledged")
    assert "森 智子" in alert.inner_text()
    until(lambda: "確認済み: 森 智子" in tile.inner_text(), what="the seat says so as well")
    known = "SELECT actor FROM audit WHERE action = 'alert.acknowledged'"
    assert product.query(known) == [("lead1",)]


def _heard(ear: CustomerEar, span: Between, hz: float) -> bool:
    """Whether a tone is there most of the time between two instants, but for the edges."""
    pieces = windows(span[0] + EDGE, span[1] - EDGE)
    return sum(ear.dbfs(at, hz) > AUDIBLE_DBFS for at in pieces) > 0.5 * len(pieces)


def _nobody_but_by_right_heard_the_lead(ear: CustomerEar, spans: dict[str, Between]) -> None:
    for mode, span in spans.items():
        assert _heard(ear, span, MICROPHONE_HZ), mode
        assert _heard(ear, span, LEAD_HZ) is (mode == "barge"), mode
    start, end = spans["whisper"]
    whispered = [ear.dbfs(at, LEAD_HZ) for at in windows(start, end)]
    assert max(whispered) <= AUDIBLE_DBFS, "not one word of a whisper reaches the customer"


def _the_leads_page_dies(product: Product, desk: Desk, floor: Lead, customer: Listed) -> datetime:
    """F44: killed in the middle of a word; when."""
    floor.by("switch-barge").click()
    floor.wait_mode("barge")
    desk.wait_heard(LEAD_HZ)
    died = datetime.now(UTC)
    crashed: list[Any] = []
    floor.page.on("crash", lambda page: crashed.append(page))  # not a builtin
    with pytest.raises(Error):
        floor.page.goto("chrome://crash")
    until(lambda: floor.take_in() or crashed, what="the page is killed")
    open_rows = "SELECT 1 FROM supervisions WHERE ended_at IS NULL"
    until(lambda: not product.query(open_rows), what="the row is closed")
    [(cause,)] = product.query("SELECT cause FROM supervisions ORDER BY ended_at DESC LIMIT 1")
    assert cause == "leg-lost"
    desk.wait_gone("monitored")
    assert desk.seat_state == "talking"
    desk.wait_heard(hertz(customer))
    assert desk.heard_dbfs(LEAD_HZ) < LOUD_DBFS
    return died


def _the_talk_went_on(ear: CustomerEar, died: datetime) -> None:
    """The customer heard the operator before, at, and after the death of the lead's page."""
    around = (died - HEARD_FOR, min(ear.ended_at, died + 2 * HEARD_FOR))
    pieces = windows(*around)
    assert sum(ear.dbfs(at) > AUDIBLE_DBFS for at in pieces) >= 0.9 * len(pieces)


def _the_lead_takes_over(desk: Desk, floor: Lead, hz: int) -> datetime:
    """The operator writes it up and takes the next customer; the lead goes on with this one."""
    floor.press("listen")
    floor.wait_call(hz)
    floor.by("switch-take_over").click()
    until(lambda: "さん" in floor.by("supervision-bar").inner_text(), what="the question")
    floor.wait_shown("take-over-yes")
    until(lambda: _confirmed(floor), what="taken over")
    desk.wait_state("wrap_up")
    floor.wait_mode("take_over")
    taken_at = datetime.now(UTC)
    until(
        lambda: floor.hears(hz) and not floor.hears(MICROPHONE_HZ),
        what="the customer alone",
    )
    _a_while(lambda: floor.hears(hz))
    desk.wait_text("monitored", "引き取りました")
    desk.finish_call(away=False)
    return taken_at


def _the_lead_holds_the_call(floor: Lead, hz: int) -> Between:
    """While the customer waits the lead hears nothing; from when to when."""
    floor.by("supervision-hold").click()
    floor.wait_text("supervision-bar", "保留中")
    until(lambda: not floor.hears(hz), what="the customer is on hold")
    begun, ended = _a_while(lambda: not floor.hears(hz), HEARD_FOR + 2 * EDGE)
    assert floor.by("supervision-hold").get_attribute("aria-pressed") == "true"
    floor.by("supervision-hold").click()
    floor.wait_heard(hz)
    return begun + EDGE, ended - EDGE


def _and_reads_the_record(floor: Lead, customer: Listed) -> None:
    """In a page of its own: the floor has the call."""
    with floor.page.context.expect_page() as opened:
        floor.by("supervision-record").click()
    record = opened.value
    record.wait_for_load_state()
    assert customer.name in record.inner_text("main")
    record.close()
    floor.wait_mode("take_over")


def _confirmed(floor: Lead) -> bool:
    """A second press too soon after the first goes for nothing, so it is made until it counts."""
    yes = floor.by("take-over-yes")
    if yes.is_visible():
        yes.click()
    return yes.is_hidden()


def _every_use_is_a_row(product: Product) -> None:
    rows: list[Any] = product.query(
        "SELECT mode, cause FROM supervisions ORDER BY asked_at, began_at"
    )
    assert [tuple(row) for row in rows] == [
        ("listen", "switched"),
        ("whisper", "switched"),
        ("barge", "switched"),
        ("listen", "call-ended"),
        ("listen", "switched"),  # of the next call, by the tick box
        ("barge", "leg-lost"),
        ("listen", "switched"),
        ("take_over", "call-ended"),
    ]
    asked = product.query("SELECT 1 FROM audit WHERE action = 'supervision.asked'")
    ended = product.query("SELECT 1 FROM audit WHERE action = 'supervision.ended'")
    assert len(asked) == len(ended) == len(rows)
    assert len(product.query("SELECT 1 FROM audit WHERE action = 'call.taken-over'")) == 1
