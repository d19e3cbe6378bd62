"""F02, F04, F14, F22 on the product's real processes; each returns what was wrong, in words.

Operators and proofs are those of `tests/acceptance/kill_rounds.py`: every acknowledgement is stored
once, no number was called more often than its cap or twice at once by the carrier's own log, and
the auditor finds nothing.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

from tests.acceptance.kill_rounds import Figures as Round
from tests.acceptance.kill_rounds import KillRounds
from tests.chaos.floor import CUSTOMER_HZ, Floor, Operator
from tests.chaos.mortal_desk import POINTS
from tests.fakes.carrier import CarrierCall
from tests.product import COMMANDS
from tests.waiting import await_until

SEED = 20301126
FROZEN_S = 10.0
SEATS = int(os.environ.get("CRASH_SEATS", "20"))  # of F02; as many again ring
OVER_WITHIN_S = 15.0  # of the gateway's restart
RARE = ("after the lease", "after the order", "before the answer")
DIES_WITHIN_S = 120.0
TREATED_WITHIN_S = 2.0

COMMANDS["dying_desk"] = ["-m", "tests.chaos.dying_desk"]


class CrashRounds(KillRounds):
    """More ways to stop a part."""

    async def die_at(self, point: str, count: int) -> Round:
        """F22: a desk that kills itself there, after it has passed there so often."""
        figures = Round(("desk",))
        product = self.product
        product.kill("desk")
        product.start("dying_desk", DIE_AT=f"{point}:{count}")
        dying = product.processes["desk"] = product.processes.pop("dying_desk")
        await await_until(
            lambda: dying.poll() is not None,
            within_s=DIES_WITHIN_S,
            what=f"the desk dies {point} ({count})\n{product.logs()}",
        )
        killed = time.monotonic()
        if dying.returncode != -9:
            figures.failures.append(f"{point}: ended with {dying.returncode}\n{product.logs()}")
        product.start("desk")
        await self._recover(figures, killed)
        await self._dials_again(figures, killed)
        figures.failures += await self._prove()
        figures.failures += await self._audit()
        return figures

    async def freeze(self, part: str) -> Round:
        """F04: a part that stands still for ten seconds and then goes on as if nothing were."""
        figures = Round((part,))
        await self._work_until_busy()
        self.product.freeze(part)
        await asyncio.sleep(FROZEN_S)  # pace: nobody is there
        thawed = time.monotonic()
        self.product.thaw(part)
        await self._recover(figures, thawed)
        await self._dials_again(figures, thawed)
        figures.failures += await self._prove()
        figures.failures += await self._audit()
        return figures


async def point_rounds(folder: Path, count: int) -> list[str]:
    """F22: the eight points in turn."""
    rng = random.Random(SEED)
    rounds = CrashRounds(folder, rng, operators=4)
    wrong: list[str] = []
    try:
        await rounds.open(customers=300 + 60 * count)
        await rounds._work_until_busy()
        for number in range(count):
            point = POINTS[number % len(POINTS)]
            passes = rng.randint(1, 8) if point in RARE else rng.randint(10, 120)
            figures = await rounds.die_at(point, passes)
            print(f"{point} ({passes}): {figures}", flush=True)
            wrong += figures.failures
        wrong += await rounds.go_home()
    finally:
        await rounds.close()
    return wrong


async def frozen_rounds(folder: Path, count: int) -> list[str]:
    """F04: desk and gateway in turn."""
    rounds = CrashRounds(folder, random.Random(SEED), operators=4)
    wrong: list[str] = []
    try:
        await rounds.open(customers=300 + 60 * count)
        for number in range(count):
            figures = await rounds.freeze(("desk", "gateway")[number % 2])
            print(f"frozen: {figures}", flush=True)
            wrong += figures.failures
        wrong += await rounds.go_home()
    finally:
        await rounds.close()
    return wrong


async def gateway_rounds(folder: Path, count: int) -> list[str]:
    """F02: as many customers talk as there are seats, as many ring, and the gateway is killed."""
    floor = Floor(folder, seed=SEED)
    wrong: list[str] = []
    ringing: list[CarrierCall] = []

    async def rings(call: CarrierCall) -> None:
        call.sip.ring()
        ringing.append(call)

    floor.customer = rings
    overdialing = {"mode": "ratio", "ratio": 2.5, "ring_limit_s": 60, "wrap_up_s": 120}
    try:
        await floor.open(operators=SEATS, customers=4 * SEATS * (count + 1), **overdialing)
        for _ in range(count):
            ringing.clear()
            wrong += await _lose_gateway(floor, ringing)
        await floor.audit()
    finally:
        await floor.close()
    return wrong


async def _all_talk(floor: Floor, ringing: list[CarrierCall]) -> None:
    """One after the other picks up, until every operator has somebody."""
    operators = list(floor.operators.values())
    answered: list[CarrierCall] = []
    await asyncio.gather(*(operator.go_available() for operator in operators))
    await await_until(lambda: len(ringing) >= 2 * SEATS, within_s=50, what="two ring for each seat")
    deadline = time.monotonic() + 50
    while not all(operator.seat_state == "talking" for operator in operators):
        assert time.monotonic() < deadline, (
            f"{[operator.seat_state for operator in operators]}\n{floor.product.logs()}"
        )
        if sum(call.ended is None for call in answered) < SEATS:
            call = next(each for each in ringing if each not in answered and each.ended is None)
            answered.append(call)
            await call.answer(hz=CUSTOMER_HZ)
        await asyncio.sleep(0.1)  # pace: the next customer


async def _lose_gateway(floor: Floor, ringing: list[CarrierCall]) -> list[str]:
    product, operators = floor.product, list(floor.operators.values())
    await _all_talk(floor, ringing)
    before = [row[0] for row in product.query("SELECT id FROM attempts WHERE open")]
    states = "SELECT count(*) FROM calls WHERE live AND state = "
    talking, rings = (product.query(states + state)[0][0] for state in ("'bridged'", "'ringing'"))
    product.kill("gateway")
    product.start("gateway")
    restarted = time.monotonic()
    marks = ",".join("?" * len(before))
    still_open = f"SELECT count(*) FROM attempts WHERE open AND id IN ({marks})"
    await await_until(
        lambda: not product.query(still_open, *before)[0][0], within_s=80, what="all have ended"
    )
    over_s = time.monotonic() - restarted
    wrong = [] if over_s <= OVER_WITHIN_S else [f"over {over_s:.1f} s after the restart"]
    rows = product.query(
        "SELECT a.id, count(o.attempt_id), min(a.counts), min(o.counts) FROM attempts a"
        f" LEFT JOIN attempt_outcomes o ON o.attempt_id = a.id WHERE a.id IN ({marks}) GROUP BY 1",
        *before,
    )
    wrong += [f"outcomes, counted {row}" for row in rows if row[1:] != (1, 1, 1)]
    if talking != SEATS or rings < SEATS:
        wrong.append(f"{talking} talked and {rings} rang")
    await await_until(
        lambda: all(call.ended is not None for call in ringing),
        within_s=40,
        what="the carrier's calls end",
    )
    for operator in operators:  # nobody is stuck: each wraps up and goes
        await operator.finish()
    print(f"{talking} talked, {rings} rang: all over {over_s:.1f} s after the restart", flush=True)
    return wrong


async def answer_rounds(folder: Path, count: int) -> list[str]:
    """F14: four customers answer in one instant, in which two of the four seats fall silent."""
    floor = Floor(folder, seed=SEED)
    wrong: list[str] = []
    ringing: list[CarrierCall] = []
    together = asyncio.Event()

    async def all_at_once(call: CarrierCall) -> None:
        call.sip.ring()
        ringing.append(call)
        await together.wait()
        if call.ended is None:
            await call.answer(hz=CUSTOMER_HZ)

    floor.customer = all_at_once
    try:
        await floor.open(operators=4, customers=40 * count + 40, bridge_within_s=2.0)
        for _ in range(count):
            ringing.clear()
            together.clear()
            wrong += await _answer_together(floor, ringing, together)
        await floor.audit()
    finally:
        await floor.close()
    return wrong


async def _all_told(operators: Sequence[Operator]) -> None:
    """Until the desk has heard how their microphones are: of two heartbeats the second says it."""
    said = [operator.beats for operator in operators]
    await await_until(
        lambda: all(now.beats >= then + 2 for now, then in zip(operators, said, strict=True)),
        what="two heartbeats of each",
    )


async def _answer_together(
    floor: Floor, ringing: list[CarrierCall], together: asyncio.Event
) -> list[str]:
    operators = list(floor.operators.values())
    for operator in operators:
        operator.track_live = True
    await _all_told(operators)
    for operator in operators:
        await operator.go_available()
    await await_until(lambda: len(ringing) >= 4, what="four calls ring")
    since = floor.product.query("SELECT max(rowid) FROM attempts")[0][0] - 4
    for operator in operators[:2]:
        operator.track_live = False
    await _all_told(operators[:2])
    together.set()
    await await_until(
        lambda: sum(each.seat_state == "talking" for each in operators[2:]) == 2,
        what="both that are ready talk",
    )
    ended = "SELECT count(*) FROM attempt_outcomes JOIN attempts ON attempts.id = attempt_id"
    await await_until(
        lambda: (
            floor.product.query(f"{ended} WHERE attempts.rowid > ? AND abandoned", since)[0][0] >= 2
        ),
        what="two are abandoned",
    )
    late = floor.product.query(
        "SELECT p.at - c.answered_at FROM call_prompts p JOIN calls c ON c.id = p.call_id"
        " JOIN attempts a ON a.id = c.id WHERE a.rowid > ? AND p.prompt = 'safe_harbour'",
        since,
    )
    wrong = [f"treated after {us / 1e6} s" for (us,) in late if us / 1e6 > TREATED_WITHIN_S]
    if len(late) < 2:
        wrong.append(f"{len(late)} of two heard the recording")
    for operator in operators[2:]:
        await operator.finish()
    for operator in operators[:2]:
        if operator.seat_state == "available":
            await operator.press("go_away", reason="other")
    return wrong
