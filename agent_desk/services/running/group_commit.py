"""The one door for writes: many commands, one transaction, and nothing true before it is durable.

A page's button, a socket event, a gateway's news and a timer all become a command on one queue.
The loop takes what is waiting (64 at most), decides each in order on a *tentative* floor, writes
all rows in one transaction, and after the commit, and only then, swaps the floor, runs the
effects, tells the pages and lets those who wait know. A failed commit changes nothing: the batch
is tried again command by command, so that one bad row refuses one command and not sixty-three
others.

After a batch the loop stands back for as long as the batch took. On a busy floor more commands
come together in the next one, and what every batch costs (a fence, a commit, a look at the whole
floor) is paid for fewer of them; a desk with little to do has short batches and notices nothing.

Rows that no call waits for (an import, the nightly review) are put `behind`: they have a turn of
their own when no command waits and none came a moment ago, one portion at a time: a command waits
for one at most, and what a call sets off in succession waits for one between them.

A command that came with an id has one effect: its reply is stored in the same transaction, and a
second delivery (a reconnecting page, a restarted desk) gets the stored reply.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.commands import Command
from agent_desk.dialer.effects import Effect, urgent_first
from agent_desk.dialer.engine import decide
from agent_desk.dialer.errors import IllegalMove, Refused
from agent_desk.dialer.events import Event
from agent_desk.dialer.floor import Floor
from agent_desk.services.ports import Clock
from agent_desk.store.bulk_rows import Aside, here
from agent_desk.store.rows import commands as command_rows
from agent_desk.store.system import Superseded
from agent_desk.store.unit_of_work import Database

log = logging.getLogger(__name__)

BATCH = 64
QUIET_S = 0.005  # since the last command: what an answer sets off comes in quick succession
GATHER_S = 0.01  # the longest it stands back
BEHIND_S = 0.05  # after which what is behind has its turn, however much is said

Rows = Callable[[Session], object]


@dataclass(frozen=True)
class Reply:
    """What became of a command: done, or refused with a stable error id."""

    ok: bool
    error_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


DONE = Reply(ok=True)
NOT_STORED = Reply(ok=False, error_id="not-stored")


class Entry:
    """One command on the queue; `wait` blocks the caller until it is durable or refused."""

    __slots__ = (
        "_settled",
        "always",
        "behind",
        "command",
        "command_id",
        "given_up",
        "reply",
        "rows",
    )

    def __init__(
        self,
        command: Command | None,
        command_id: str | None,
        rows: Rows | None,
        *,
        always: bool,
        behind: bool = False,
    ) -> None:
        self.command = command
        self.command_id = command_id
        self.rows = rows
        self.always = always
        self.behind = behind
        self.reply: Reply | None = None
        self.given_up = False
        self._settled = threading.Event()

    def settle(self, reply: Reply) -> None:
        self.reply = reply
        self._settled.set()

    def wait(self, within_s: float = 10.0) -> Reply:
        """The reply; NOT_STORED when the loop has not come to it in time."""
        if not self._settled.wait(within_s):
            self.given_up = True  # if the loop has not begun with it, it never will
            return NOT_STORED
        return self.reply or NOT_STORED


@dataclass
class _Batch:
    """What deciding a run of entries came to, before anything is true."""

    floor: Floor
    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    replies: list[tuple[Entry, Reply]] = field(default_factory=list)
    remembered: dict[str, Reply] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return bool(self.events or self.rows or self.remembered)


class GroupCommit:
    """Owns the floor: nobody else replaces it."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        floor: Floor,
        write_events: Callable[[Session, Sequence[Event]], None],
        run_effect: Callable[[Effect], None],
        committed: Callable[[Floor, Floor, Sequence[Event], datetime], None],
        fence: Callable[[Session], None] = lambda session: None,
        aside: Aside = here,
        monotonic: Callable[[], float] = time.monotonic,
        stand_back: Callable[[float], object] | None = None,
    ) -> None:
        """`fence` is asked in each transaction and raises where this desk may write no more.

        `aside` runs the commit of what is behind, so that nobody waits with it for the disk.
        `stand_back` lets so many seconds go by between two batches.
        """
        self.floor = floor
        self._database = database
        self._clock = clock
        self._write_events = write_events
        self._run_effect = run_effect
        self._committed = committed
        self._fence = fence
        self._aside = aside
        self._monotonic = monotonic
        self._queue: deque[Entry] = deque()
        self._behind: deque[Entry] = deque()
        self._spoke_at = self._turn_at = 0.0  # monotonic: of a command, and of what is behind
        self._work = threading.Event()
        self._stopped = threading.Event()
        self._stand_back = stand_back or self._stopped.wait
        self._superseded = False
        self.committed_commands = 0
        self.committed_batches = 0

    # --- for everybody ----------------------------------------------------------------------

    def put(
        self,
        command: Command | None,
        *,
        command_id: str | None = None,
        rows: Rows | None = None,
        always: bool = False,
        behind: bool = False,
    ) -> Entry:
        """Queue a command (or only rows, for None) and go on; `rows` join its transaction.

        A refused command writes nothing, unless its rows are to be written `always`: that news
        was heard is true whatever it came to. What is put `behind` waits until nothing else does.
        """
        entry = Entry(command, command_id, rows, always=always, behind=behind)
        if behind and not self._behind:
            self._turn_at = self._monotonic()
        (self._behind if behind else self._queue).append(entry)
        self._work.set()
        return entry

    def submit(
        self,
        command: Command | None,
        *,
        command_id: str | None = None,
        rows: Rows | None = None,
        behind: bool = False,
    ) -> Reply:
        """Queue a command and wait until it is durable or refused."""
        return self.put(command, command_id=command_id, rows=rows, behind=behind).wait()

    def answered(self, command_id: str) -> Reply | None:
        """What a command id was told before; None for one that is new."""
        with self._database.look() as session:
            stored = command_rows.recall(session, [command_id]).get(command_id)
        return None if stored is None else _reply(stored)

    # --- the loop ---------------------------------------------------------------------------

    def run_forever(self) -> None:
        while not self._stopped.is_set():
            self._work.wait()
            self._work.clear()
            while self._queue or self._behind:
                if not self._queue and (rest := self._rest()) > 0:
                    self._work.wait(rest)
                    self._work.clear()
                    continue
                began = self._monotonic()
                try:
                    self.run_once()
                except Exception:  # boundary: the desk's loop outlives any one batch
                    log.exception("a batch failed")
                if self._turn_at < began:  # what is behind keeps its own distance
                    self._stand_back(min(self._monotonic() - began, GATHER_S))

    def stop(self) -> None:
        self._stopped.set()
        self._work.set()

    def run_once(self) -> int:
        """Settle one batch; returns how many commands it had."""
        taken = self._next()
        entries = [entry for entry in taken if not entry.given_up]
        if entries and not self._settle(entries):
            for entry in entries:
                if not self._settle([entry]):
                    if not self._superseded:
                        name = type(entry.command).__name__
                        log.error("a command could not be stored: %s", name)
                    entry.settle(NOT_STORED)
        if any(entry.behind for entry in taken):
            self._turn_at = self._monotonic()  # it ends here, however long it was
        return len(entries)

    def _next(self) -> list[Entry]:
        """The commands that wait; what is behind when none does, or it has waited long."""
        now = self._monotonic()
        if self._behind and (not self._queue or now - self._turn_at >= BEHIND_S):
            return [self._behind.popleft()]
        return [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]

    def _rest(self) -> float:
        """Seconds until what is behind may have its turn, if nobody says anything."""
        return min(self._spoke_at + QUIET_S, self._turn_at + BEHIND_S) - self._monotonic()

    def _settle(self, entries: Sequence[Entry]) -> bool:
        """Decide, store and make true; false when nothing was stored and nothing changed."""
        now = self._clock.now()
        try:
            batch = self._decide(entries, now)
            if batch.writes:
                behind = all(entry.behind for entry in entries)
                self._store(batch, now, self._aside if behind else None)
                self._spoke_at = self._spoke_at if behind else self._monotonic()
        except Superseded as later:
            if not self._superseded:
                log.critical("%s: this one writes nothing more", later)
            self._superseded = True
            return False
        except Exception:  # boundary: what one command trips over must not cost the others theirs
            log.exception("a batch of %d was not stored", len(entries))
            return False
        self._make_true(batch, now)
        return True

    def _store(self, batch: _Batch, now: datetime, aside: Aside | None) -> None:
        with self._database.write(aside) as session:
            self._fence(session)
            self._write_events(session, batch.events)
            for rows in batch.rows:
                rows(session)
            for command_id, reply in batch.remembered.items():
                command_rows.remember(session, command_id, _stored(reply), at=now)

    def _decide(self, entries: Sequence[Entry], now: datetime) -> _Batch:
        ids = [entry.command_id for entry in entries if entry.command_id]
        known: dict[str, Reply] = {}
        if ids:
            with self._database.look() as session:
                known = {k: _reply(v) for k, v in command_rows.recall(session, ids).items()}
        batch = _Batch(self.floor)
        for entry in entries:
            if entry.command_id in known:
                batch.replies.append((entry, known[entry.command_id]))
                continue
            reply = self._decide_one(entry, batch, now)
            batch.replies.append((entry, reply))
            if entry.command_id:
                known[entry.command_id] = batch.remembered[entry.command_id] = reply
        return batch

    @staticmethod
    def _decide_one(entry: Entry, batch: _Batch, now: datetime) -> Reply:
        reply = DONE if entry.command is None else _ask_core(entry.command, batch, now)
        if entry.rows is not None and (reply.ok or entry.always):
            batch.rows.append(entry.rows)
        return reply

    def _make_true(self, batch: _Batch, now: datetime) -> None:
        before, self.floor = self.floor, batch.floor
        self.committed_batches += 1
        self.committed_commands += len(batch.replies)
        for effect in urgent_first(batch.effects):
            try:
                self._run_effect(effect)
            except Exception:  # boundary: one effect's failure must not undo what is durable
                log.exception("an effect failed: %s", type(effect).__name__)
        for entry, reply in batch.replies:
            entry.settle(reply)
        try:
            self._committed(before, self.floor, batch.events, now)
        except Exception:  # boundary: what the pages are told must not undo what is durable
            log.exception("telling of a commit failed")


def _ask_core(command: Command, batch: _Batch, now: datetime) -> Reply:
    """Decide on the tentative floor; a refusal leaves it as it was."""
    try:
        decided = decide(batch.floor, command, now)
    except Refused as refused:
        return Reply(ok=False, error_id=refused.error_id, details=refused.details)
    except IllegalMove as illegal:
        log.warning("refused: %s", illegal)
        return Reply(ok=False, error_id="illegal-move")
    batch.floor = decided.floor
    batch.events.extend(decided.events)
    batch.effects.extend(decided.effects)
    return DONE


def _stored(reply: Reply) -> dict[str, Any]:
    return {"ok": reply.ok, "error_id": reply.error_id, "details": dict(reply.details)}


def _reply(stored: Mapping[str, Any]) -> Reply:
    return Reply(ok=stored["ok"], error_id=stored["error_id"], details=stored["details"])
