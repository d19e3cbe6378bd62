"""What one operator of the load does all day: takes calls, presses, hangs up, saves, comes back."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.operator_client import LinkLost, OperatorClient
from tests.product import Product

PAUSE_S = (0.05, 0.5)
CODES = ("contact", "valid")


@dataclass(frozen=True)
class Pace:
    """How long an operator talks and writes, in seconds from … to; the default is a rush."""

    talk_s: tuple[float, float] = (0.5, 6.0)
    wrap_up_s: tuple[float, float] = (0.05, 0.3)


class Shift:
    """Works until told to leave; every choice is drawn from `rng`."""

    def __init__(
        self,
        product: Product,
        client: OperatorClient,
        rng: random.Random,
        *,
        pace: Pace | None = None,
    ) -> None:
        self.client = client
        self.hanging_up = False
        self.may_hang_up = asyncio.Event()
        self.may_hang_up.set()
        self.numbers: dict[str, str] = {}  # of the calls this operator was on
        self._product = product
        self._rng = rng
        self._pace = pace or Pace()
        self._leaving = False
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        await self.client.start_shift()
        self.client.keep_media()
        self._task = asyncio.create_task(self._work())

    def leave(self) -> None:
        """Take no new call; finish what is on the seat."""
        self._leaving = True
        self.may_hang_up.set()

    async def left(self) -> None:
        """Wait until the seat is away. Raises what went wrong in the work."""
        assert self._task is not None
        await asyncio.wait_for(self._task, 60)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.client.close()

    def check(self) -> None:
        """Raise what the work tripped over, if it ended before its time."""
        if self._task is not None and self._task.done() and not self._leaving:
            self._task.result()

    @property
    def talking(self) -> str | None:
        """The call the operator is talking on, as the page shows it."""
        return self.client.call_id if self.client.seat_state == "talking" else None

    def tone_hz(self, call_id: str) -> int | None:
        """The tone this customer hums for ever, or None for one who does something else."""
        ending = self.numbers.get(call_id, "")[-4:]
        return int(ending[1:]) if "9300" <= ending <= "9899" else None

    # --- the work -------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            state, call_id = self.client.seat_state, self.client.call_id
            if state in ("talking", "hold") and call_id is not None:
                await self._talk(call_id)
            elif state == "wrap_up" and call_id is not None:
                await self._wrap_up(call_id)
            elif state == "away" and self._leaving:
                return
            elif state == "available" and self._leaving:
                await self.client.press("go_away", reason="other")
            elif state in ("away", "starting"):
                await self._come_back()
            await asyncio.sleep(0.02)  # pace: an operator looks

    async def _come_back(self) -> None:
        """A seat that was set away presses 待機; refused until page and leg are heard."""
        try:
            await self.client.send("go_available")
        except LinkLost:
            pass  # pressed again, like any impatient person
        await self._pause(PAUSE_S)

    async def _talk(self, call_id: str) -> None:
        record = self.client.state["record"]
        self.numbers[call_id] = record["customer"]["external_id"]
        until = asyncio.get_running_loop().time() + self._rng.uniform(*self._pace.talk_s)
        for event, payload in self._paperwork():
            await self._pause(PAUSE_S)
            if self.client.call_id != call_id:
                return
            await self.client.press(event, call_id=call_id, **payload)
        while self._is_on(call_id):
            enough = self._leaving or asyncio.get_running_loop().time() >= until
            if enough and self.may_hang_up.is_set():
                self.hanging_up = True
                await self.client.press("hang_up")
                await self._pause((0.1, 0.1))
            await asyncio.sleep(0.02)  # pace: an operator looks
        self.hanging_up = False

    async def _wrap_up(self, call_id: str) -> None:
        await self._pause(self._pace.wrap_up_s)
        await self.client.press("save_result", call_id=call_id, note=f"saved {call_id}")
        while self.client.seat_state == "wrap_up" and self.client.call_id == call_id:
            await asyncio.sleep(0.02)  # pace: an operator looks
            if not self.client.connected:
                return

    def _paperwork(self) -> list[tuple[str, dict[str, Any]]]:
        """Presses in the order they will be made; no mark is pressed as it stands already."""
        draw = self._rng
        presses: list[tuple[str, dict[str, Any]]] = []
        for code in CODES:
            for turn in range(draw.choice((0, 1, 1, 2, 3))):
                presses.append(("mark_status", {"code": code, "on": turn % 2 == 0}))
        if draw.random() < 0.5:
            presses.append(("draft_note", {"text": f"draft {draw.randrange(10**6)}"}))
        if draw.random() < 0.4:
            due_on = (self._product.now() + timedelta(days=draw.randrange(1, 20))).date()
            amount = draw.randrange(1, 10**6)
            promise = {"due_on": due_on.isoformat(), "amount_yen": amount}
            presses.append(("set_promise", promise))
        return presses

    def _is_on(self, call_id: str) -> bool:
        return self.client.seat_state in ("talking", "hold") and self.client.call_id == call_id

    async def _pause(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._rng.uniform(*between))  # pace: an operator takes time
