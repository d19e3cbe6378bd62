"""The same program on a real trunk: an empty database, SIPp as the carrier, one call to the end."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softphone.audio.ticker import Ticker
from tests.operator_client import OperatorClient
from tests.ports import free_udp_port
from tests.product import BRIDGE_WITHIN_S, Product
from tests.waiting import PATIENCE_S, START_S, await_until

pytestmark = [pytest.mark.sipp, pytest.mark.processes]

SCENARIO = Path(__file__).parent / "scenarios" / "carrier.xml"
PASSWORD = "a long password"
CAMPAIGN = "ご案内"
HUM_HZ = 440


class Carrier:
    """SIPp: wants a password, answers, and sends back what it hears."""

    def __init__(self, folder: Path) -> None:
        self.port = free_udp_port()
        self.folder = folder

    async def start(self) -> None:
        arguments = ["-sf", str(SCENARIO), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-m", "1"]
        arguments += ["-p", str(self.port), "-mp", str(free_udp_port()), "-rtp_echo", "-nostdin"]
        arguments += ["-timeout", "240s", "-timeout_error", "-deadcall_wait", "0"]
        arguments += ["-trace_msg", "-message_file", str(self.folder / "messages.log")]
        with (self.folder / "sipp.log").open("wb") as screen:
            self._process = await asyncio.create_subprocess_exec(
                "sipp", *arguments, cwd=self.folder, stdout=screen, stderr=screen
            )

    async def succeeds(self) -> None:
        """Every message came as the scenario wants it, the password included."""
        code = await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        assert code == 0, self.messages

    @property
    def messages(self) -> str:
        path = self.folder / "messages.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    async def end(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@pytest.fixture
async def carrier(tmp_path: Path) -> AsyncIterator[Carrier]:
    carrier = Carrier(tmp_path)
    await carrier.start()
    yield carrier
    await carrier.end()


@pytest.fixture
async def product(tmp_path: Path, carrier: Carrier) -> AsyncIterator[Product]:
    trunk = {
        "SIP_TRUNK": f"127.0.0.1:{carrier.port}",
        "SIP_USERNAME": "trunk",
        "SIP_PASSWORD": "secret",
        "SIP_DOMAIN": "carrier.test",
        "SIP_CALLER_ID": "0312345678",
    }
    product = Product(tmp_path, environ=trunk)
    yield product
    await asyncio.to_thread(product.stop_all)


def set_up(product: Product) -> None:
    """What an administrator does on a new machine."""
    product.run("prepare")
    person = ("create-user", "suzuki", "--name", "鈴木", "--role", "operator", "--team", "一班")
    product.run(*person, "--password", PASSWORD)
    campaign = ("create-campaign", CAMPAIGN, "--product", "光回線", "--team", "一班")
    product.run(*campaign, "--kind", "sales", "--screening", "off", "--running")
    file = product.folder / "list.csv"
    with file.open("w", encoding="cp932", newline="") as rows:
        csv.writer(rows).writerows(
            [
                ("氏名", "フリガナ", "電話番号"),
                ("山田 花子", "ヤマダハナコ", "090-1234-5678"),
                ("未割当", "ミワリアテ", "090-0123-4567"),
            ]
        )
    product.set_campaign(CAMPAIGN, bridge_within_s=BRIDGE_WITHIN_S)
    told = product.run("import-list", str(file), "--campaign", CAMPAIGN, "--list", "秋").stdout
    assert "1 added" in told and "1 refused" in told, told


async def test_from_an_empty_database_to_an_audited_call_on_a_trunk_of_ones_own(
    product: Product, carrier: Carrier
) -> None:
    await asyncio.to_thread(set_up, product)
    product.start("desk" if in_the_window() else "desk_by_day")
    product.start("gateway")
    await asyncio.to_thread(product.wait_ready)
    client = OperatorClient(product.url, "suzuki", ticker=Ticker(), password=PASSWORD)
    try:
        await client.start_shift()
        await client.until(lambda s: s["seat"]["state"] == "talking", what="a call")
        call_id = client.call_id
        assert client.state["record"]["customer"]["name"] == "山田 花子"
        client.media.hum(HUM_HZ)
        await await_until(
            lambda: client.media.hears_only(HUM_HZ, but_not=700), what="the carrier's echo"
        )
        assert (await client.send("mark_status", call_id=call_id, code="contact", on=True))["ok"]
        assert (await client.send("hang_up"))["ok"]
        await client.until(lambda s: s["seat"]["state"] == "wrap_up", what="wrap-up")
        assert (await client.send("save_result", call_id=call_id, note="承諾"))["ok"]
        await carrier.succeeds()
    finally:
        await client.close()
    assert product.query("SELECT number_today, open FROM attempts") == [(1, 0)]
    assert product.query('SELECT outcome, "by" FROM attempt_outcomes') == [("human", "desk")]
    assert product.query("SELECT code FROM status_marks") == [("contact",)]
    assert "no violation" in (await asyncio.to_thread(product.run, "audit")).stdout


def in_the_window() -> bool:
    """Whether the campaign's hours (9:00–20:00 in Japan) are open, with a margin for the test."""
    japan = datetime.now(UTC) + timedelta(hours=9)
    return 9 * 60 + 5 <= japan.hour * 60 + japan.minute <= 19 * 60 + 50


async def test_what_the_demo_left_is_not_called_on_a_real_trunk(product: Product) -> None:
    demo = Product(product.folder)
    await asyncio.to_thread(demo.run, "prepare")
    refused = await asyncio.to_thread(product.run, "prepare", check=False)
    assert refused.returncode == 1 and "demo" in refused.stderr
    product.start("desk")
    process = product.processes["desk"]
    assert await asyncio.to_thread(process.wait, START_S) == 1
    assert "demo" in (product.folder / "desk.log").read_text("utf-8")
