"""F27: a trunk that fails: left alone after a few failures, and nobody who did not ring pays."""

from __future__ import annotations

import asyncio

from softphone.sip.breaker import FAILURES
from tests.chaos.floor import Floor, picks_up
from tests.fakes.carrier import CarrierCall
from tests.waiting import await_until

REST_WITHIN_S = 30.0
# After a rest of 30 s the trunk is asked by OPTIONS, and the next call is its trial.
BACK_WITHIN_S = 90.0


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
    last_id = floor.product.query("SELECT max(rowid) FROM attempts")[0][0] or 0
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
        healed = loop.time()
        first = next(iter(floor.operators.values()))
        await await_until(lambda: floor.invites() > before + refused, within_s=BACK_WITHIN_S)
        await await_until(
            lambda: any(each.seat_state == "talking" for each in floor.operators.values()),
            within_s=REST_WITHIN_S,
            what=f"calls go on; {first.state['seat']}",
        )
        figures["back"] = loop.time() - healed
    return figures


def resting(floor: Floor) -> bool:
    """Whether the desk knows that no trunk is to be used."""
    rows = floor.product.query("SELECT count(*) FROM attempts WHERE open")
    return rows == [(0,)] and floor.product.metric("desk_trunk_up") == 0.0


def burnt(floor: Floor, after: int) -> int:
    """Attempts since then that cost the customer one of theirs although nothing rang."""
    rows = floor.product.query(
        "SELECT count(*) FROM attempts JOIN attempt_outcomes ON attempt_id = attempts.id"
        " JOIN list_entries ON list_entries.id = list_entry_id"
        " WHERE attempts.rowid > ? AND (attempts.counts OR attempt_outcomes.counts"
        " OR list_entries.tries > 0 OR outcome NOT IN"
        " ('congestion', 'trunk_failure', 'not_placed'))",
        after,
    )
    return int(rows[0][0])
