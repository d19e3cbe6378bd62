"""F27: a trunk that fails: left alone after a few failures, and nobody who did not ring pays."""

from __future__ import annotations

import asyncio

from softphone.sip.trunk.breaker import FAILURES
from tests.chaos.floor import Floor, Operator, picks_up
from tests.chaos.network import BLACKHOLE, CLEAR
from tests.fakes.carrier import CarrierCall
from tests.waiting import await_until

REST_WITHIN_S = 30.0
# After a rest of 30 s the trunk is asked by OPTIONS, and the next call is its trial.
BACK_WITHIN_S = 90.0
# An INVITE nobody answers is given up after 32 s (RFC 3261 §17.1.1.2).
SILENT_WITHIN_S = 90.0


async def failing_trunk(floor: Floor, *, code: int, recovers: bool = False) -> dict[str, float]:
    """Every call is refused with `code` before anything rings, until the desk calls no more.

    `recovers`: the trunk is well again then, and calls go on by themselves.
    """

    async def refuse(call: CarrierCall) -> None:
        call.sip.reject(code)

    floor.customer = refuse
    before = floor.invites()
    loop = asyncio.get_running_loop()
    began = loop.time()
    last_id = _last_attempt(floor)
    for operator in floor.operators.values():
        await operator.go_available()
    await await_until(
        lambda: resting(floor), within_s=REST_WITHIN_S, what="the trunk is left alone"
    )
    rested_s = loop.time() - began
    refused = floor.invites() - before
    assert refused >= FAILURES
    figures = {"refused": float(refused), "rested": rested_s, "burnt": float(burnt(floor, last_id))}
    if recovers:
        floor.customer = picks_up
        figures["back"] = await _goes_on(floor)
    return figures


async def silent_trunk(floor: Floor) -> dict[str, float]:
    """Not a word comes back from the trunk, until the desk calls no more; then it is well again."""
    loop = asyncio.get_running_loop()
    began, last_id = loop.time(), _last_attempt(floor)
    floor.sip.up = floor.sip.down = BLACKHOLE
    for operator in floor.operators.values():
        await operator.go_available()
    await await_until(lambda: _attempts(floor, last_id), within_s=REST_WITHIN_S)
    await await_until(
        lambda: resting(floor), within_s=SILENT_WITHIN_S, what="the trunk is left alone"
    )
    figures = {
        "refused": float(_attempts(floor, last_id)),
        "rested": loop.time() - began,
        "burnt": float(burnt(floor, last_id)),
    }
    floor.sip.up = floor.sip.down = CLEAR
    return figures | {"back": await _goes_on(floor)}


async def flapping_trunk(floor: Floor, *, talks: int) -> dict[str, float]:
    """Two of three calls are refused, until each operator has had so many talks all the same."""
    calls: list[str] = []

    async def flap(call: CarrierCall) -> None:
        calls.append(call.number)
        if len(calls) % 3:
            call.sip.reject(503)
        else:
            await picks_up(call)

    async def work(operator: Operator) -> None:
        for _ in range(talks):
            await floor.talk(operator)
            await operator.finish()

    floor.customer = flap
    last_id = _last_attempt(floor)
    await asyncio.gather(*map(work, floor.operators.values()))
    return {"refused": float(len(calls)), "burnt": float(burnt(floor, last_id, reached=True))}


async def _goes_on(floor: Floor) -> float:
    """Seconds from now, when the trunk is well again, until somebody talks."""
    loop = asyncio.get_running_loop()
    healed, before = loop.time(), floor.invites()
    first = next(iter(floor.operators.values()))
    await await_until(lambda: floor.invites() > before, within_s=BACK_WITHIN_S)
    await await_until(
        lambda: any(each.seat_state == "talking" for each in floor.operators.values()),
        within_s=REST_WITHIN_S,
        what=f"calls go on; {first.state['seat']}",
    )
    return loop.time() - healed


def _last_attempt(floor: Floor) -> int:
    return int(floor.product.query("SELECT max(rowid) FROM attempts")[0][0] or 0)


def _attempts(floor: Floor, after: int) -> int:
    rows = floor.product.query("SELECT count(*) FROM attempts WHERE rowid > ?", after)
    return int(rows[0][0])


def resting(floor: Floor) -> bool:
    """Whether the desk knows that no trunk is to be used."""
    rows = floor.product.query("SELECT count(*) FROM attempts WHERE open")
    return rows == [(0,)] and floor.product.metric("desk_trunk_up") == 0.0


def burnt(floor: Floor, after: int, *, reached: bool = False) -> int:
    """Attempts since then that cost the customer one of theirs although nothing rang.

    `reached`: some of them did ring, and were answered; those are left out.
    """
    rows = floor.product.query(
        "SELECT count(*) FROM attempts JOIN attempt_outcomes ON attempt_id = attempts.id"
        " JOIN list_entries ON list_entries.id = list_entry_id"
        " LEFT JOIN calls ON calls.id = attempts.id"
        " WHERE attempts.rowid > ? AND NOT (? AND answered_at IS NOT NULL)"
        " AND (attempts.counts OR attempt_outcomes.counts"
        " OR (list_entries.tries > 0 AND NOT ?) OR outcome NOT IN"
        " ('congestion', 'trunk_failure', 'not_placed'))",
        after,
        reached,
        reached,
    )
    return int(rows[0][0])
