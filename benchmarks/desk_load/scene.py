"""The desk under load: its database filled, its process started, what it costs read from /proc."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy import insert
from sqlalchemy.orm import Session

from agent_desk.models.lists import ListEntry
from agent_desk.services.dialing.safe_harbours import (
    SHIPPED,
    SHIPPED_TEXT,
    approve_directly,
    examine,
)
from agent_desk.services.lists import normalise
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import lists
from agent_desk.store.lists.customers import CustomerWriter, Target
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.lists.prepared import prepare_person
from agent_desk.store.people import accounts
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from benchmarks.crowd import ROOT
from benchmarks.desk_load.plan import Plan, numbers, usernames, viewers
from config import DeskConfig
from tests.acceptance.kill_rounds import MORNING
from tests.population import PASSWORD, STATUSES
from tests.postgresql_cluster import Cluster
from tests.product import Product
from tests.waiting import START_S, until

AT_ONCE = 1_000
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def scene(plan: Plan, database: str, *, profiled: bool = False) -> Iterator[Scene]:
    """A desk that serves, with everybody who will come; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="desk-load-") as name:
        folder = Path(name)
        cluster = Cluster(durable=True) if database == "postgresql" else None
        environ = {"DESK_DATABASE_URL": cluster.url(cluster.create())} if cluster else {}
        product = Product(folder, environ=environ, keep_heard=False)
        try:
            product.run("migrate")
            product.set_clock(MORNING)
            _fill(product.environ, plan, product.now())
            here = _started(product, plan, cluster, profiled=profiled)
            until(here.serves, within_s=START_S, every_s=0.05, what=product.logs)
            yield here
        finally:
            product.stop_all()
            if cluster is not None:
                cluster.stop()


@dataclass(frozen=True)
class Scene:
    """What the load and those who measure need of the running desk."""

    product: Product
    gaps: Path
    profile: Path
    cluster: Cluster | None

    def serves(self) -> bool:
        """Whether the desk answers; the gateways come with the load."""
        try:
            with urllib.request.urlopen(f"{self.product.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def desk_cpu(self) -> float:
        """Processor seconds of the desk so far."""
        return processor_seconds(self.product.processes["desk"].pid)

    def desk_mb(self) -> float:
        """Memory the desk holds."""
        pid = self.product.processes["desk"].pid
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def server_cpu(self) -> float:
        """Processor seconds of PostgreSQL: the server and those that work for it."""
        if self.cluster is None:
            return 0.0
        return sum(processor_seconds(pid) for pid in _family(self.cluster.pid))


def _started(product: Product, plan: Plan, cluster: Cluster | None, *, profiled: bool) -> Scene:
    here = Scene(product, product.folder / "gaps", product.folder / "profile", cluster)
    log = (product.folder / "desk.log").open("wb")
    words = ["--gaps", str(here.gaps), "--lines", str(plan.lines)]
    words += ["--calls-per-second", str(plan.calls_per_second)]
    words += ["--profile", str(here.profile)] if profiled else []
    product.processes["desk"] = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.desk_load.desk", *words],
        cwd=ROOT,
        env=product.environ,
        stdout=log,
        stderr=log,
    )
    log.close()
    return here


def processor_seconds(pid: int) -> float:
    """User and system time of a process; of one that is gone, none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii")
    except FileNotFoundError:
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / TICKS


def machine_seconds() -> tuple[float, float]:
    """Seconds all cores have worked, and all they had."""
    first = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:9]
    ticks = [int(each) / TICKS for each in first]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [pid, *map(int, children)]


# --- who there is -------------------------------------------------------------------------------


def _fill(environ: Mapping[str, str], plan: Plan, now: datetime) -> None:
    config = DeskConfig.from_environ(environ)
    sealer = Sealer.of_keys(config.data_keys, config.index_key)
    database = Database(config.database_url)
    with database.write() as session:
        teams = [accounts.add_team(session, f"team{place + 1:02d}") for place in range(plan.teams)]
        _people(session, plan, teams, now)
        product_id = campaigns.add_product(session, "load")
        made = [
            _campaign(session, place, plan, teams, product_id, now)
            for place in range(plan.campaigns)
        ]
    called = numbers(plan.customers)
    for place, list_id in enumerate(made):
        mine = called[place :: len(made)]
        for first in range(0, len(mine), AT_ONCE):
            with database.write() as session:
                target = Target(0, list_id, product_id, "load", now)
                _customers(session, sealer, target, mine[first : first + AT_ONCE])
    with database.engine().execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    database.close()


def _people(session: Session, plan: Plan, teams: list[int], now: datetime) -> None:
    hashed = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    common = {"password_hash": hashed, "at": now}
    for place, name in enumerate(usernames(plan.seats)):
        team_id = teams[place % len(teams)]
        accounts.add_user(
            session, username=name, name=f"担当 {name}", role="operator", team_id=team_id, **common
        )
    for each in viewers(plan):
        own = None if each.teams is None else teams[each.teams[0]]
        user_id = accounts.add_user(
            session,
            username=each.username,
            name=each.username,
            role=each.role,
            team_id=own,
            **common,
        )
        for place in each.teams or ():
            accounts.lead_team(session, user_id, teams[place])


def _campaign(
    session: Session, place: int, plan: Plan, teams: list[int], product_id: int, now: datetime
) -> int:
    """One that calls by itself, with its statuses, teams and list; the list's id."""
    campaign_id = campaigns.add_campaign(
        session,
        at=now,
        name=f"campaign{place + 1}",
        product_id=product_id,
        kind="sales",
        mode="progressive",
        running="running",
        screening="off",
    )
    for position, code in enumerate(STATUSES, start=1):
        campaigns.add_status(
            session,
            campaign_id,
            code=code,
            label_ja=code,
            label_en=code,
            hotkey=str(position),
            colour="#2563eb",
            position=position,
        )
    approve_directly(session, campaign_id, examine(SHIPPED), SHIPPED_TEXT, actor="load", at=now)
    for team_id in teams[place :: plan.campaigns]:
        campaigns.add_team(session, campaign_id, team_id)
    list_id = lists.list_id_of(session, f"list{place + 1}", product_id, source="load", at=now)
    campaigns.add_list(session, campaign_id, list_id)
    return list_id


def _customers(session: Session, sealer: Sealer, target: Target, called: list[str]) -> None:
    people = [
        prepare_person(
            sealer,
            _record(number),
            normalise.name(number),
            {sealer.number_key(number): (number, "mobile")},
        )
        for number in called
    ]
    ids = CustomerWriter(session, sealer, target).add(people)
    entries = [
        {"list_id": target.list_id, "customer_id": each, "next_at": target.at}
        | {"created_at": target.at}
        for each in ids
    ]
    session.execute(insert(ListEntry), entries)


def _record(number: str) -> Record:
    return Record(
        name=f"顧客 {number[-7:]}",
        kana="コキャク",
        numbers=((number, "mobile"),),
        external_id=number,
        birth_date=None,
        address_town="東京都千代田区丸の内1丁目",
        member_last4=None,
        product=None,
        amount_yen=None,
        due_on=None,
        fields=(("会員ランク", "A"), ("前回購入", "2026-05")),
    )
