"""Plans PostgreSQL keeps: what every lease asks is thought about once per connection.

PostgreSQL plans a statement each time it is sent, which takes longer than answering the questions
of a lease, where keys lead to a row or two. A statement marked by `kept` is prepared when a
connection first sends it, and called by name afterwards. The server itself compares such a plan
with one made for the values at hand and plans anew where that is worth it. It does not notice that
a table has grown a thousandfold by an import before its statistics are gathered again; so plans are
given up after a minute. SQLite needs none of this: there the mark means nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, event
from sqlalchemy.engine import Engine

MOST = 200  # per connection: an IN has a text for each number of values
FRESH_S = 60.0
_MARK = "kept_plan"
_PLANS = "kept_plans"
_PLACE = re.compile(r"%\((\w+)\)s")

Statement = TypeVar("Statement", bound=Executable)


def kept(statement: Statement) -> Statement:
    """The same statement, whose plan is kept; each of its values stands where its type is known."""
    return statement.execution_options(**{_MARK: True})


@dataclass
class _Plans:
    """Of one connection, by statement; lost with it. No rollback takes them back."""

    since: float
    calls: dict[str, str] = field(default_factory=dict)


def keep_plans(engine: Engine, *, elapsed: Callable[[], float] = time.monotonic) -> None:
    """Have this PostgreSQL engine (psycopg2) keep the plans of marked statements."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def call_by_name(
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> tuple[str, Any]:
        if executemany or context is None or not context.execution_options.get(_MARK):
            return statement, parameters
        return call(connection.info, cursor, statement, elapsed=elapsed), parameters


def call(
    of_connection: MutableMapping[Any, Any],
    cursor: Any,
    statement: str,
    *,
    anew: bool = True,
    elapsed: Callable[[], float] = time.monotonic,
) -> str:
    """How to call a statement whose plan this connection keeps from now on.

    `of_connection` is the connection's `info`. Without `anew`, no plan is given up for its age:
    there are calls by name on their way.
    """
    plans: _Plans = of_connection.setdefault(_PLANS, _Plans(elapsed()))
    if anew and elapsed() - plans.since >= FRESH_S:
        cursor.execute("DEALLOCATE ALL")
        plans = of_connection[_PLANS] = _Plans(elapsed())
    if statement not in plans.calls:
        if len(plans.calls) >= MOST:
            return statement
        plans.calls[statement] = _prepare(cursor, statement, f"kept_{len(plans.calls)}")
    return plans.calls[statement]


def _prepare(cursor: Any, statement: str, name: str) -> str:
    """Have the server plan it; returns the call."""
    places = {found: None for found in _PLACE.findall(statement)}
    number = {place: f"${n}" for n, place in enumerate(places, start=1)}
    plain = _PLACE.sub(lambda found: number[found[1]], statement).replace("%%", "%")
    cursor.execute(f"PREPARE {name} AS {plain}")
    values = ", ".join(f"%({place})s" for place in places)
    return f"EXECUTE {name} ({values})" if places else f"EXECUTE {name}"
