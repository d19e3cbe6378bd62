"""Payments posted by another system, and how soon nobody calls for them any more (R54).

    python -m benchmarks.payments [--count 300]

The real processes, a carrier of the benchmark's own where telephones ring, four seats that wait.
Rows are those of `benchmarks.faults`, and are added to the same table of benchmarks/soak.md.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from datetime import datetime
from typing import Any

import aiohttp
from sqlalchemy import insert, select

from agent_desk.models.campaigns import Product as SoldProduct
from agent_desk.models.customers import Customer, Debt
from agent_desk.store.unit_of_work import Database
from benchmarks.faults import REPORTED, Limit, Row, floor, record, tell
from config import DeskConfig
from tests.chaos.floor import Floor
from tests.fakes.carrier import CarrierCall
from tests.waiting import await_until


async def rings(call: CarrierCall) -> None:
    """Nobody picks up."""


def owe(environ: dict[str, str], at: datetime) -> None:
    """A debt of 1,000 yen for each customer."""
    database = Database(DeskConfig.from_environ(environ).database_url)
    with database.write() as session:
        product_id = session.scalars(select(SoldProduct.id)).one()
        owed = {"product_id": product_id, "external_id": "", "amount_yen": 1_000, "created_at": at}
        ids = session.scalars(select(Customer.id)).all()
        session.execute(insert(Debt), [{**owed, "customer_id": each} for each in ids])
    database.close()


async def payments(count: int) -> list[Row]:
    """R54: who has paid is called no more. (A telephone that rings already is left ringing.)"""
    gone = Row("R54 payment posted", "pending dial gone", Limit(1.0))
    answered = Row("R54 payment posted", "answer of /api/v1", REPORTED)
    dialled = Row("R54 payment posted", "dialled all the same (count)", Limit(0.0))
    columns: dict[str, Any] = {"kind": "collections", "mode": "ratio", "ratio": 3.0}
    async with floor(operators=4, customers=count * 3 + 200, **columns) as here:
        here.customer = rings
        await asyncio.to_thread(owe, here.product.environ, here.product.now())
        words = ("tokens", "create", "bank", "--scope", "payments:write")
        token = (await asyncio.to_thread(here.product.run, *words)).stdout.split()[-1]
        for operator in here.operators.values():
            await operator.go_available()
        await await_until(lambda: here.invites() >= 6, within_s=30.0, what="calls that ring")
        waiting = here.product.query(
            "SELECT list_entries.id, external_id FROM list_entries JOIN customers"
            " ON customers.id = customer_id WHERE list_entries.state = 'ready' ORDER BY 1"
        )[:count]
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(headers=headers) as other:
            for entry_id, customer in waiting:
                began = time.monotonic()
                await _pay(here, other, customer)
                answered.samples.append(time.monotonic() - began)
                await await_until(lambda entry=entry_id: _closed(here, entry), within_s=20.0)
                gone.samples.append(time.monotonic() - began)
        called = {f"+81{call.number[1:]}" for call in here.carrier.calls}
        dialled.samples = [float(len(called & {customer for _, customer in waiting}))]
        for call in here.carrier.calls:
            if call.ended is None:
                call.sip.hang_up()
    print("| fault | what | n | p50 | p95 | worst | promised | ok |")
    print("|---|---|---|---|---|---|---|---|")
    return tell([gone, answered, dialled])


async def _pay(here: Floor, other: aiohttp.ClientSession, customer: str) -> None:
    told = {
        **{"customer": customer, "amount_yen": 1_000, "source": "bank"},
        **{"payment_id": f"P-{customer}", "paid_on": here.product.now().date().isoformat()},
    }
    async with other.post(f"{here.product.url}/api/v1/payments", json=told) as answer:
        assert answer.ok and (await answer.json())["closed"], await answer.text()


def _closed(here: Floor, entry_id: int) -> bool:
    found = here.product.query("SELECT state FROM list_entries WHERE id = ?", entry_id)
    return found == [("closed",)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=30)
    rows = asyncio.run(payments(parser.parse_args().count))
    record(rows)
    raise SystemExit(0 if all(row.ok for row in rows) else 1)


if __name__ == "__main__":
    main()
