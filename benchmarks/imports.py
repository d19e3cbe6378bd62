"""Importing a long list: rows a second, and what the seats notice of it.

    python -m benchmarks.imports [--rows 100000] [--calls 60] [--quiet 15] [--again] [--undo]

The real processes. First, quiet: ten operators take calls, and a green thread inside the desk asks
for its turn every 2 ms and notes how late it comes (the hub gap). Then the same while the worker
imports a CP932 file of so many new customers with kana, two numbers, a debt and two further
columns; with `--again` once more, as next month's list of people who are known by then; with
`--undo` the last of them is taken back. Gaps and answer → record are therefore of the same minutes
on the same machine; memory is each process's peak.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import update

from agent_desk.clock import SystemClock
from agent_desk.models.lists import ListEntry
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.lists.imports import ImportService
from agent_desk.services.running.desk_door import DeskAway, DeskDoor
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from benchmarks.screen_pop import measure
from benchmarks.table import percentiles
from config import DeskConfig
from tests import product as processes
from tests.acceptance.kill_rounds import MORNING
from tests.population import CAMPAIGN, numbers, populate, usernames
from tests.product import Product

OPERATORS = 10
HEADER = "顧客番号,氏名,フリガナ,電話番号,電話番号2,生年月日,住所,業種,ランク,請求金額,支払期日"
FAMILY = ("山田", "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "中村", "小林", "加藤")
READ = ("ヤマダ", "サトウ", "スズキ", "タカハシ", "タナカ", "イトウ", "ワタナベ", "ナカムラ")
TRADES = ("小売", "建設", "飲食", "運送", "製造", "医療")


def write_file(path: Path, rows: int) -> None:
    """A list of so many customers nobody knows, in the encoding spreadsheets write here."""
    rng = random.Random(5)
    with path.open("w", encoding="cp932", newline="") as file:
        file.write(HEADER + "\r\n")
        for n in range(rows):
            family = rng.randrange(len(FAMILY))
            file.write(
                f"C{n:08d},{FAMILY[family]} 太郎{n},{READ[family % len(READ)]} タロウ,"
                f"090{1 + n // 10_000_000}{n % 10_000_000:07d},"
                f"03-{3000 + n // 10_000 % 1000}-{n % 10_000:04d},"
                f"{1950 + n % 50}/0{1 + n % 9}/1{n % 9},東京都千代田区丸の内{n % 9 + 1}丁目,"
                f'{rng.choice(TRADES)},{"ABC"[n % 3]},"{rng.randrange(1, 999)},000円",'
                "2026-10-31\r\n"
            )


def gaps(told: Path, since: float, until: float) -> list[float]:
    """Milliseconds the turns came late between two instants of the monotonic clock."""
    found = []
    for line in told.read_text("ascii").splitlines()[:-1]:
        at, _, gap = line.partition(" ")
        if since <= float(at) <= until:
            found.append(max(0.0, float(gap)))
    return found


def peak_mb(product: Product, part: str) -> float:
    """The most memory a process has held."""
    status = Path(f"/proc/{product.processes[part].pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def cpu(product: Product) -> str:
    """Processor seconds of desk and worker since they began."""
    told = []
    for part in ("desk", "worker"):
        stat = Path(f"/proc/{product.processes[part].pid}/stat").read_text("ascii")
        spent = stat.rpartition(")")[2].split()[11:13]
        told.append(f"{part} {sum(map(int, spent)) / os.sysconf('SC_CLK_TCK'):.0f} s of processor")
    return ", ".join(told)


async def calls(product: Product, names: Sequence[str], count: int, quiet_s: float) -> list[float]:
    """Answer → record of so many calls; without any, a pause."""
    if count:
        return await measure(product, names, count)
    await asyncio.sleep(quiet_s)  # pace: gaps are collected meanwhile
    return []


async def import_file(product: Product, path: Path, list_name: str) -> dict[str, Any]:
    """Have the file imported and wait for it; the batch's last word, with `seconds`."""
    config = DeskConfig.from_environ(product.environ)
    door = DeskDoor(product.url, secret_key=config.secret_key, tls_cert=None)
    query = urlencode({"campaign": CAMPAIGN, "list": list_name, "file_name": path.name})
    began = time.monotonic()
    upload = await asyncio.to_thread(path.read_bytes)
    made = await asyncio.to_thread(door.upload, f"/internal/imports?{query}", upload)
    del upload
    return await _ended(door, int(json.loads(made)["id"]), began)


async def undo(product: Product, batch_id: int) -> dict[str, Any]:
    """Have a batch taken back and wait for it."""
    config = DeskConfig.from_environ(product.environ)
    database = Database(config.database_url)
    service = ImportService(
        database=database,
        sealer=Sealer.of_keys(config.data_keys, config.index_key),
        commits=DirectDoor(database),
        clock=SystemClock(start=product.now(), anchor=None),
        data_dir=config.data_dir,
    )
    await asyncio.to_thread(service.undo.begin, batch_id, actor="bench")
    database.close()
    door = DeskDoor(product.url, secret_key=config.secret_key, tls_cert=None)
    return await _ended(door, batch_id, time.monotonic())


async def _ended(door: DeskDoor, batch_id: int, began: float) -> dict[str, Any]:
    while True:
        with suppress(DeskAway):  # late on a busy machine: asked again
            told = await asyncio.to_thread(door.get, f"/internal/imports/{batch_id}")
            batch: dict[str, Any] = json.loads(told)
            if batch["state"] not in ("queued", "undoing"):
                return {**batch, "seconds": time.monotonic() - began}
        await asyncio.sleep(0.5)  # pace: as often as a page asks


def call_off(product: Product) -> None:
    """Close every entry there is: next month's list is another one."""
    database = Database(DeskConfig.from_environ(product.environ).database_url)
    with database.write() as session:
        session.execute(update(ListEntry).values(state="closed", closed_reason="withdrawn"))
    database.close()


async def run(options: argparse.Namespace, folder: Path) -> None:
    told = folder / "gaps"
    processes.COMMANDS["desk"] = ["-m", "benchmarks.watched_desk", str(told)]
    product = Product(folder, keep_heard=False)
    product.run("migrate")
    product.set_clock(MORNING)
    names = usernames(2 * OPERATORS)
    populate(
        product.environ,
        operators=len(names),
        customers=list(numbers(("9440", "9523", "9660", "9784"), 4000)),
        now=product.now(),
        mode="progressive",
        screening="off",
    )
    path = folder / "list.csv"
    await asyncio.to_thread(write_file, path, options.rows)
    try:
        await asyncio.to_thread(product.start_all, worker=True)
        print("| | what | samples | p50 ms | p95 ms | p99 ms | worst ms |")
        print("|---|---|---|---|---|---|---|")
        began = time.monotonic()
        took = await calls(product, names[:OPERATORS], options.calls, options.quiet)
        show("quiet", gaps(told, began, time.monotonic()), took)
        began = time.monotonic()
        importing = asyncio.create_task(import_file(product, path, "imported"))
        took = await calls(product, names[OPERATORS:], options.calls, 0.0)
        batches = {"importing": {**await importing, "cpu": cpu(product)}}
        show("importing", gaps(told, began, began + batches["importing"]["seconds"]), took)
        if options.again:
            await asyncio.to_thread(call_off, product)
            began = time.monotonic()
            again = await import_file(product, path, "next month")
            batches["again"] = {**again, "cpu": cpu(product)}
            show("again", gaps(told, began, time.monotonic()), [])
        if options.undo:
            began = time.monotonic()
            last = list(batches.values())[-1]
            batches["undoing"] = {**await undo(product, last["id"]), "cpu": cpu(product)}
            show("undoing", gaps(told, began, time.monotonic()), [])
        tell(batches, options.rows)
        peaks = [f"{part} {peak_mb(product, part):.0f}" for part in ("worker", "desk")]
        print(f"peak MB: {', '.join(peaks)}")
    finally:
        await asyncio.to_thread(product.stop_all)


def tell(batches: Mapping[str, Mapping[str, Any]], rows: int) -> None:
    """What became of each, and what it took."""
    print()
    for when, batch in batches.items():
        counts = {name: batch[name] for name in ("added", "updated", "duplicates", "errors")}
        rate = f"{rows} rows in {batch['seconds']:.1f} s, {rows / batch['seconds']:.0f} rows/s"
        print(f"{when}: {batch['state']}, {rate}, {counts}; by then {batch['cpu']}")


def show(when: str, late: Sequence[float], took: Sequence[float]) -> None:
    """Two rows of the table."""
    if late:  # the desk writes them by the page
        print(f"| {when} | hub gap | {percentiles(late, digits=1)} |", flush=True)
    if took:
        print(f"| {when} | answer → record | {percentiles(took)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--again", action="store_true", help="the same people next month, too")
    parser.add_argument("--undo", action="store_true", help="take the last list back")
    parser.add_argument("--quiet", type=float, default=15.0, help="seconds, without calls")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(options, Path(folder)))


if __name__ == "__main__":
    main()
