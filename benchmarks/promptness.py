"""What must happen within seconds of a press, a loss or a signal, measured against the promise.

    python -m benchmarks.promptness [--rounds 5]

Tests ask whether these things happen; how fast they are is only said by a machine that does
nothing else. Chromium and the whole product for what people see, a gateway between a desk and a
carrier of the benchmark's own for the rest. Ends with 1 when a promise was not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.table import percentiles
from softphone.protocol import BlockNumbers, CallRinging, SeatSilent
from tests.e2e.browser import Desk, Visit, chromium, person
from tests.e2e.customer_ear import after_the_call
from tests.product import BRIDGE_WITHIN_S, COLLECTIONS, SALES, Listed, Product
from tests.softphone.gateway.test_two_gateways import TwoGateways
from tests.softphone.gateway.world import NUMBER, World
from tests.waiting import await_until, until

PROMISED_S = {
    "state of a seat → tile of the lead": 1.0,
    "silent network → banner": 3.0,
    "hang-up pressed → customer's line ended": 1.0,
    "logged out elsewhere → sockets closed": 1.0,
    "account disabled → sockets closed": 1.0,
    "SIGTERM → desk ended": 2.0,
    "red stop pressed → last INVITE at the carrier": 1.0,
    "red stop pressed → confirmed by every gateway": 1.0,
    "number blocked → ringing cancelled": 1.0,
    "SIGINT → gateway with a talk ended": 2.0,
    "lender of a seat killed → known to the host": 3.0,
}
Samples = dict[str, list[float]]
# Called one after the other as fast as the trunk takes them, for one seat.
BUSY = [Listed(f"話中 {n}", f"0900{n:03d}9001") for n in range(100, 1000)]
SETTLE_S = 0.5  # a second press is not taken sooner
SILENCE_S = 3.0  # what was on its way when the button was pressed has come by then


def seconds_until(predicate: Callable[[], object]) -> float:
    """How long it takes until something is so."""
    began = time.monotonic()
    until(predicate)
    return time.monotonic() - began


# --- what people see ----------------------------------------------------------------------------


def at_the_desk(folder: Path, samples: Samples, *, rounds: int) -> None:
    """Whole product, operators, a lead and an administrator in Chromium."""
    customers = [Listed(f"速度 {n}", f"0900{n:03d}9440") for n in range(rounds)]
    product = Product(folder)
    product.prepare()
    product.set_campaign(SALES, mode="progressive", wrap_up_s=300, bridge_within_s=BRIDGE_WITHIN_S)
    product.replace_lists(SALES, customers)
    product.set_campaign(COLLECTIONS, mode="progressive")
    product.replace_lists(COLLECTIONS, BUSY)
    try:
        product.start_all()
        with sync_playwright() as playwright, chromium(playwright, folder / "browser") as browser:
            lead, admin = _visit(browser, product, "lead1"), _visit(browser, product, "admin1")
            admin.page.goto(f"{admin.url}/admin/users")
            toggle = admin.by("user-row", user="operator2").get_by_test_id("toggle-user")
            for _ in range(rounds):
                desk = Desk(person(browser).new_page(), product.url)
                desk.sign_in("operator1")
                _one_call(product, desk, lead, samples, customers)
                _out(desk, samples, "logged out elsewhere → sockets closed", _log_out)
                desk.page.context.close()
                other = Desk(person(browser).new_page(), product.url)
                other.sign_in("operator2")
                other.wait_state("starting")
                _out(other, samples, "account disabled → sockets closed", lambda _: toggle.click())
                other.page.context.close()
                toggle.click()
            caller = Desk(person(browser).new_page(), product.url)
            caller.sign_in("operator4")
            caller.go_available()
            for _ in range(rounds):
                _red_stop(product, lead, samples)
        began = time.monotonic()
        product.stop("desk")
        samples["SIGTERM → desk ended"].append(time.monotonic() - began)
    finally:
        product.stop_all()


def _visit(browser: Browser, product: Product, username: str) -> Visit:
    visit = Visit(person(browser).new_page(), product.url)
    visit.sign_in(username)
    return visit


def _one_call(
    product: Product, desk: Desk, lead: Visit, samples: Samples, customers: list[Listed]
) -> None:
    desk.go_available()
    desk.wait_state("talking")
    tile = lead.by("seat-tile", seat="operator1")
    samples["state of a seat → tile of the lead"].append(
        seconds_until(lambda: tile.get_attribute("data-state") == "talking")
    )
    customer = desk.take_next(customers)
    product.freeze("desk")
    samples["silent network → banner"].append(seconds_until(desk.by("link-lost").is_visible))
    product.thaw("desk")
    desk.wait_gone("link-lost")
    desk.by("go-away").click()
    desk.wait_shown("away-queued")
    pressed_at = datetime.now(UTC)
    desk.by("hang-up").click()
    ended_at = after_the_call(product, customer.number).ended_at
    samples["hang-up pressed → customer's line ended"].append(
        (ended_at - pressed_at).total_seconds()
    )
    desk.wait_state("wrap_up")
    desk.by("save-result").click()
    desk.wait_state("away")


def _red_stop(product: Product, lead: Visit, samples: Samples) -> None:
    """Stop everything while one customer after the other is called, then go on."""
    before = len(product.carrier_events("invite"))
    until(lambda: len(product.carrier_events("invite")) > before + 5)
    lead.by("stop-all").click()
    lead.wait_shown("stop-finish")
    time.sleep(SETTLE_S)
    pressed_at, began = datetime.now(UTC), time.monotonic()
    lead.by("stop-finish").click()
    until(lambda: lead.by("stop-all").get_attribute("title") != "")
    until(lambda: lead.by("stop-all-note").is_hidden())
    samples["red stop pressed → confirmed by every gateway"].append(time.monotonic() - began)
    lead.wait_shown("all-stopped")
    time.sleep(SILENCE_S)
    placed = [datetime.fromisoformat(each["at"]) for each in product.carrier_events("invite")]
    samples["red stop pressed → last INVITE at the carrier"].append(
        max(0.0, (max(placed) - pressed_at).total_seconds())
    )
    lead.page.get_by_label(COLLECTIONS).get_by_test_id("set-running").click()
    lead.wait_shown("confirm-running")
    time.sleep(SETTLE_S)
    lead.by("confirm-running").click()


def _out(desk: Desk, samples: Samples, what: str, throw: Callable[[Desk], object]) -> None:
    def closed() -> bool:
        desk.take_in()
        return any(frame.startswith("41/desk") for frame in desk.received[-10:])

    began = time.monotonic()
    throw(desk)
    until(closed)
    samples[what].append(time.monotonic() - began)


def _log_out(desk: Desk) -> None:
    """As another page of the same browser would."""
    token = desk.page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    desk.page.context.request.post(f"{desk.url}/logout", form={"csrf_token": token})


# --- the gateway --------------------------------------------------------------------------------


async def at_the_gateway(folder: Path, samples: Samples) -> None:
    """One gateway between a desk and a carrier."""
    world = World(folder)
    loop = asyncio.get_running_loop()
    try:
        await world.open()
        await world.browser()
        ringing = await world.place("c2")
        ringing.sip.ring()
        await world.desk.event(CallRinging)
        began = loop.time()
        await world.desk.send(BlockNumbers((f"key of {NUMBER}",)))
        await await_until(lambda: ringing.ended == "cancelled")
        samples["number blocked → ringing cancelled"].append(loop.time() - began)
    finally:
        await world.close()


async def at_the_end_of_a_gateway(folder: Path, samples: Samples) -> None:
    """SIGINT in the middle of a talk: good-byes to carrier and browser, then the end."""
    world = World(folder)
    loop = asyncio.get_running_loop()
    try:
        await world.open()
        await world.browser()
        await world.talk()
        began = loop.time()
        await loop.run_in_executor(None, world.gateway.stop)
        samples["SIGINT → gateway with a talk ended"].append(loop.time() - began)
    finally:
        await world.close()


async def between_gateways(folder: Path, samples: Samples) -> None:
    """The gateway that lent a seat is killed."""
    two = TwoGateways(folder)
    loop = asyncio.get_running_loop()
    try:
        await two.open()
        await two.browser()
        await two.talk()
        began = loop.time()
        two.lender.kill()
        await two.host_desk.event(SeatSilent, silent=True)
        samples["lender of a seat killed → known to the host"].append(loop.time() - began)
    finally:
        await two.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    samples: Samples = {what: [] for what in PROMISED_S}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        at_the_desk(folder / "desk", samples, rounds=options.rounds)
        for measure in (at_the_gateway, at_the_end_of_a_gateway, between_gateways):
            for number in range(options.rounds):
                asyncio.run(measure(folder / f"{measure.__name__}-{number}", samples))
    print("| seconds | promised | samples | p50 | p95 | p99 | worst | kept |")
    print("|---|---|---|---|---|---|---|---|")
    kept = {what: max(took) <= PROMISED_S[what] for what, took in samples.items()}
    for what, took in samples.items():
        figures = percentiles(took, digits=2)
        print(f"| {what} | {PROMISED_S[what]:g} | {figures} | {'yes' if kept[what] else 'no'} |")
    raise SystemExit(0 if all(kept.values()) else 1)


if __name__ == "__main__":
    main()
