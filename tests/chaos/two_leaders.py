"""F20 at the database: a desk stands still at any instant, another takes over, the first wakes up.

Each desk is a process that does to PostgreSQL what a desk does: it recovers, leases behind the
fence with the product's own judge, orders the calls, and writes how they ended. The gateways' side
is here: it hears the orders as they come out of the pipes and believes the newest desk alone. Who
is frozen within a write loses it (`forsaken_after_s`); on SQLite the lock would go with the process
only, which `two_desks.py` walks through with whole desks.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from agent_desk.dialer.events import CallFinished
from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, ListEntryId
from agent_desk.models.calls import Attempt
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.dialing.next_try import NextTry
from agent_desk.services.running.recovery import Recovered, Recovery
from agent_desk.store import system
from agent_desk.store.leasing.lease import LeasedRow, Route, lease
from agent_desk.store.rows.journal import Journal
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.system import Superseded
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, SEALER, add_entries, small_centre
from tests.waiting import START_S

FORSAKEN_AFTER_S = 0.5
AT_ONCE = 10
LEADS_S = (0.02, 0.5)
FROZEN_S = (0.02, 0.8)  # some wake in time to end what they were writing, some too late


@dataclass(frozen=True)
class StandingClock:
    """It is noon all day: who was called once is not due again."""

    stepped: bool = False

    def now(self) -> datetime:
        return NOON


# --- a desk ---------------------------------------------------------------------------------------


def lead(url: str, campaign_id: int, pipe: Connection) -> None:
    """Be the desk until another is, or until nobody is left to call.

    Says `("begun", epoch, recovered call ids)` and `("place", epoch, [(call, customer)…])`.
    """
    database = Database(url, forsaken_after_s=FORSAKEN_AFTER_S)
    found = _recover(database)
    pipe.send(("begun", found.epoch, sorted(found.floor.calls)))
    journal = Journal(SEALER, NextTry(sealer=SEALER, practice=False))
    left = [
        _ended(call.call_id, call.list_entry_id, call.customer_id, campaign_id, "system_failure")
        for call in found.floor.calls.values()
    ]
    while True:
        try:
            with database.write() as session:
                system.fence(session, found.epoch)
                journal.write_events(session, left)
            left = []
            rows = _lease_some(database, campaign_id, found.epoch)
        except Superseded:
            return
        except DBAPIError:
            continue  # it stood still within the write, which was undone
        if not rows:
            return
        pipe.send(("place", found.epoch, [(row.call_id, row.customer_id) for row in rows]))
        left = [
            _ended(row.call_id, row.list_entry_id, row.customer_id, campaign_id, "no_answer")
            for row in rows
        ]


def _recover(database: Database) -> Recovered:
    """Begin; who was frozen at it begins anew, as a desk that its supervisor starts again."""
    while True:
        try:
            return Recovery(database=database, sealer=SEALER, clock=StandingClock()).begin()
        except DBAPIError:
            continue


def _lease_some(database: Database, campaign_id: int, epoch: int) -> Sequence[LeasedRow]:
    with database.write() as session:
        system.fence(session, epoch)
        settings = rule_settings.settings(session, campaign_id, NOON)
        judge = Judge(settings, SEALER, NOON, practice=False)
        found = lease(
            session,
            settings,
            count=AT_ONCE,
            now=NOON,
            judge=judge,
            routes=[Route("trunk1", "gw1")] * AT_ONCE,
            new_call_id=lambda: uuid.uuid4().hex,
            desk_epoch=epoch,
        )
        judge.keep(session, actor="dialer")
    return found.rows


def _ended(
    call_id: str, list_entry_id: Any, customer_id: Any, campaign_id: int, outcome: str
) -> CallFinished:
    return CallFinished(
        call_id=CallId(call_id),
        list_entry_id=ListEntryId(list_entry_id),
        customer_id=CustomerId(customer_id),
        campaign_id=CampaignId(campaign_id),
        outcome=outcome,
        blame="us" if outcome == "system_failure" else "customer",
        by="trunk",
        counts=True,
        answered=False,
        live_answer=False,
        abandoned=False,
        sip_code=480,
        q850=None,
        cause="",
        seat_id=None,
        at=NOON + timedelta(seconds=25),
    )


# --- the gateways and the judgement ---------------------------------------------------------------


@dataclass
class Desk:
    """One process, as the gateways know it."""

    process: ForkServerProcess
    pipe: Connection
    epoch: int = 0
    silent: bool = False  # it has gone


@dataclass
class Leaders:
    """Desks on one database, one after the other; `wrong` is what may never happen."""

    url: str
    attempts: int
    rng: random.Random
    newest: int = 0
    handovers: int = 0
    contacts: Counter[int] = field(default_factory=Counter)  # by customer
    refused: list[str] = field(default_factory=list)  # ordered by a desk that leads no more
    desks: list[Desk] = field(default_factory=list)

    def run(self) -> list[str]:
        """Lead, freeze, take over, wake, until everybody was called; what is wrong."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        database = Database(self.url)
        with database.write() as session:
            centre = small_centre(session)
            add_entries(session, centre.list_id, self.attempts)
        try:
            self._start(context, centre.campaign_id)
            while not self._listen(self.rng.uniform(*LEADS_S)):
                frozen = self.desks[-1]
                self._signal(frozen, signal.SIGSTOP)
                self._start(context, centre.campaign_id)
                self._listen(self.rng.uniform(*FROZEN_S))
                self._signal(frozen, signal.SIGCONT)
                self._hear_begin(self.desks[-1])
                self.handovers += 1
            return [*self._twice(), *self._rows(database), *self._failed()]
        finally:
            self._stop()
            database.close()

    def _start(self, context: Any, campaign_id: int) -> None:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=lead, args=(self.url, campaign_id, theirs), daemon=True)
        process.start()
        theirs.close()
        self.desks.append(Desk(process, ours))
        if len(self.desks) == 1:
            self._hear_begin(self.desks[0])

    def _hear_begin(self, desk: Desk) -> None:
        while not desk.epoch and not desk.silent:
            self._hear(START_S)

    def _signal(self, desk: Desk, number: signal.Signals) -> None:
        if desk.process.is_alive() and desk.process.pid is not None:
            os.kill(desk.process.pid, number)

    def _listen(self, for_s: float) -> bool:
        """Take orders for a while; whether the newest desk has nobody left to call."""
        left_s, step_s = for_s, 0.01
        while left_s > 0 and not self.desks[-1].silent:
            self._hear(step_s)
            left_s -= step_s
        return self.desks[-1].silent

    def _hear(self, within_s: float) -> None:
        """What has come out of the pipes, or the next of it."""
        pipes = {desk.pipe: desk for desk in self.desks if not desk.silent}
        for pipe in wait(list(pipes), within_s):
            desk = pipes[pipe]  # type: ignore[index]
            try:
                kind, epoch, calls = desk.pipe.recv()
            except EOFError:
                desk.silent = True
                continue
            if kind == "begun":
                desk.epoch, self.newest = epoch, max(self.newest, epoch)
            elif epoch < self.newest:
                self.refused += [call_id for call_id, _ in calls]
            else:
                self.contacts.update(customer_id for _, customer_id in calls)

    def _twice(self) -> list[str]:
        return [f"customer {who} called {n} times" for who, n in self.contacts.items() if n > 1]

    def _rows(self, database: Database) -> list[str]:
        """Every contact has its one attempt, everybody was reached for, nothing is left open."""
        with database.read() as session:
            rows = session.execute(select(Attempt.customer_id, Attempt.open)).all()
        tried = Counter(customer_id for customer_id, _ in rows)
        wrong = [f"customer {who} has {n} attempts" for who, n in tried.items() if n > 1]
        wrong += [f"customer {who} called without a row" for who in self.contacts.keys() - tried]
        wrong += [f"{self.attempts - len(tried)} were never tried"] * (len(tried) < self.attempts)
        stuck = sum(is_open for _, is_open in rows)
        return wrong + [f"{stuck} attempts left open"] * (stuck > 0)

    def _failed(self) -> list[str]:
        """Desks that went otherwise than by being superseded."""
        for desk in self.desks:
            desk.process.join(START_S)
        ended = [desk.process.exitcode for desk in self.desks]
        return [f"a desk ended with {code}" for code in ended if code != 0]

    def _stop(self) -> None:
        for desk in self.desks:
            desk.process.kill()
            desk.process.join()
            desk.pipe.close()
