"""A desk that ends itself with SIGKILL at a marked point of its code: `DIE_AT=<point>:<count>`.

The points are those of `mortal_desk.py`; here the process is real, and so is its death.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from agent_desk.__main__ import Eventlet, serve

Eventlet()  # before anything else is imported, as in the product

# ruff: noqa: E402
from agent_desk.dialer.commands import AttemptsLeased
from agent_desk.dialer.effects import PlaceCall
from agent_desk.services.running.effects import EffectRunner
from agent_desk.services.running.group_commit import Entry, GroupCommit
from agent_desk.store.rows.journal import Journal

POINT, _, COUNT = os.environ["DIE_AT"].rpartition(":")
left = int(COUNT)


def pass_point(point: str) -> None:
    """The desk is at a marked point."""
    global left
    if point == POINT:
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def marked(of: type, name: str, around: Callable[..., Any]) -> None:
    """Have a method pass a point: `around` is handed the method and its arguments."""
    plain = getattr(of, name)
    setattr(of, name, lambda *args, **named: around(plain, *args, **named))


def _write(plain: Any, journal: Journal, session: Any, events: Sequence[Any]) -> None:
    for event in events:
        plain(journal, session, [event])
        pass_point("inside the transaction")


def _store(plain: Any, commits: Any, batch: Any, now: Any, aside: Any) -> None:
    batch.rows.append(lambda session: pass_point("before the commit"))
    plain(commits, batch, now, aside)


def _make_true(plain: Any, commits: Any, batch: Any, now: Any) -> None:
    if batch.writes:
        pass_point("after the commit")
    plain(commits, batch, now)


def _run_effect(plain: Any, runner: Any, effect: Any) -> None:
    pass_point("before an effect")
    plain(runner, effect)
    if isinstance(effect, PlaceCall):
        pass_point("after the order")


def _put(plain: Any, commits: Any, command: Any, **named: Any) -> Any:
    if isinstance(command, AttemptsLeased) and command.attempts:
        pass_point("after the lease")
    return plain(commits, command, **named)


def _settle(plain: Any, entry: Entry, reply: Any) -> None:
    if entry.command_id is not None:
        pass_point("before the answer")
    plain(entry, reply)


def _run_once(plain: Any, commits: Any) -> Any:
    pass_point("before deciding")
    return plain(commits)


marked(Journal, "write_events", _write)
marked(GroupCommit, "_store", _store)
marked(GroupCommit, "_make_true", _make_true)
marked(GroupCommit, "put", _put)
marked(GroupCommit, "run_once", _run_once)
marked(EffectRunner, "run", _run_effect)
marked(Entry, "settle", _settle)

sys.exit(serve())
