"""Real calls over loopback to every kind of customer, judged by what the caller sees and hears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from softphone.audio.tones import level_dbfs, tone_dbfs
from softphone.audio.wav import read_wav, to_pcm16
from softphone.practice_carrier.call_log import CallLog
from softphone.practice_carrier.server import PracticeCarrier
from tests.softphone.practice_carrier.caller import Caller, Exchange, exchange
from tests.waiting import PATIENCE_S, await_until


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Exchange]:
    async with exchange(tmp_path) as made:
        yield made


async def ended(caller: Caller, *, within_s: float = PATIENCE_S) -> Caller:
    async with asyncio.timeout(within_s):
        await caller.ended.wait()
    return caller


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_a_tone_number_plays_its_tone_and_nothing_else(line: Exchange, codec: str) -> None:
    caller = await line.answered("+819000009440", codecs=(codec,))
    await await_until(lambda: len(caller.payloads) >= 20)
    assert caller.session.codec == codec
    assert caller.heard_dbfs(440) == pytest.approx(-15, abs=0.5)
    assert level_dbfs(caller.heard[-1600:]) - caller.heard_dbfs(440) < 0.3


def hears(caller: Caller, hz: int) -> bool:
    return caller.heard_dbfs(hz) > -16 and caller.heard_dbfs(hz + 50) < -40


async def test_each_of_twenty_callers_hears_the_tone_dialed(line: Exchange) -> None:
    tones = range(300, 500, 10)
    callers = [await line.answered(f"0900000{9000 + hz}") for hz in tones]
    await await_until(lambda: all(len(caller.payloads) >= 25 for caller in callers))
    for hz, caller in zip(tones, callers, strict=True):
        # Of the last 0.2 s: a busy machine may have left a packet out of just these.
        await await_until(partial(hears, caller, hz), what=f"{hz} Hz and nothing else")
    assert line.carrier.call_log.answered == 20
    for caller in callers:
        caller.hang_up()
    await await_until(lambda: line.carrier.call_log.live_calls == 0)


@pytest.mark.parametrize(
    ("number", "code", "q850"),
    [
        ("09000009001", 486, 17),
        ("09000009003", 404, 1),
        ("09000009017", 503, None),
        ("09000009099", 404, 1),
        ("+819012345678", 403, None),
        ("0312345678", 403, None),
    ],
)
async def test_a_refusal_comes_with_its_code_and_without_ringing(
    line: Exchange, number: str, code: int, q850: int | None
) -> None:
    caller = await ended(await line.dial(number))
    assert caller.ending is not None
    assert (caller.ending.code, caller.ending.by) == (code, "remote")
    assert caller.ending.q850 == q850
    assert not caller.ending.rang


@pytest.mark.parametrize(
    ("number", "code"), [("09000009002", 603), ("09000009016", 480), ("09000009901", 486)]
)
async def test_a_customer_may_refuse_after_ringing(line: Exchange, number: str, code: int) -> None:
    caller = await ended(await line.dial(number))
    assert caller.ending is not None
    assert caller.ending.code == code
    assert caller.rings == [180]


async def test_an_unanswered_call_rings_until_it_is_cancelled(line: Exchange) -> None:
    caller = await line.dial("09000009000")
    await await_until(lambda: caller.rings == [180])
    assert line.carrier.call_log.live_calls == 1
    caller.hang_up()
    await ended(caller)
    assert caller.ending is not None and caller.ending.code == 487
    assert line.carrier.call_log.live_calls == 0


async def test_a_number_answers_after_the_seconds_it_says(line: Exchange) -> None:
    started = asyncio.get_running_loop().time()
    caller = await line.answered("09000009101")
    assert asyncio.get_running_loop().time() - started > 0.9
    assert caller.rings == [180]


@pytest.mark.parametrize(("number", "talk_s"), [("09000009202", 2.0), ("09000009005", 1.0)])
async def test_a_customer_hangs_up_after_its_talk_time(
    line: Exchange, number: str, talk_s: float
) -> None:
    started = asyncio.get_running_loop().time()
    caller = await line.answered(number)
    await ended(caller)
    assert asyncio.get_running_loop().time() - started > talk_s - 0.1
    assert caller.ending is not None
    assert (caller.ending.code, caller.ending.by, caller.ending.q850) == (200, "remote", 16)


async def test_an_echo_number_sends_back_what_it_hears(line: Exchange) -> None:
    caller = await line.answered("09000009007")
    caller.hum(600)
    await await_until(lambda: caller.heard_dbfs(600) > -14)
    caller.hum(None)
    await await_until(lambda: level_dbfs(caller.heard[-1600:]) < -90)


async def test_a_customer_holds_the_caller_and_comes_back(line: Exchange) -> None:
    caller = await line.answered("09000009030")
    await await_until(lambda: caller.holds == [True, False])
    caller.forget()
    await await_until(lambda: caller.heard_dbfs(440) > -20, what="the customer back")


async def test_a_customer_presses_keys(line: Exchange) -> None:
    caller = await line.answered("09000009031")
    keys: list[str] = []
    caller.session.on_digit = lambda key, duration_ms, in_band: keys.append(key)
    await await_until(lambda: keys == list("159#"))


async def test_a_quiet_customer_sends_line_noise_and_a_dead_line_nothing(line: Exchange) -> None:
    quiet = await line.answered("09000009014")
    dead = await line.answered("09000009015")
    await await_until(lambda: len(quiet.payloads) >= 50)
    assert level_dbfs(quiet.heard) == pytest.approx(-61, abs=2)
    assert min(quiet.levels()) > -66
    assert dead.payloads == []
    assert not dead.ended.is_set()


async def test_a_human_greets_waits_and_answers_when_spoken_to(line: Exchange) -> None:
    caller = await line.answered("09000009008")
    await await_until(lambda: caller.voiced_s() > 0.2, what="greeting")
    await await_until(lambda: _quiet_for(caller, 0.6), what="the human waits")
    assert min(caller.levels()) > -66, "line noise never stops"
    caller.hum(500)
    await await_until(lambda: _quiet_for(caller, 1.0))
    caller.forget()
    caller.hum(None)
    await await_until(lambda: caller.voiced_s() > 0.2, what="reply")
    assert not caller.ended.is_set()


def _quiet_for(caller: Caller, seconds: float) -> bool:
    frames = round(seconds / 0.02)
    levels = caller.levels()[-frames:]
    return len(levels) == frames and max(levels) < -50


async def test_two_voices_sound_different(line: Exchange) -> None:
    callers = [await line.answered(f"090000090{20 + voice}") for voice in (0, 1)]
    for caller in callers:
        await await_until(lambda caller=caller: caller.voiced_s() > 0.15)
        await await_until(lambda caller=caller: _quiet_for(caller, 0.4))
    first, second = (np.abs(np.fft.rfft(caller.heard, 16000)) for caller in callers)
    alike = float(first @ second / np.sqrt((first @ first) * (second @ second)))
    assert alike < 0.9


async def test_machine_and_announcement_are_heard_as_the_caller_of_a_real_one_would(
    line: Exchange,
) -> None:
    machine = await line.dial("09000009006")
    announced = await line.dial("09000009004")
    await await_until(lambda: announced.rings == [183])
    await ended(announced)
    assert announced.ending is not None and announced.ending.code == 404
    assert not announced.ending.answered
    assert announced.voiced_s() > 3
    await await_until(lambda: machine.heard_dbfs(1000) > -18, what="beep")
    assert machine.voiced_s() > 3
    await await_until(lambda: _quiet_for(machine, 0.4), what="the tape runs")
    assert not machine.ended.is_set()


async def test_what_customers_hear_can_be_recorded(tmp_path: Path) -> None:
    carrier = PracticeCarrier(record_dir=tmp_path / "heard")
    async with exchange(tmp_path, carrier=carrier) as line:
        caller = await line.answered("09000009440")
        caller.hum(700)
        await await_until(lambda: caller.session.packets_sent >= 60)
        caller.hang_up()
        await await_until(lambda: carrier.call_log.live_calls == 0)
        (tape,) = (tmp_path / "heard").glob("09000009440-*.wav")
        samples = to_pcm16(read_wav(tape))
        assert len(samples) >= 50 * 160
        assert tone_dbfs(samples[4000:6000], 700) == pytest.approx(-12, abs=0.5)


async def test_a_carrier_that_stops_hangs_up_and_leaves_no_call(tmp_path: Path) -> None:
    carrier = PracticeCarrier(call_log=CallLog(tmp_path / "calls.jsonl"))
    async with exchange(tmp_path, carrier=carrier) as line:
        talking = await line.answered("09000009440")
        ringing = await line.dial("09000009000")
        await await_until(lambda: ringing.rings)
        await carrier.stop()
        await ended(talking)
        await ended(ringing)
        assert talking.ending is not None and talking.ending.by == "remote"
        assert ringing.ending is not None and ringing.ending.code == 480
    lines = [json.loads(one) for one in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert lines[-1]["live_calls"] == 0
    assert [one["by"] for one in lines if one["event"] == "end"] == ["carrier", "carrier"]


async def test_the_call_log_tells_the_life_of_a_call(tmp_path: Path) -> None:
    carrier = PracticeCarrier(call_log=CallLog(tmp_path / "calls.jsonl"))
    async with exchange(tmp_path, carrier=carrier) as line:
        caller = await line.answered("+819000009101")
        caller.hang_up()
        await await_until(lambda: carrier.call_log.live_calls == 0)
        sip_call_id = caller.call.sip_call_id if caller.call else ""
    lines = [json.loads(one) for one in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert [one["event"] for one in lines] == ["invite", "ringing", "answer", "end"]
    assert {one["call"] for one in lines} == {sip_call_id}
    assert (lines[0]["number"], lines[0]["kind"]) == ("09000009101", "tone")
    assert lines[0]["caller"].endswith("312345678")
    assert lines[-1]["by"] == "caller"
