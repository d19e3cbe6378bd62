"""A customer asked for a key at the end of a talk, over real SIP and RTP."""

from __future__ import annotations

import struct
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from softphone.audio.dtmf import key_frames
from softphone.audio.wav import write_wav
from softphone.protocol import AskCustomer, CallEnded, CustomerAnswered, DigitHeard, EndedBy
from softphone.rtp.packet import EVENT_DIGITS
from tests.softphone.gateway.world import CUSTOMER_HZ, OPERATOR_HZ, World, hear_each_other
from tests.waiting import await_until

pytestmark = pytest.mark.processes

QUESTION_HZ, THANKS_HZ = 1_000, 1_900
EVENT = struct.Struct("!BBH")
TELEPHONE_EVENT = 101


def recording(folder: Path, name: str, hz: int, seconds: float) -> str:
    """A tone as an installation's own recording; its hash."""
    file = folder / "messages" / f"{name}.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    ticks = np.arange(round(8_000 * seconds))
    write_wav(file, 0.4 * np.sin(ticks / 8_000 * 2 * np.pi * hz))
    return sha256(file.read_bytes()).hexdigest()


async def test_the_customer_alone_is_asked_presses_a_key_and_is_thanked(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    question = recording(prompts, "question", QUESTION_HZ, 20.0)
    thanks = recording(prompts, "thanks", THANKS_HZ, 1.0)
    ask = AskCustomer("c1", question, thanks, keys="12345", wait_s=5.0)
    world = World(tmp_path, PROMPT_DIR=str(prompts))
    await world.open()
    try:
        browser = await world.browser()
        call = await world.talk()
        await hear_each_other(browser, call)
        reply = await world.desk.send(ask)
        assert reply.refusal is None, reply
        await await_until(lambda: browser.heard_dbfs(CUSTOMER_HZ) < -60, what="a free operator")
        await await_until(lambda: call.customer.heard_dbfs(QUESTION_HZ) > -30, what="the question")
        assert call.customer.heard_dbfs(OPERATOR_HZ) < -40
        for step, ended in ((1, 0), (2, 0), (5, 0x80), (5, 0x80), (5, 0x80)):
            key = EVENT.pack(EVENT_DIGITS.index("4"), ended | 10, 160 * step)
            call.customer.timestamp -= len(key)  # all packets of one key share their instant
            call.customer.send(key, payload_type=TELEPHONE_EVENT)
        told = await world.desk.event(CustomerAnswered)
        assert told == CustomerAnswered("c1", question, "4", "answered", 1)
        await await_until(lambda: call.customer.heard_dbfs(THANKS_HZ) > -30, what="the thanks")
        ended_event = await world.desk.event(CallEnded)
        assert (ended_event.by, ended_event.cause) == (EndedBy.DESK, "asked")
        await await_until(lambda: call.ended == "bye")
        await answer_by_tones(world, ask)
    finally:
        await world.close()


async def answer_by_tones(world: World, ask: AskCustomer) -> None:
    """The same seat's next customer, whose line has no telephone events: a wrong key, a right one,
    and a hanging up while being thanked."""
    call = await world.talk("c2")
    ask = AskCustomer("c2", ask.question, ask.thanks, ask.keys, ask.wait_s)
    reply = await world.desk.send(ask)
    assert reply.refusal is None, reply
    await await_until(lambda: call.customer.heard_dbfs(QUESTION_HZ) > -30, what="the question")
    call.customer.fall_silent()
    for key in "92":
        for frame in (*key_frames(key, 160, "PCMU"), *[b"\xff" * 160] * 12):
            call.customer.send(frame)
        heard = await world.desk.event(DigitHeard, call_id="c2", digit=key)
        assert heard.in_band
    told = await world.desk.event(CustomerAnswered, call_id="c2")
    assert (told.key, told.outcome, told.tries) == ("2", "answered", 2)
    call.hang_up()
    ended = await world.desk.event(CallEnded, call_id="c2")
    assert ended.by is EndedBy.CUSTOMER and not ended.abandoned
