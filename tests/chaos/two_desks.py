"""F20: a desk stands still for longer than anybody waits, another takes over, the first wakes up.

Both are real processes on one database, each with a data directory of its own, as on two machines.
Everybody reaches the desk by one address, which moves to the second, and for some seconds back to
the first after it woke up: it is believed by nobody, calls nobody and writes nothing.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from config_keys import KEYS_FILE
from tests.acceptance.kill_rounds import Figures, KillRounds
from tests.chaos.network import TcpRelay
from tests.ports import free_tcp_port

SEED = 20301126
STALE_S = 6.0  # for which the address is the first desk's again
SILENT_S = 1.5  # what the second had ordered before that is on its way


class TwoDesks(KillRounds):
    """Rounds of taking over; `desk` is always the one that lives."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        super().__init__(folder, rng, operators=4)
        self._address = TcpRelay(("127.0.0.1", self.product.port), rng=rng)
        self._desks = 1

    async def open(self, *, customers: int) -> None:
        host, port = await self._address.open()
        self.product.url = f"http://{host}:{port}"
        self.product._extra["DESK_URL"] = self.product.url
        await super().open(customers=customers)

    async def close(self) -> None:
        stale = self.product.processes.pop("stale", None)
        if stale is not None:
            stale.kill()
            stale.wait(timeout=10)
        await super().close()
        await self._address.close()

    async def take_over(self) -> Figures:
        """One round."""
        figures = Figures(("desk",))
        product = self.product
        await self._work_until_busy()
        await asyncio.sleep(self.rng.uniform(0.0, 2.0))  # pace: the random moment
        await self._freeze_outside_a_transaction()
        frozen = time.monotonic()
        first_port = product.port
        stale = product.processes["stale"] = product.processes.pop("desk")
        self._start_another()
        self._address.aim(("127.0.0.1", product.port))
        await self._recover(figures, frozen)
        await self._dials_again(figures, frozen)
        epoch = product.query("SELECT value FROM system WHERE key = 'desk_epoch'")[0][0]
        before = self._of_older_desks(epoch)
        product.thaw("stale")
        self._address.aim(("127.0.0.1", first_port))
        await asyncio.sleep(SILENT_S)  # pace: nothing of the second's is on its way any more
        invites = self.proofs.carrier.invites()
        await asyncio.sleep(STALE_S)  # pace: everybody asks the first desk
        if self.proofs.carrier.invites() != invites:
            figures.failures.append("an INVITE while only the first desk was reached")
        self._address.aim(("127.0.0.1", product.port))
        back = time.monotonic()
        await self._recover(figures, back)
        await self._dials_again(figures, back)
        if self._of_older_desks(epoch) != before:
            figures.failures.append(f"the first desk leased: {self._of_older_desks(epoch)}")
        if stale.poll() is None:
            stale.kill()
        stale.wait(timeout=10)
        del product.processes["stale"]
        figures.failures += await self._prove()
        figures.failures += await self._audit()
        return figures

    async def _freeze_outside_a_transaction(self) -> None:
        """SQLite's one lock goes with a frozen writer: nobody could take over, and nobody calls."""
        deadline = time.monotonic() + 20
        while True:
            self.product.freeze("desk")
            await asyncio.sleep(0.05)  # pace: until it stands
            if self._writable() or time.monotonic() > deadline:
                return
            self.product.thaw("desk")
            await asyncio.sleep(0.02)  # pace: until it has committed

    def _writable(self) -> bool:
        path = self.product.data_dir / "desk.db"
        with closing(sqlite3.connect(path, timeout=0.1, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return False
        return True

    def _start_another(self) -> None:
        self._desks += 1
        product = self.product
        own = product.folder / f"desk{self._desks}"
        own.mkdir()
        shutil.copy(product.data_dir / KEYS_FILE, own)
        product.port = free_tcp_port()
        product.start(
            "desk",
            DESK_DATA_DIR=str(own),
            DESK_DATABASE_URL=f"sqlite:///{product.data_dir / 'desk.db'}",
        )

    def _of_older_desks(self, epoch: str) -> list[tuple[str, int]]:
        """Attempts leased by them, and how far each had come when the newest desk took it over."""
        return self.product.query(
            "SELECT id, open FROM attempts WHERE desk_epoch < ? ORDER BY id", int(epoch)
        )


async def two_desk_rounds(folder: Path, count: int) -> list[str]:
    """F20."""
    rounds = TwoDesks(folder, random.Random(SEED))
    wrong: list[str] = []
    try:
        await rounds.open(customers=300 + 60 * count)
        for _ in range(count):
            figures = await rounds.take_over()
            print(f"two desks: {figures}", flush=True)
            wrong += figures.failures
        wrong += await rounds.go_home()
    finally:
        await rounds.close()
    return wrong
