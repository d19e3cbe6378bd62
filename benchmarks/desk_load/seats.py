"""Operators at work: each a page that beats, follows its state, and presses what one presses.

What happens on a call is the customer's fate (`plan.py`): so long a talk, one or two statuses
marked in it, hung up by either side; so long after-call work with a note, and the result saved,
which makes the seat available again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from typing import Any

import aiohttp

from benchmarks.desk_load import link
from benchmarks.desk_load.figures import Figures
from benchmarks.desk_load.gateway import ScriptedGateways
from benchmarks.desk_load.plan import Fate, fate_of

# As desk_link.js: often while a customer may be connected any moment.
BEAT_S, SLOW_BEAT_S = 1.0, 1.5
URGENT = frozenset({"starting", "available", "reserved"})
AGAIN_S = 0.3
TRIES = 40
NOTE = "ご案内済み。折り返しのご希望なし。"


class Seat:
    """One operator's page. `state` is what it would show."""

    def __init__(self, username: str, figures: Figures, gateways: ScriptedGateways) -> None:
        self.username = username
        self.state: dict[str, Any] = {}
        self._seq = 0
        self._figures = figures
        self._gateways = gateways
        self._link = link.Link(self._heard)
        self._call_id: str | None = None  # the one being worked on
        self._shown_of: str | None = None  # the one whose record came last
        self._moved = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def come(self, http: aiohttp.ClientSession, url: str, password: str) -> None:
        """Log in, connect, be checked: everything but the audio itself; then available."""
        headers = await link.sign_in(http, url, self.username, password, "/desk")
        spaces = ["/desk", "/pulse"]
        auth = await link.tickets(http, url, headers, spaces, uuid.uuid4().hex)
        await self._link.connect(http, url, auth)
        self._keep(self._beat())
        await self._persist("media_offer", {"sdp": "v=0\r\n"})
        await self._persist("device_passed", {"level_dbfs": -20.0})
        await self._persist("go_available", {})

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.close()

    @property
    def busy(self) -> bool:
        """With a customer, or still writing about one."""
        return self._seat_state in ("reserved", "talking", "hold", "wrap_up")

    @property
    def _seat_state(self) -> str:
        seat = self.state.get("seat")
        return str(seat["state"]) if seat else "offline"

    # --- what is pushed -------------------------------------------------------------------------

    def _heard(self, namespace: str, event: str, payload: Any) -> None:
        if event == "snapshot":
            self.state, self._seq = payload["state"], payload["seq"]
            changes = self.state
        elif event == "update":
            if payload["seq"] != self._seq + 1:
                self._figures.fault("gap in a seat's numbers")
            self._seq, changes = payload["seq"], payload["changes"]
            self.state.update(changes)
        else:
            return
        if changes.get("record") is not None:
            self._shown(changes["record"])
        self._moved.set()
        self._look()

    def _shown(self, record: dict[str, Any]) -> None:
        """A caller record is there: whose, and how long after the answer."""
        number = record["customer"]["external_id"]
        call = self.state.get("call")
        if call is None or call["id"] == self._shown_of:
            return
        self._shown_of = call["id"]
        answered = self._gateways.answered_at(call["id"], number)
        if answered is None:
            self._figures.fault("record of another customer")
        elif answered > 0:
            self._figures.record(time.monotonic() - answered)

    def _look(self) -> None:
        """Begin to work on a call that has just become a talk."""
        call = self.state.get("call")
        if self._seat_state != "talking" or call is None or call["id"] == self._call_id:
            return
        self._call_id = call["id"]
        record = self.state["record"]
        self._keep(self._work(call["id"], fate_of(record["customer"]["external_id"])))

    # --- what is pressed ------------------------------------------------------------------------

    async def _work(self, call_id: str, fate: Fate) -> None:
        """One call from the first word to the result."""
        call = {"call_id": call_id}
        await self._talks_on(fate.talks_s / 2)
        if self._seat_state == "talking":
            await self._press("mark_status", {**call, "code": "contact", "on": True})
        if fate.valid and self._seat_state == "talking":
            await self._press("mark_status", {**call, "code": "valid", "on": True})
        await self._talks_on(fate.talks_s / 2)
        if self._seat_state == "talking" and not fate.customer_ends:
            await self._press("hang_up", {})
        await self._talks_on(None)
        await asyncio.sleep(fate.wraps_s / 2)
        await self._press("draft_note", {**call, "text": NOTE})
        await asyncio.sleep(fate.wraps_s / 2)
        await self._press("save_result", {**call, "note": NOTE, "counterpart": None})

    async def _talks_on(self, seconds: float | None) -> None:
        """The talk goes on for so long, or to its end where that is sooner."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._seat_state == "talking":
                    self._moved.clear()
                    await self._moved.wait()

    async def rest(self) -> None:
        """Away, now or after this call."""
        if self._seat_state != "away":
            await self._press("go_away", {"reason": "other"})

    async def _press(self, event: str, payload: dict[str, Any]) -> bool:
        """Press once; whether it was done."""
        began = time.monotonic()
        payload["command_id"] = uuid.uuid4().hex
        self._figures.count("presses")
        try:
            await self._link.call("/desk", event, payload)
        except link.Refused as refused:
            self._figures.refuse(f"{event}: {refused}")
            return False
        except link.LinkLost:
            self._figures.refuse(f"{event}: no answer")
            return False
        self._figures.press(time.monotonic() - began)
        return True

    async def _persist(self, event: str, payload: dict[str, Any]) -> None:
        """Press until it is done: the desk hears of a new leg a moment after the page does."""
        for _ in range(TRIES):
            if await self._press(event, dict(payload)):
                return
            await asyncio.sleep(AGAIN_S)
        raise link.LinkLost(f"{self.username} cannot {event}")

    async def _beat(self) -> None:
        """As the page: often while a customer may come, with a receipt, with what it measured."""
        beat = {
            "track_live": True,
            "track_unmuted": True,
            "hidden": False,
            "loss": 0,
            "jitter_ms": 3.1,
            "rtt_ms": 21,
            "concealed": 0,
        }
        while self._link.open:
            await self._link.emit("/pulse", "pulse", beat)
            self._figures.count("beats")
            await asyncio.sleep(BEAT_S if self._seat_state in URGENT else SLOW_BEAT_S)
        self._figures.fault("a seat's connection was lost")

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._figures.fault(f"a seat stumbled: {task.exception()!r:.80}")
