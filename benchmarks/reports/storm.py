"""Does a storm of reports reach the operators? Answer → caller record, with and without, in turns.

    python -m benchmarks.reports.storm [--calls 300000] [--operators 10] [--askers 20]
        [--minutes 4]

The real processes on SQLite, whose file holds some hundred thousand calls of other days. Operators
with audio legs take calls all the time; every fifteen seconds twenty managers begin to ask for
reports of a whole month, each for the next as soon as one has come, or stop. So both figures are of
the same minutes. Also said: how far the log of SQLite grew, for a long reader keeps it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import aiohttp
from argon2 import PasswordHasher

from agent_desk.store.people import accounts
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from benchmarks.reports import year
from benchmarks.reports.questions import FIELD_OF_THOUSANDS
from benchmarks.screen_pop import Operator
from benchmarks.table import percentiles
from config import DeskConfig
from softphone.audio.ticker import Ticker
from tests.acceptance.kill_rounds import MORNING
from tests.acceptance.proofs import CarrierAccount
from tests.operator_client import OperatorClient
from tests.population import PASSWORD, numbers, populate, usernames
from tests.product import Product
from tests.waiting import await_until

MANAGER = "manager1"
TURN_S = 15.0
SETTLED_S = 2.0  # after a turn began: what the last one left is over
FIRST = date(2030, 10, 1)
MONTH = {"from": "2030-10-01", "to": "2030-10-31"}
PAGES: Sequence[tuple[str, dict[str, str]]] = (
    ("/reports", {}),
    ("/reports/heat-map", {}),
    ("/reports/analysis", {"by": FIELD_OF_THOUSANDS}),
    ("/reports/analysis", {"by": "operator"}),
    ("/reports/dialer", {}),
)
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Turns:
    """When the storm blew, and what came of it. Instants are this machine's."""

    stormy: list[tuple[datetime, datetime]] = field(default_factory=list)
    calm: list[tuple[datetime, datetime]] = field(default_factory=list)
    took: list[float] = field(default_factory=list)  # seconds of each page
    refused: int = 0
    log_mb: list[float] = field(default_factory=list)  # SQLite's log at the end of each turn


class Managers:
    """So many people who ask for report after report while they are let."""

    def __init__(self, url: str, askers: int, turns: Turns) -> None:
        self._url, self._askers, self._turns = url, askers, turns
        self.asking = asyncio.Event()

    @asynccontextmanager
    async def signed_in(self) -> AsyncIterator[aiohttp.ClientSession]:
        """By the form, as a browser does."""
        limits = aiohttp.ClientTimeout(total=120)
        jar = aiohttp.CookieJar(unsafe=True)
        connections = aiohttp.TCPConnector(limit=100)
        async with aiohttp.ClientSession(
            cookie_jar=jar, timeout=limits, connector=connections
        ) as http:
            login = f"{self._url}/login"
            async with http.get(login) as page:
                found = _CSRF.search(await page.text())
            assert found is not None
            form = {"username": MANAGER, "password": PASSWORD, "csrf_token": found.group(1)}
            async with http.post(login, data=form, headers={"Referer": login}) as page:
                assert page.status == 200 and page.url.path != "/login", page.url
            yield http

    async def work(self, http: aiohttp.ClientSession) -> None:
        """All of them, until cancelled."""
        await asyncio.gather(*(self._ask(http, place) for place in range(self._askers)))

    async def page(self, http: aiohttp.ClientSession, place: int) -> int:
        """One page; its status."""
        path, more = PAGES[place % len(PAGES)]
        async with http.get(f"{self._url}{path}", params={**MONTH, **more}) as page:
            await page.read()
            return page.status

    async def _ask(self, http: aiohttp.ClientSession, place: int) -> None:
        while True:
            await self.asking.wait()
            began = time.perf_counter()
            status = await self.page(http, place)
            if status == 200:
                self._turns.took.append(time.perf_counter() - began)
            else:
                self._turns.refused += 1
            place += 1


def prepare(product: Product, calls: int, operators: Sequence[str]) -> None:
    """A desk with a past, before its first start."""
    product.run("migrate")
    product.set_clock(MORNING)
    config = DeskConfig.from_environ(product.environ)
    sealer = Sealer.of_keys(config.data_keys, config.index_key)
    size = year.Size(calls, 3 * calls, 200, 20_000, 40, first=FIRST, months=1)
    year.write(config.database_url, size, sealer, lambda what: None)
    populate(
        product.environ,
        operators=len(operators),
        customers=list(numbers(("9440", "9523", "9660", "9784"), 4000)),
        now=product.now(),
        mode="progressive",
        screening="off",
    )
    with Database(config.database_url).write() as session:
        accounts.add_user(
            session,
            username=MANAGER,
            name="管理",
            role="manager",
            team_id=None,
            password_hash=PasswordHasher().hash(PASSWORD),
            at=product.now(),
        )
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what loading left is not to be measured


async def run(product: Product, operators: Sequence[str], askers: int, minutes: float) -> None:
    """Both in turns, and the table."""
    turns = Turns()
    managers = Managers(product.url, askers, turns)
    ticker = Ticker()
    clients = [OperatorClient(product.url, name, ticker=ticker) for name in operators]
    working = [
        Operator(client, random.Random(name))
        for client, name in zip(clients, operators, strict=True)
    ]
    async with managers.signed_in() as http:
        deadline = time.monotonic() + 600
        while await managers.page(http, 2) != 200:
            assert time.monotonic() < deadline, product.logs()
            await asyncio.sleep(1)
        for client in clients:
            await client.start_shift()
        tasks = [asyncio.create_task(operator.work()) for operator in working]
        await await_until(lambda: all(each.shown for each in working), within_s=120, what="calls")
        tasks.append(asyncio.create_task(managers.work(http)))
        for turn in range(round(minutes * 60 / TURN_S)):
            await _turn(managers, turns, stormy=bool(turn % 2))
            turns.log_mb.append((product.data_dir / "desk.db-wal").stat().st_size / 1e6)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for client in clients:
        await client.close()
    _print(product, working, turns, askers)


async def _turn(managers: Managers, turns: Turns, *, stormy: bool) -> None:
    managers.asking.set() if stormy else managers.asking.clear()
    await asyncio.sleep(SETTLED_S)
    began = datetime.now(UTC)
    await asyncio.sleep(TURN_S - SETTLED_S)
    (turns.stormy if stormy else turns.calm).append((began, datetime.now(UTC)))


def _print(product: Product, working: Sequence[Operator], turns: Turns, askers: int) -> None:
    answered = CarrierAccount(product.carrier_log).answers()
    shown = [
        (at, (at - answered[f"0{number[3:]}"]).total_seconds() * 1000)
        for operator in working
        for number, at in operator.shown.items()
    ]
    print("| | calls | p50 ms | p95 ms | p99 ms | worst ms |\n|---|---|---|---|---|---|")
    medians = {}
    for name, spans in (("calm", turns.calm), (f"{askers} ask for reports", turns.stormy)):
        took = [each for at, each in shown if any(first <= at < last for first, last in spans)]
        medians[name] = sorted(took)
        print(f"| {name} | {percentiles(took)} |")
    calm, storm = medians.values()
    ratios = [storm[int(len(storm) * p)] / calm[int(len(calm) * p)] for p in (0.5, 0.95)]
    print(f"\nstorm ÷ calm: p50 {ratios[0]:.2f}, p95 {ratios[1]:.2f}")
    print(f"reports: | {percentiles([1000 * each for each in turns.took])} | ms")
    print(f"refused while so many waited: {turns.refused}")
    sizes = ", ".join(f"{each:.0f}" for each in turns.log_mb)
    print(f"SQLite's log at the end of each turn, which never becomes smaller: {sizes} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=300_000)
    parser.add_argument("--operators", type=int, default=10)
    parser.add_argument("--askers", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder))
        names = usernames(options.operators)
        prepare(product, options.calls, names)
        try:
            product.start_all(worker=True, reports=True)
            asyncio.run(run(product, names, options.askers, options.minutes))
        finally:
            product.stop_all()


if __name__ == "__main__":
    main()
