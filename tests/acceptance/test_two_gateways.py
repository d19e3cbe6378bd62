"""Two gateways on one small trunk: one pool of seats and lines, and never more than the contract.

The carrier's own log is the witness: calls that live at once, and INVITEs in any second.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from softphone.audio.ticker import Ticker
from tests.acceptance.kill_rounds import MORNING
from tests.acceptance.shift import Pace, Shift
from tests.operator_client import OperatorClient
from tests.population import numbers, populate, usernames
from tests.product import BRIDGE_WITHIN_S, Product
from tests.waiting import await_until

pytestmark = pytest.mark.processes

LINES, CALLS_PER_SECOND = 4, 4
SECOND = {
    "GATEWAY_ID": "gw2",
    "RTP_PORTS": "47200-47399",
}
# Hums for ever, hums and hangs up after some seconds, is busy.
ENDINGS = ("9440", "9203", "9001", "9523", "9002")


class Floor:
    """Four operators, two on each gateway, and a list nobody gets to the end of."""

    def __init__(self, folder: Path) -> None:
        trunks = folder / "trunks.toml"
        self.product = Product(
            folder,
            environ={
                "SIP_TRUNKS": str(trunks),
                "RTP_PORTS": "47000-47199",
                "GATEWAY_LAG_LIMIT_MS": "2000",
            },
        )
        trunks.write_text(
            f'[[trunk]]\nid = "practice"\nhost = "127.0.0.1"\nport = {self.product.sip_port}\n'
            f'caller_id = "05000000000"\nlines = {LINES}\n'
            f"calls_per_second = {CALLS_PER_SECOND}\n"
        )
        self.shifts: list[Shift] = []

    def start_second(self) -> None:
        data = self.product.data_dir / "gateway-gw2"
        self.product.start("gateway2", GATEWAY_DATA_DIR=str(data), **SECOND)

    async def open(self) -> None:
        product = self.product
        await asyncio.to_thread(product.run, "migrate")
        product.set_clock(MORNING)
        populate(
            product.environ,
            operators=4,
            customers=list(numbers(ENDINGS, 1000)),
            now=product.now(),
            screening="off",
            ring_limit_s=15,
            bridge_within_s=BRIDGE_WITHIN_S,
        )
        await asyncio.to_thread(product.start_all)
        self.start_second()
        await self.both_linked()
        ticker = Ticker()
        for username in usernames(4):
            client = OperatorClient(product.url, username, ticker=ticker)
            pace = Pace(talk_s=(0.3, 1.5), wrap_up_s=(0.0, 0.1))
            self.shifts.append(Shift(product, client, random.Random(username), pace=pace))
        for shift in self.shifts:
            await shift.begin()

    async def both_linked(self) -> None:
        await await_until(lambda: self.product.metric("desk_gateways_linked") == 2, what="both")

    async def close(self) -> None:
        for shift in self.shifts:
            await shift.close()
        await asyncio.to_thread(self.product.stop_all)

    def invites(self) -> int:
        return len(self.product.carrier_events("invite"))

    def log(self, part: str) -> str:
        return (self.product.folder / f"{part}.log").read_text("utf-8")

    async def work(self, calls: int) -> None:
        """Until so many more calls were placed."""
        before = self.invites()

        def placed() -> bool:
            for shift in self.shifts:
                shift.check()
            return self.invites() >= before + calls

        await await_until(placed, within_s=80, what=lambda: f"{calls} calls\n{self.story()}")

    def story(self) -> str:
        """How things stand with the seats, the calls and the parts."""
        seats = [(shift.client.seat_state, shift.client.connected) for shift in self.shifts]
        under_way = "SELECT id, gateway_id, seat_id, placed_at FROM attempts WHERE open"
        return f"seats {seats}\nopen {self.product.query(under_way)}\n{self.product.logs()}"


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    floor = Floor(tmp_path)
    try:
        await floor.open()
        yield floor
    finally:
        await floor.close()


def most_within(instants: list[datetime], window: timedelta) -> int:
    return max(
        sum(1 for other in instants[place:] if other < at + window)
        for place, at in enumerate(instants)
    )


async def test_neither_lines_nor_calls_per_second_go_over_the_trunks_caps(floor: Floor) -> None:
    await floor.work(8)
    # Both are used, and seats are lent from one to the other.
    await await_until(
        lambda: all("a relay ended" in floor.log(part) for part in ("gateway", "gateway2")),
        within_s=80,
        what="a talk over a relay",
    )

    floor.product.kill("gateway2")
    await floor.work(4)
    floor.start_second()
    await floor.both_linked()
    await floor.work(6)

    # An update under load: the first one leaves, and nobody is cut off by that.
    gateway = floor.product.processes.pop("gateway")
    gateway.terminate()
    await await_until(lambda: gateway.poll() is not None, within_s=80, what="the drain")
    assert gateway.returncode == 0
    await floor.work(4)
    causes = floor.product.query("SELECT DISTINCT cause FROM attempt_outcomes")
    assert ("gateway_stopping",) not in causes

    events = floor.product.carrier_events()
    assert max(int(event["live_calls"]) for event in events) <= LINES
    placed = sorted(
        datetime.fromisoformat(event["at"]) for event in floor.product.carrier_events("invite")
    )
    # A tenth of a second is for the log's own lateness on a busy machine.
    assert most_within(placed, timedelta(seconds=0.9)) <= CALLS_PER_SECOND
