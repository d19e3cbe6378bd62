"""F16: customers who hang up at about the instant at which they are joined to an operator."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tests.chaos.floor import CUSTOMER_HZ, OPERATOR_HZ, Floor, Operator, hears
from tests.fakes.carrier import CarrierCall
from tests.waiting import PATIENCE_S, await_until

AROUND_S = 0.2
# A seat that does not show the call for so long has done with it.
QUIET_S = 0.4


@dataclass
class HangUp:
    """One customer: when they went, and for how long a seat was then still talking to nobody."""

    kind: str
    dead_air_s: float = 0.0
    outcome: str = ""
    bridged: bool = False

    @property
    def wrong(self) -> str | None:
        """What is not as it must be."""
        wanted = ("human",) if self.bridged else ("hung_up_at_once",)
        return None if self.outcome in wanted else f"{self}"


class Hasty:
    """A crowd of such customers; `gone` by number, in E.164."""

    def __init__(self, floor: Floor, *, count: int) -> None:
        self.gone: dict[str, HangUp] = {}
        self._floor = floor
        self._wanted = count
        self._leaving = False
        self._watching: list[asyncio.Task[None]] = []
        self._working: list[asyncio.Task[None]] = []

    async def play(self) -> list[HangUp]:
        """All operators take calls until every customer is through; one figure per customer."""
        self._floor.customer = self._pick_up
        self._working = [
            asyncio.ensure_future(self._work(each)) for each in self._floor.operators.values()
        ]
        try:
            await await_until(
                lambda: len(self.gone) >= self._wanted or any(t.done() for t in self._working),
                within_s=10.0 + 4.0 * self._wanted,
                what="enough calls",
            )
            self._leaving = True  # who is called now may find no seat: not counted
            await asyncio.wait_for(asyncio.gather(*self._working), 60)
        finally:
            for task in self._working:
                task.cancel()
        await asyncio.gather(*self._watching)
        await self._judge()
        return list(self.gone.values())

    async def _work(self, operator: Operator) -> None:
        """Save each result at once; go away when nothing is left to do."""
        while True:
            state = operator.seat_state
            if state == "wrap_up" and operator.call_id is not None:
                await operator.press("save_result", call_id=operator.call_id, note="")
            elif state in ("away", "starting") and not self._leaving:
                await operator.go_available()
            elif state == "available" and self._leaving:
                await operator.press("go_away", reason="other")
            elif state == "away":
                return
            await asyncio.sleep(0.01)  # pace: an operator looks

    async def _pick_up(self, call: CarrierCall) -> None:
        draw = self._floor.rng
        kind = draw.choice(("before the ACK", "after the answer", "at the voice"))
        await call.answer(hz=CUSTOMER_HZ)
        if kind == "at the voice":
            await await_until(
                lambda: call.ended is not None or _hears_operator(call),
                within_s=PATIENCE_S,
            )
        if kind != "before the ACK":
            await asyncio.sleep(draw.uniform(0.0, AROUND_S))  # pace: around the instant
        if call.ended is not None or self._leaving:
            call.hang_up()
            return  # nobody was free in time: that is another test's
        if kind == "before the ACK" and call.sip._session is not None:
            call.sip._session.hang_up(reason_header="Q.850;cause=16")  # impatient telephones do
            call.close()
        else:
            call.hang_up()
        number = "+81" + call.number.removeprefix("0")
        self.gone[number] = HangUp(kind)
        self._watching.append(asyncio.ensure_future(self._watch(number)))

    async def _watch(self, number: str) -> None:
        """How long any seat shows the customer as on the line after they have hung up."""
        loop = asyncio.get_running_loop()
        gone = last = loop.time()
        while loop.time() - last < QUIET_S:
            if any(_talks_with(each, number) for each in self._floor.operators.values()):
                last = loop.time()
                assert last - gone < PATIENCE_S, f"{number} is gone and still on a seat"
            await asyncio.sleep(0.005)  # pace: between two looks
        self.gone[number].dead_air_s = last - gone

    async def _judge(self) -> None:
        """What the desk wrote of each."""
        query = self._floor.product.query
        await await_until(
            lambda: query("SELECT count(*) FROM attempts WHERE open") == [(0,)],
            within_s=PATIENCE_S,
            what="no attempt is open",
        )
        await await_until(lambda: self._floor.carrier.dialogs == 0, within_s=PATIENCE_S)
        rows = query(
            "SELECT external_id, outcome, bridged_at FROM attempt_outcomes"
            " JOIN calls ON calls.id = attempt_id"
            " JOIN customers ON customers.id = calls.customer_id"
        )
        for external_id, outcome, bridged_at in rows:
            if external_id in self.gone:
                found = self.gone[external_id]
                assert not found.outcome, f"two outcomes: {rows}"
                found.outcome, found.bridged = outcome, bridged_at is not None


def _hears_operator(call: CarrierCall) -> bool:
    """The operator's tone and nothing else: the words of an apology hold that pitch as well."""
    ear = call.customer
    return hears(ear, OPERATOR_HZ) and ear.heard_dbfs(OPERATOR_HZ) > ear.level_dbfs() - 3.0


def _talks_with(operator: Operator, number: str) -> bool:
    record = operator.state.get("record")
    if operator.seat_state != "talking" or record is None:
        return False
    return bool(record["customer"]["external_id"] == number)
