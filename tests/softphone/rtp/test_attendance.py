"""What a joined call has beside its voice, on real sockets: reports, keys both ways, noise."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from softphone.audio.dtmf import DIGITS
from softphone.audio.g711 import encode
from softphone.audio.tones import FLOOR_DBFS
from softphone.audio.wav import to_pcm16
from softphone.rtp import reporting
from softphone.rtp.packet import build
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from tests.waiting import await_until

EVENTS = 101
VOICE = bytes(range(160))


@pytest.fixture(autouse=True)
def _prompt_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "report_interval_s", lambda rng: 0.02)


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[tuple[RtpSession, RtpSession]]:
    ours = await RtpSession.open(PortPool(), "127.0.0.1", rng=random.Random(1))
    theirs = await RtpSession.open(PortPool(), "127.0.0.1", rng=random.Random(2))
    yield ours, theirs
    await ours.close()
    await theirs.close()


def join(a: RtpSession, b: RtpSession, *, events: int | None = EVENTS, mux: bool = False) -> None:
    for one, other in ((a, b), (b, a)):
        port = other.address[1]
        one.connect(
            other.address, "PCMU", dtmf_payload_type=events, rtcp_port=port if mux else None
        )
        one.attend()


async def talk(a: RtpSession, b: RtpSession, until: Callable[[], Any]) -> None:
    """Both speak, faster than people, until the time has come."""

    def speak_and_look() -> Any:
        a.send(VOICE, source=a)
        b.send(VOICE, source=b)
        return until()

    await await_until(speak_and_look)


@pytest.mark.parametrize("mux", [False, True])
async def test_reports_pass_and_say_what_the_other_hears(
    pair: tuple[RtpSession, RtpSession], mux: bool
) -> None:
    ours, theirs = pair
    join(ours, theirs, mux=mux)
    await talk(
        ours,
        theirs,
        lambda: ours.heard is not None and ours.heard.round_trip_ms is not None and theirs.heard,
    )
    assert ours.heard is not None
    assert ours.heard.round_trip_ms is not None
    assert ours.heard.round_trip_ms < 10_000
    assert ours.heard.lost_share < 0.5
    assert ours.refused == theirs.refused == 0


async def test_nobody_reports_before_the_call_is_joined(
    pair: tuple[RtpSession, RtpSession],
) -> None:
    ours, theirs = pair
    ours.connect(theirs.address, "PCMU")
    theirs.connect(ours.address, "PCMU")
    heard: list[bytes] = []
    theirs.sink = lambda payload, timestamp: heard.append(payload)
    await talk(ours, theirs, lambda: len(heard) > 20)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", ours.address[1] + 1))  # the port beside is nobody's
    assert ours.heard is None


async def test_reports_of_a_stranger_are_not_believed(
    pair: tuple[RtpSession, RtpSession],
) -> None:
    ours, theirs = pair
    join(ours, theirs)
    reporter = ours._reporter
    assert reporter is not None
    forged = theirs._reporter._exchange.compose()  # type: ignore[union-attr]
    reporter.read(forged, ("127.0.0.2", 5000))
    reporter.read(b"\x80\xc9\0\x09", theirs.address)
    assert (reporter.refused, ours.heard) == (2, None)


async def test_where_the_port_beside_is_taken_the_call_goes_on_without_reports(
    pair: tuple[RtpSession, RtpSession],
) -> None:
    ours, theirs = pair
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as squatter:
        squatter.bind(("127.0.0.1", ours.address[1] + 1))
        join(ours, theirs)
        heard: list[bytes] = []
        theirs.sink = lambda payload, timestamp: heard.append(payload)
        await talk(ours, theirs, lambda: len(heard) > 3)
    assert ours.heard is None


async def test_closing_gives_both_ports_back() -> None:
    ports = PortPool()
    released: list[tuple[int, bool]] = []
    ports.release = lambda port, *, rest=True: released.append((port, rest))  # type: ignore[method-assign]
    session = await RtpSession.open(ports, "127.0.0.1")
    port = session.address[1]
    session.connect(("127.0.0.1", 9), "PCMU")
    session.attend()
    await await_until(lambda: session._reporter and session._reporter._transport)
    await session.close()
    await await_until(lambda: len(released) == 2)
    assert sorted(released) == [(port, True), (port + 1, True)]


async def test_a_port_of_an_attempt_without_media_need_not_rest() -> None:
    ports = PortPool()
    released: list[bool] = []
    ports.release = lambda port, *, rest=True: released.append(rest)  # type: ignore[method-assign]
    session = await RtpSession.open(ports, "127.0.0.1")
    await session.close()
    assert released == [False]


@pytest.mark.parametrize("events", [EVENTS, None])
async def test_sixteen_keys_arrive_as_sixteen(
    pair: tuple[RtpSession, RtpSession], events: int | None
) -> None:
    ours, theirs = pair
    join(ours, theirs, events=events)
    keys: list[tuple[str, int, bool]] = []
    ours.on_digit = lambda digit, ms, in_band: keys.append((digit, ms, in_band))
    theirs.press(DIGITS)
    talking = asyncio.create_task(_speak_in_time(theirs))
    await await_until(lambda: len(keys) >= 16, what="all keys")
    talking.cancel()
    assert "".join(digit for digit, _, _ in keys) == DIGITS
    assert {in_band for _, _, in_band in keys} == {events is None}
    if events is not None:
        assert {ms for _, ms, _ in keys} == {100}


async def test_keys_are_heard_by_the_number_we_offered_whatever_the_answer_named(
    pair: tuple[RtpSession, RtpSession],
) -> None:
    ours, theirs = pair
    join(ours, theirs)
    ours.connect(theirs.address, "PCMU", dtmf_payload_type=96)
    keys: list[str] = []
    ours.on_digit = lambda digit, ms, in_band: keys.append(digit)
    theirs.press("5")
    await await_until(lambda: keys == ["5"], what="the key")


async def _speak_in_time(session: RtpSession) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        session.send(b"\xff" * 160, source=session)
        due += 0.02
        await asyncio.sleep(max(0.0, due - loop.time()))  # pace: a voice in real time


async def test_the_noise_of_the_line_is_measured(pair: tuple[RtpSession, RtpSession]) -> None:
    ours, theirs = pair
    join(ours, theirs)
    assert ours.noise_dbfs == FLOOR_DBFS
    hiss = encode(to_pcm16(np.random.default_rng(1).normal(0, 10 ** (-32 / 20), 160)), "PCMU")
    datagram = build(hiss, payload_type=0, sequence=1, timestamp=1, ssrc=1)
    for _ in range(250):
        ours.datagram_received(datagram, theirs.address)
    assert ours.noise_dbfs == pytest.approx(-32, abs=1.5)


async def test_forged_audio_is_not_heard_and_nothing_goes_to_who_sent_it(
    pair: tuple[RtpSession, RtpSession],
) -> None:
    ours, theirs = pair
    join(ours, theirs)
    heard: list[bytes] = []
    ours.sink = lambda payload, timestamp: heard.append(payload)
    tone = b"\x00" * 160
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.3", 0))
        stranger.setblocking(False)
        for place in range(400):
            ssrc = theirs._outgoing.ssrc if place % 2 else place
            for kind in (0, EVENTS):
                forged = build(tone, payload_type=kind, sequence=place, timestamp=place, ssrc=ssrc)
                stranger.sendto(forged, ours.address)
            stranger.sendto(b"\x80\xc9\x00\x01abcd", ours.address)
            if place % 4 == 0:
                theirs.send(VOICE, source=theirs)
                ours.send(VOICE, source=ours)
                await asyncio.sleep(0)
        await await_until(lambda: heard and ours.refused > 50)
        with pytest.raises(BlockingIOError):
            stranger.recv(100)
    assert set(heard) == {VOICE}
    assert ours.received.lost == 0
