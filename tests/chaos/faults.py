"""The faults of a seat's network: each is brought about, borne and measured by one function.

Tests call them for what must come to pass, benchmarks for how long it took. Figures are seconds
from the fault (or from its end) to what must follow; what does not follow raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.chaos.floor import CUSTOMER_HZ, OPERATOR_HZ, WRAP_UP_S, Floor, Operator, hears
from tests.chaos.network import BLACKHOLE, CLEAR, Weather
from tests.waiting import PATIENCE_S, await_until

Figures = dict[str, float]
# A seat that is ready is called for by the first of them; customers here pick up at once.
DECISIONS = 15
BAD_NETWORK = Weather(loss=0.05, delay_s=0.06, jitter_s=0.02)


async def seconds_until(predicate: Callable[[], Any], *, what: str) -> float:
    """How long it takes until something is so."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await await_until(predicate, within_s=PATIENCE_S, what=what)
    return loop.time() - began


async def partition(floor: Floor, operator: Operator, *, lasts_s: float) -> Figures:
    """F06: nothing comes through to a seat in wrap-up, which becomes available by its deadline."""
    await floor.talk(operator)
    await operator.press("hang_up")
    await operator.until(lambda s: s["seat"]["state"] == "wrap_up", what="wrap-up")
    before = len(floor.moves(operator.username))
    operator.partition()
    await asyncio.sleep(lasts_s)  # pace: the partition
    if lasts_s > WRAP_UP_S:
        await await_until(
            lambda: len(floor.moves(operator.username)) > before, what="the deadline of wrap-up"
        )
    meanwhile = floor.moves(operator.username)[before:]
    assert not [move for move in meanwhile if move[0] == "reserved"], meanwhile
    if lasts_s > WRAP_UP_S:
        assert meanwhile[0][0] == "available", meanwhile
    lagged = ("away", "lagged") in [move[:2] for move in meanwhile]
    operator.heal()
    back_s = await seconds_until(lambda: _is_back(operator), what="the seat is back")
    if lagged:
        assert operator.seat_state == "away", operator.state["seat"]
        await operator.go_available()
    await floor.talk(operator)
    await operator.finish()
    return {"back": back_s, "lagged": float(lagged)}


def _is_back(operator: Operator) -> bool:
    """Connected, shown as such, and with an audio leg."""
    seat = operator.state["seat"]
    link = operator.connected and operator.media.lost is None
    return bool(link and seat["link"] == "ok" and seat["media"] == "up")


async def one_way_audio(floor: Floor, operator: Operator) -> Figures:
    """F07: the operator's voice does not arrive any more; the customer must not hear silence."""
    call = await floor.talk(operator)
    ear = call.customer
    operator.set_audio(up=BLACKHOLE)
    known_s, treated_s = await asyncio.gather(
        seconds_until(lambda: operator.state["seat"]["media"] == "down", what="it is known"),
        seconds_until(
            lambda: not hears(ear, OPERATOR_HZ) and ear.level_dbfs() > -50.0,
            what="the customer hears the hold prompt",
        ),
    )
    operator.set_audio()
    resumed_s = await seconds_until(lambda: hears(ear, OPERATOR_HZ), what="the voice is back")
    await await_until(lambda: operator.state["seat"]["media"] == "up", within_s=PATIENCE_S)
    assert operator.seat_state == "talking"
    await operator.finish()
    return {"known": known_s, "treated": treated_s, "resumed": resumed_s}


async def deaf_operator(floor: Floor, operator: Operator) -> Figures:
    """F07 the other way: the customer's voice does not reach the operator any more."""
    call = await floor.talk(operator)
    await await_until(lambda: not _is_suspect(operator), within_s=PATIENCE_S, what="a good line")
    operator.set_audio(down=BLACKHOLE)
    known_s = await seconds_until(lambda: _is_suspect(operator), what="it is known")
    await await_until(lambda: not hears(operator.media, CUSTOMER_HZ), within_s=PATIENCE_S)
    operator.set_audio()
    resumed_s = await seconds_until(
        lambda: hears(operator.media, CUSTOMER_HZ), what="the customer is heard again"
    )
    await await_until(lambda: hears(call.customer, OPERATOR_HZ), within_s=PATIENCE_S)
    await operator.finish()
    return {"known": known_s, "resumed": resumed_s}


def _is_suspect(operator: Operator) -> bool:
    seat = operator.state["seat"]
    return seat["media"] == "down" or "operator" in seat["quality"]["poor"]


async def lost_seat(floor: Floor, operator: Operator) -> Figures:
    """F07, for good: ten seconds later an apology, and a callback before all others."""
    call = await floor.talk(operator)
    call_id = operator.call_id
    loop = asyncio.get_running_loop()
    began = loop.time()
    operator.partition()
    await await_until(lambda: call.ended is not None, within_s=60, what="the apology's end")
    ended_s = loop.time() - began
    operator.heal()
    back_s = await seconds_until(lambda: _is_back(operator), what="the seat is back")
    owed = await await_until(
        lambda: floor.product.query(
            "SELECT outcome, prompt, priority, list_entries.state FROM attempt_outcomes"
            " JOIN call_prompts ON call_id = attempt_id JOIN attempts ON attempts.id = attempt_id"
            " JOIN list_entries ON list_entries.id = list_entry_id WHERE attempt_id = ?",
            call_id,
        ),
        within_s=PATIENCE_S,
        what="what is owed",
    )
    # First of all entries again, as soon as the gap between two calls to a number allows.
    assert owed == [("seat_lost", "apology", 0, "ready")], owed
    if operator.seat_state == "wrap_up":
        await operator.press("save_result", call_id=call_id, note="")
    await floor.talk(operator)
    await operator.finish()
    return {"ended": ended_s, "back": back_s}


async def bad_network(floor: Floor, operator: Operator, *, lasts_s: float) -> Figures:
    """F08: loss and jitter both ways; shown, borne, and written down as an opinion."""
    call = await floor.talk(operator)
    call_id, leg, paths = operator.call_id, operator.media, len(operator.paths)
    loop = asyncio.get_running_loop()
    until = loop.time() + lasts_s
    operator.set_audio(up=BAD_NETWORK, down=BAD_NETWORK)
    shown_s = await seconds_until(
        lambda: "operator" in operator.state["seat"]["quality"]["poor"], what="it is shown"
    )
    while loop.time() < until:
        assert operator.call_id == call_id and operator.seat_state == "talking"
        assert operator.media is leg and leg.lost is None and len(operator.paths) == paths
        assert operator.state["seat"]["media"] == "up"
        await asyncio.sleep(0.1)  # pace: between two looks
    worst_gap_s = max(leg.longest_gap_s, call.customer.longest_gap_s)
    operator.set_audio(up=CLEAR, down=CLEAR)
    await operator.finish()
    rows = await await_until(
        lambda: floor.product.query(
            "SELECT mos_hundredths / 100.0, loss_permille / 1000.0 FROM call_quality"
            " WHERE call_id = ?",
            call_id,
        ),
        within_s=PATIENCE_S,
        what="how it sounded",
    )
    assert rows[0][0] is not None
    return {"shown": shown_s, "mos": rows[0][0], "loss": rows[0][1], "gap": worst_gap_s}


async def lost_microphone(floor: Floor, operator: Operator) -> Figures:
    """F12: the microphone goes in wrap-up; the seat becomes available and nobody is put through."""
    await floor.talk(operator)
    await operator.press("hang_up")
    await operator.until(lambda s: s["seat"]["state"] == "wrap_up", what="wrap-up")
    await asyncio.sleep(floor.rng.uniform(0.0, WRAP_UP_S - 2.0))  # pace: two seconds are left
    before = len(floor.moves(operator.username))
    operator.track_live = False
    await operator.until(lambda s: s["seat"]["state"] == "available", what="the deadline")
    await _decided(floor, DECISIONS)
    meanwhile = [move[0] for move in floor.moves(operator.username)[before:]]
    assert meanwhile == ["available"], meanwhile
    operator.track_live = True
    back_s = await seconds_until(lambda: operator.seat_state == "talking", what="the next customer")
    await operator.finish()
    return {"back": back_s}


async def _decided(floor: Floor, times: int) -> None:
    """Until the desk has decided so many times more whom to call and for whom."""

    async def decisions() -> float:
        return await asyncio.to_thread(floor.product.metric, "desk_batches_committed_total")

    before = await decisions()
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while await decisions() < before + times:
        assert asyncio.get_running_loop().time() < deadline, "the desk decides nothing"
        await asyncio.sleep(0.05)  # pace: between two looks
