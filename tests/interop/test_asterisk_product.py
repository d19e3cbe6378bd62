"""The whole program on a real Asterisk: two hundred calls by the dialer, and Asterisk killed amid.

Found as in `test_asterisk.py`.
"""

from __future__ import annotations

import asyncio
import csv
import os
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from softphone.audio.ticker import Ticker
from tests.acceptance.shift import Pace, Shift
from tests.interop.asterisk import Asterisk, find_asterisk
from tests.operator_client import OperatorClient
from tests.ports import free_udp_port
from tests.product import Product
from tests.waiting import await_until

FOUND = find_asterisk()
pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.processes,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        FOUND is None or "ASTERISK_ROOT" not in os.environ,
        reason="minutes: only with an Asterisk in ASTERISK_ROOT (tools/asterisk-root.sh makes one)",
    ),
]

PASSWORD = "a long password"
CAMPAIGN = "ご案内"
OPERATORS = ("suzuki", "tanaka", "ito", "kato")
MILLIWATT_HZ = 1004
CALLS = 200
# What the customers of the dialplan do, in turn: play a tone and hang up, stay until hung up on,
# play, busy, no such number, stay, gives up, play.
DOES = (103, 101, 103, 104, 112, 101, 119, 103)


class ByDay(Product):
    """Business time as `desk_by_day` has it: such a trunk allows no other way to move it."""

    def now(self) -> datetime:
        return datetime(2030, 11, 26, 1, 0, tzinfo=UTC) + (datetime.now(UTC) - self.begun)

    begun = datetime.now(UTC)


@pytest.fixture
async def pbx(tmp_path: Path) -> AsyncIterator[Asterisk]:
    assert FOUND is not None
    async with Asterisk.running(tmp_path / "pbx", FOUND, gateway_port=free_udp_port()) as pbx:
        yield pbx


@pytest.fixture
async def product(tmp_path: Path, pbx: Asterisk) -> AsyncIterator[Product]:
    trunk = {
        "SIP_TRUNK": f"127.0.0.1:{pbx.port}",
        "SIP_USERNAME": "account",
        "SIP_PASSWORD": "secret",
        "SIP_DOMAIN": "carrier.test",
        "SIP_CALLER_ID": "0312340002",
    }
    product = ByDay(tmp_path, environ=trunk)
    await asyncio.to_thread(set_up, product)
    product.begun = datetime.now(UTC)
    product.start("desk_by_day")
    product.start("gateway")
    await asyncio.to_thread(product.wait_ready)
    yield product
    await asyncio.to_thread(product.stop_all)


def set_up(product: Product) -> None:
    """Operators, a campaign, and a list of customers who each have a number of their own."""
    product.run("prepare")
    people = {"lead1": "lead", "admin1": "admin", **dict.fromkeys(OPERATORS, "operator")}
    for name, role in people.items():
        person = ("create-user", name, "--name", name, "--role", role)
        team = ("--team", "一班") if role != "admin" else ()
        product.run(*person, *team, "--password", PASSWORD)
    campaign = ("create-campaign", CAMPAIGN, "--product", "光回線", "--team", "一班")
    product.run(
        *campaign, "--kind", "sales", "--screening", "off", "--mode", "ratio", "--ratio", "2.0",
        "--running",
    )  # fmt: skip
    both = ("--brought-by", "lead1", "--by", "admin1", "--password", PASSWORD)
    product.run("approve-safe-harbour", CAMPAIGN, *both)
    file = product.folder / "list.csv"
    with file.open("w", encoding="utf-8", newline="") as rows:
        writer = csv.writer(rows)
        writer.writerow(("氏名", "フリガナ", "電話番号"))
        for index in range(2 * CALLS):
            number = f"0901{1000 + index}{DOES[index % len(DOES)]}"
            writer.writerow((f"顧客 {index}", "コキャク", number))
    told = product.run("import-list", str(file), "--campaign", CAMPAIGN, "--list", "秋").stdout
    assert f"{2 * CALLS} added" in told, told


def attempts(product: Product, where: str = "1") -> int:
    return int(product.query(f"SELECT count(*) FROM attempts WHERE {where}")[0][0])


async def nothing_is_lost(product: Product, pbx: Asterisk) -> None:
    """Every attempt has its one outcome, and neither side holds a call."""
    await await_until(
        lambda: attempts(product, "open = 1") == 0, within_s=60, what="no open attempt"
    )
    await pbx.is_idle()
    outcomes = product.query(
        "SELECT a.id FROM attempts a LEFT JOIN attempt_outcomes o ON o.attempt_id = a.id"
        " GROUP BY a.id HAVING count(o.attempt_id) <> 1"
    )
    assert outcomes == []
    journal = product.data_dir / "gateway" / "dialogs.journal"
    await await_until(lambda: journal.read_text("utf-8") == "", within_s=40, what="no dialog left")
    assert "no violation" in (await asyncio.to_thread(product.run, "audit")).stdout
    assert "Traceback" not in (product.folder / "gateway.log").read_text("utf-8")


async def test_two_hundred_calls_and_a_killed_asterisk_lose_nothing(
    product: Product, pbx: Asterisk
) -> None:
    ticker, draw = Ticker(), random.Random(22)
    clients = [
        OperatorClient(product.url, name, ticker=ticker, password=PASSWORD) for name in OPERATORS
    ]
    pace = Pace(talk_s=(0.3, 1.5))
    shifts = [Shift(product, client, draw, pace=pace) for client in clients]
    try:
        for shift in shifts:
            await shift.begin()
        await await_until(
            lambda: any(client.media.heard_dbfs(MILLIWATT_HZ) > -20 for client in clients),
            within_s=60,
            what="a customer",
        )
        await dialed(product, shifts, CALLS)
        await pbx.kill()
        await dialed(product, shifts, attempts(product) + 2)
        await pbx.start()
        answered = human(product)
        await await_until(lambda: human(product) > answered + 5, within_s=90, what="calls again")
        for shift in shifts:
            shift.leave()
        for shift in shifts:
            await shift.left()
    finally:
        for shift in shifts:
            await shift.close()
    print(product.query("SELECT outcome, count(*) FROM attempt_outcomes GROUP BY 1"))
    await nothing_is_lost(product, pbx)


def human(product: Product) -> int:
    rows = product.query("SELECT count(*) FROM attempt_outcomes WHERE outcome = 'human'")
    return int(rows[0][0])


async def dialed(product: Product, shifts: list[Shift], count: int) -> None:
    """Wait for so many attempts while the operators work."""

    def enough() -> bool:
        for shift in shifts:
            shift.check()
        return attempts(product) >= count

    await await_until(enough, within_s=240, what=f"{count} attempts")
