"""People who look at the floor: they apply what they are pushed and check that it adds up."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp

from benchmarks.desk_load import link
from benchmarks.desk_load.figures import Figures
from tests.waiting import await_until

STILL_THERE_S = 1.5  # as floor.js
SETTLED_S = 1.0  # what changes by itself is pushed every three seconds: between two of these
SETTLING_S = 20.0


class Viewer:
    """One page of the floor. `now` is business time, by the clock the desk's instants are of."""

    def __init__(self, username: str, figures: Figures, now: Callable[[], datetime]) -> None:
        self.username = username
        self.state: dict[str, dict[str, Any]] = {}
        self._seq = 0
        self._headers: dict[str, str] = {}
        self._figures = figures
        self._now = now
        self._told_at = 0.0
        self._link = link.Link(self._heard)
        self._asking: asyncio.Task[None] | None = None

    async def come(self, http: aiohttp.ClientSession, url: str, password: str) -> None:
        """Log in, open the page, connect."""
        self._headers = await link.sign_in(http, url, self.username, password, "/floor")
        await self._look(http, url)

    async def _look(self, http: aiohttp.ClientSession, url: str) -> None:
        auth = await link.tickets(http, url, self._headers, ["/floor"], uuid.uuid4().hex)
        await self._link.connect(http, url, auth)
        self._asking = asyncio.create_task(self._ask())

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        await self._link.close()

    async def verify(self, http: aiohttp.ClientSession, url: str) -> None:
        """Compare with a second page of the same person, opened now, when both stand still.

        Asked for anew, a picture would show what was on its way to this page just then; and a page
        that has asked is told no more of what it should have been told before.
        """
        beside = Viewer(self.username, self._figures, self._now)
        beside._headers = self._headers
        await beside._look(http, url)
        try:
            await await_until(
                lambda: bool(beside.state) and self._is_settled() and beside._is_settled(),
                within_s=SETTLING_S,
                what="a floor that stands still",
            )
            for what in differing(self.state, beside.state):
                self._figures.fault(f"a viewer holds another picture: {what}")
        finally:
            await beside.close()

    def _is_settled(self) -> bool:
        return time.monotonic() - self._told_at > SETTLED_S

    def _heard(self, namespace: str, event: str, payload: Any) -> None:
        self._told_at = time.monotonic()
        if event == "snapshot":
            self.state, self._seq = payload["state"], payload["seq"]
        elif event == "update":
            if payload["seq"] != self._seq + 1:
                self._figures.fault("gap in a viewer's numbers")
            self._seq = payload["seq"]
            self._figures.count("updates")
            self._apply(payload["changes"])

    def _apply(self, changes: dict[str, dict[str, Any]]) -> None:
        """Each top-level key is a table by id; null removes a row. As `mergeById`."""
        moved = []
        for table, rows in changes.items():
            held = self.state[table] = dict(self.state[table])
            for key, row in rows.items():
                if row is None:
                    held.pop(key, None)
                    continue
                if table == "seats" and is_moved(held.get(key), row):
                    moved.append(row["since"])
                held[key] = row
        now = self._now()
        for since in moved:
            self._figures.lag((now - datetime.fromisoformat(since)).total_seconds())
        self._figures.count("tiles", len(changes.get("seats", ())))

    async def _ask(self) -> None:
        while self._link.open:
            await self._link.emit("/floor", "still_there", {})
            await asyncio.sleep(STILL_THERE_S)
        self._figures.fault("a viewer's connection was lost")


def is_moved(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    """Whether the seat has moved between these two tiles; one that has just come has not."""
    if before is None:
        return False
    return bool((before["state"], before["since"]) != (after["state"], after["since"]))


def differing(held: dict[str, dict[str, Any]], fresh: dict[str, dict[str, Any]]) -> list[str]:
    """Where two pictures of the floor are not the same: `table.field`."""
    found = set()
    for table in held.keys() | fresh.keys():
        ours, theirs = held.get(table, {}), fresh.get(table, {})
        for key in ours.keys() | theirs.keys():
            one, other = ours.get(key), theirs.get(key)
            if one is None or other is None:
                found.add(f"{table}: a row too many or too few")
            elif one != other:
                fields = {k for k in one.keys() | other.keys() if one.get(k) != other.get(k)}
                found.update(f"{table}.{name}" for name in fields)
    return sorted(found)
