"""A message left on an answering machine, as whoever listens to the tape hears it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from softphone.audio.wav import write_wav
from softphone.protocol import (
    CallEnded,
    CallTreated,
    EndedBy,
    HoldMessages,
    LeaveMessage,
    MessageLeft,
    MessagesHeld,
    Prompt,
)
from tests.softphone.gateway.world import CUSTOMER_HZ, OPERATOR_HZ, World, hear_each_other
from tests.waiting import await_until

pytestmark = pytest.mark.processes

MESSAGE_HZ, UPLOADED_HZ = 1_000, 1_500


async def test_the_called_party_hears_the_recording_and_the_operator_nothing_more(
    tmp_path: Path,
) -> None:
    file = tmp_path / "prompts" / "messages" / "callback.wav"
    file.parent.mkdir(parents=True)
    write_wav(file, 0.4 * np.sin(np.arange(8_000) / 8_000 * 2 * np.pi * MESSAGE_HZ))
    recording = sha256(file.read_bytes()).hexdigest()
    world = World(tmp_path, PROMPT_DIR=str(tmp_path / "prompts"))
    await world.open()
    try:
        assert recording in world.desk.hellos[-1].messages
        browser = await world.browser()
        call = await world.talk()
        await hear_each_other(browser, call)
        reply = await world.desk.send(LeaveMessage("c1", recording))
        assert reply.refusal is None, reply
        await await_until(lambda: browser.heard_dbfs(CUSTOMER_HZ) < -60, what="a free operator")
        assert not world.desk.events(MessageLeft), "the greeting goes on"
        call.customer.hum(None)
        await await_until(lambda: call.customer.heard_dbfs(MESSAGE_HZ) > -30, what="the message")
        assert call.customer.heard_dbfs(OPERATOR_HZ) < -40
        left = await world.desk.event(MessageLeft)
        assert (left.recording, left.played_ms, left.whole) == (recording, 1_000, True)
        ended = await world.desk.event(CallEnded)
        assert (ended.by, ended.cause, ended.abandoned) == (EndedBy.DESK, "message_left", False)
        await await_until(lambda: call.ended == "bye")
        await hear_what_was_fetched(world, tmp_path)
    finally:
        await world.close()


async def hear_what_was_fetched(world: World, tmp_path: Path) -> None:
    """A recording uploaded meanwhile is fetched, and played without a restart to who waits.
    Withdrawn, it is played no more."""
    file = tmp_path / "uploaded.wav"
    write_wav(file, 0.4 * np.sin(np.arange(80_000) / 8_000 * 2 * np.pi * UPLOADED_HZ))
    recording = sha256(file.read_bytes()).hexdigest()
    world.desk.files[recording] = file.read_bytes()
    assert (await world.desk.send(HoldMessages((recording,)))).refusal is None
    await await_until(lambda: recording in held(world), what="the copy")
    call = await world.place("c2", bridge_within_s=0.2, recording=recording)
    await call.answer(hz=None)
    await await_until(lambda: call.customer.heard_dbfs(UPLOADED_HZ) > -30, what="the recording")
    treated = await world.desk.event(CallTreated, call_id="c2")
    assert (treated.prompt, treated.recording) == (Prompt.SAFE_HARBOUR, recording)
    assert (await world.desk.send(HoldMessages(()))).refusal is None
    await await_until(lambda: recording not in held(world), what="a copy thrown away")
    refused = await world.desk.send(LeaveMessage("c2", recording))
    assert refused.refusal is not None
    assert refused.refusal.error_id == "recording_unknown"


def held(world: World) -> tuple[str, ...]:
    """What the gateway told last that it can play."""
    told = world.desk.events(MessagesHeld)
    return told[-1].recordings if told else ()
