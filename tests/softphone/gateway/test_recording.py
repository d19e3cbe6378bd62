"""Recording in the gateway as it runs: real packets, a real kill -9, a disk that is full."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from softphone.audio.g711 import decode
from softphone.protocol import (
    Bridge,
    CallBridged,
    CallEnded,
    CallScreened,
    HangUp,
    Hold,
    PauseRecording,
    RecordingEnded,
    RecordingFailed,
    Supervise,
    SupervisionMode,
)
from softphone.recording_file import Reader
from tests.fakes.carrier import CarrierCall
from tests.softphone.gateway.world import (
    CUSTOMER_HZ,
    OPERATOR_HZ,
    World,
    hear_each_other,
)
from tests.waiting import await_until

pytestmark = pytest.mark.processes

RATE = 8000
LEAD_HZ = 1900


class RecordingWorld(World):
    """A gateway whose calls are recorded."""

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.data_dir = tmp_path
        self.directory = tmp_path / "recordings"

    @property
    def key(self) -> bytes:
        keys = json.loads((self.data_dir / "keys.json").read_text("utf-8"))
        return base64.b64decode(keys["RECORDING_KEY"])

    async def recorded(self, call_id: str = "c1") -> CarrierCall:
        """A bridged call with both parties humming, being recorded."""
        call = await self.place(call_id, record=True)
        await call.answer(hz=CUSTOMER_HZ)
        await self.desk.event(CallScreened, call_id=call_id, offered=True)
        await self.desk.send(Bridge(call_id, "s1", False))
        await self.desk.event(CallBridged, call_id=call_id)
        return call

    def part(self) -> Path | None:
        return next(iter(self.directory.rglob("*.part")), None)

    async def written(self, seconds: float) -> None:
        """Until so much of the present call is on the disk."""
        size = round(seconds * RATE * 2)
        await await_until(
            lambda: (part := self.part()) is not None and part.stat().st_size >= size,
            within_s=seconds + 10,
        )

    def sides(self, ended: RecordingEnded) -> list[np.ndarray]:
        """Linear samples: what was sent, what was heard."""
        data = (self.directory / ended.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == ended.sha256
        assert len(data) == ended.size_bytes
        reader = Reader(lambda at, length: data[at : at + length], (self.key,))
        contents = reader.verify(len(data))
        assert contents.truncated == ended.truncated
        chunks = [reader.chunk(number) for number in range(contents.chunks)]
        halves = [
            b"".join(chunk[: len(chunk) // 2] for chunk in chunks),
            b"".join(chunk[len(chunk) // 2 :] for chunk in chunks),
        ]
        assert len(halves[0]) == len(halves[1])
        assert len(halves[0]) // 8 == ended.duration_ms
        return [decode(half, "PCMU") for half in halves]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[RecordingWorld]:
    world = RecordingWorld(tmp_path)
    await world.open()
    yield world
    await world.close()


def loud(samples: np.ndarray, hertz: float) -> np.ndarray:
    """For each tenth of a second whether it holds this tone, well above everything else."""
    frames = samples[: len(samples) // 800 * 800].reshape(-1, 800).astype(float)
    turns = np.exp(-2j * np.pi * hertz * np.arange(800) / RATE)
    strength = np.abs(frames @ turns) / 400
    return strength > 500


def longest_gap(tone: np.ndarray) -> tuple[int, int]:
    """First and last tenth of a second of the longest time without the tone, between two of it."""
    ons = tone.nonzero()[0]
    widest = int(np.argmax(np.diff(ons)))
    return int(ons[widest]) + 1, int(ons[widest + 1])


def share(samples: np.ndarray, hertz: float) -> float:
    return float(loud(samples, hertz).mean())


async def test_each_side_is_on_its_own_channel_and_a_whisper_on_neither(
    world: RecordingWorld,
) -> None:
    browser, lead = await world.browser(), await world.browser("s9")
    lead.hum(LEAD_HZ)
    call = await world.recorded()
    await hear_each_other(browser, call)
    await world.desk.send(Supervise("c1", "s9", SupervisionMode.WHISPER))
    await await_until(lambda: browser.heard_dbfs(LEAD_HZ) > -18, what="the whisper")
    await world.written(2.0)
    await world.desk.send(Supervise("c1", "s9", SupervisionMode.BARGE))
    await await_until(lambda: call.customer.heard_dbfs(LEAD_HZ) > -18, what="the lead")
    await world.written(2.5)
    await world.desk.send(HangUp("c1", "operator"))
    ended = await world.desk.event(RecordingEnded, call_id="c1")
    assert await world.desk.event(CallEnded, call_id="c1")
    assert not ended.truncated
    sent, heard = world.sides(ended)
    assert share(sent, OPERATOR_HZ) > 0.8
    assert share(heard, CUSTOMER_HZ) > 0.8
    assert share(sent, CUSTOMER_HZ) == share(heard, OPERATOR_HZ) == 0
    assert not loud(sent, LEAD_HZ)[:20].any(), "while it was whispered"
    assert loud(sent, LEAD_HZ)[20:].any(), "when all heard it"
    assert share(heard, LEAD_HZ) == 0
    assert world.part() is None


async def test_a_hold_and_a_pause_keep_both_sides_aligned(world: RecordingWorld) -> None:
    """The operator stops for the hold, both stop for the pause: at the same instants."""
    await world.browser()
    await world.recorded()
    await world.written(1.0)
    clock = asyncio.get_running_loop().time
    began = clock()
    await world.desk.send(Hold("c1", True))
    await asyncio.sleep(2.0)  # pace: a hold of two seconds
    await world.desk.send(Hold("c1", False))
    hold_tenths = (clock() - began) * 10
    await asyncio.sleep(1.0)  # pace: a second of talk
    began = clock()
    reply = await world.desk.send(PauseRecording("c1", True))
    assert reply.refusal is None
    await asyncio.sleep(1.0)  # pace: a second that is not kept
    await world.desk.send(PauseRecording("c1", False))
    pause_tenths = (clock() - began) * 10
    await asyncio.sleep(1.0)  # pace: a second of talk
    await world.desk.send(HangUp("c1", "operator"))
    ended = await world.desk.event(RecordingEnded, call_id="c1")
    sent, heard = world.sides(ended)
    operator, customer = loud(sent, OPERATOR_HZ), loud(heard, CUSTOMER_HZ)
    held = longest_gap(operator)
    assert 18 <= held[1] - held[0] <= hold_tenths + 3
    assert customer[held[0] : held[1]].all(), "the customer was recorded through the hold"
    operator[held[0] : held[1]] = True
    paused = [longest_gap(side) for side in (operator, customer)]
    assert abs(paused[0][0] - paused[1][0]) <= 2, "the pause begins on both sides at once"
    assert abs(paused[0][1] - paused[1][1]) <= 2, "and ends on both sides at once"
    tenths = ended.paused_ms / 100
    assert 8 <= tenths <= pause_tenths + 1
    assert abs(paused[1][1] - paused[1][0] - tenths) <= 3


async def test_after_kill_9_the_next_process_tells_what_there_is_once(
    world: RecordingWorld,
) -> None:
    """A62, F42: playable to the last two seconds, and the record says that it is cut short."""
    browser = await world.browser()
    call = await world.recorded()
    await hear_each_other(browser, call)
    began = asyncio.get_running_loop().time()
    await world.written(3.0)
    lasted_ms = (asyncio.get_running_loop().time() - began) * 1000
    world.gateway.kill()
    world.gateway.start()
    ended = await world.desk.event(RecordingEnded, call_id="c1")
    assert ended.truncated
    assert ended.duration_ms >= lasted_ms - 2000
    sent, heard = world.sides(ended)
    assert share(sent, OPERATOR_HZ) > 0.7
    assert share(heard, CUSTOMER_HZ) > 0.7
    notes = world.data_dir / "gateway" / "recordings"
    await await_until(lambda: not list(notes.glob("*.note")), what="the note to be dropped")
    world.gateway.kill()
    world.gateway.start()
    await world.desk.linked()
    assert len(world.desk.events(RecordingEnded)) == 1


async def test_a_full_disk_ends_the_recording_and_not_the_call(world: RecordingWorld) -> None:
    """F25: the kernel takes no more octets of this file; both go on hearing each other."""
    browser = await world.browser()
    call = await world.recorded()
    await world.written(1.0)
    part = world.part()
    assert part is not None
    full = part.stat().st_size + 3000
    resource.prlimit(world.gateway.pid, resource.RLIMIT_FSIZE, (full, full))
    failed = await world.desk.event(RecordingFailed, call_id="c1")
    assert failed.reason.error_id == "disk_full"
    ended = await world.desk.event(RecordingEnded, call_id="c1")
    assert ended.truncated
    assert len(world.sides(ended)[0]) >= RATE
    await hear_each_other(browser, call)
    assert world.desk.events(CallEnded) == []


async def test_a_call_the_desk_does_not_want_recorded_leaves_nothing(
    world: RecordingWorld,
) -> None:
    await world.browser()
    await world.talk()
    await world.desk.send(HangUp("c1", "operator"))
    await world.desk.event(CallEnded, call_id="c1")
    assert not list(world.directory.rglob("*.rec*"))
