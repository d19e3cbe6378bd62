"""The RTP leg on real sockets of the loopback interface."""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from softphone.audio.ticker import Ticker
from softphone.rtp.packet import build
from softphone.rtp.ports import PortPool, PortsUsedUp
from softphone.rtp.session import RECEIVE_BUFFER, RtpSession
from tests.softphone.rtp.test_ports import free_range
from tests.softphone.trunk_party import TrunkParty
from tests.waiting import await_until

VOICE = bytes(range(160))
SOURCE = object()


@pytest_asyncio.fixture
async def session() -> AsyncIterator[RtpSession]:
    session = await RtpSession.open(PortPool(), "127.0.0.1", rng=random.Random(1))
    yield session
    await session.close()


@pytest_asyncio.fixture
async def party(session: RtpSession) -> AsyncIterator[TrunkParty]:
    party = await TrunkParty.open(Ticker())
    party.remote = session.address
    yield party
    party.close()


@pytest.fixture
def heard(session: RtpSession) -> list[bytes]:
    payloads: list[bytes] = []
    session.sink = lambda payload, timestamp: payloads.append(payload)
    return payloads


async def test_payloads_pass_both_ways(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.connect(party.address, "PCMU")
    session.send(VOICE, source=SOURCE)
    party.send(VOICE)
    await await_until(lambda: heard and party.count)
    assert heard == [VOICE]
    assert party.packets[0].payload == VOICE
    assert session.last_packet_at > 0
    assert session.received.received == session.packets_sent == 1


async def test_nothing_is_sent_or_heard_before_the_answer(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.send(VOICE, source=SOURCE)
    party.send(VOICE)
    await await_until(lambda: session.refused == 1)
    assert (heard, party.count) == ([], 0)


async def test_the_receive_buffer_holds_only_some_packets(session: RtpSession) -> None:
    bound = session._transport.get_extra_info("socket")  # type: ignore[union-attr]
    size = bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    assert size <= 2 * RECEIVE_BUFFER  # Linux doubles what was asked for


async def test_after_a_stall_the_oldest_packets_are_few(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.connect(party.address, "PCMU")
    for number in range(100):  # two seconds of speech arrive while the loop is held up here
        party.send(bytes([number]) * 160)
    party_done = bytes([99]) * 160
    await await_until(lambda: len(heard) > 0)
    assert len(heard) < 25
    assert party_done not in heard  # what did not fit is gone, not late


async def test_a_stranger_is_not_heard(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.connect(party.address, "PCMU")
    party.send(VOICE)
    await await_until(lambda: heard)
    stranger = await TrunkParty.open(Ticker())
    stranger.remote = session.address
    stranger.send(b"\0" * 160)
    await await_until(lambda: session.refused == 1)
    assert heard == [VOICE]
    stranger.close()


async def test_another_port_of_the_announced_host_gives_way_to_the_announced_one(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.connect(party.address, "PCMU")
    other = await TrunkParty.open(Ticker())
    other.remote = session.address
    other.send(b"\1" * 160)
    await await_until(lambda: len(heard) == 1)
    party.send(VOICE)
    await await_until(lambda: len(heard) == 2)
    other.send(b"\1" * 160)
    await await_until(lambda: session.refused == 1)
    assert heard == [b"\1" * 160, VOICE]
    other.close()


async def test_an_empty_datagram_and_garbage_change_nothing(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.connect(party.address, "PCMU")
    for datagram in (b"", b"\x80", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 200):
        party._transport.sendto(datagram, session.address)
    party.send(VOICE)
    await await_until(lambda: heard)
    assert heard == [VOICE]


async def test_a_packet_longer_than_any_leg_can_pass_on_is_refused(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.connect(party.address, "PCMU")
    party.send(bytes(2000))
    party.send(VOICE)
    await await_until(lambda: heard)
    assert (heard, session.refused) == ([VOICE], 1)


async def test_a_flood_is_cut_off(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.connect(party.address, "PCMU")
    datagram = build(VOICE, payload_type=0, sequence=1, timestamp=1, ssrc=1)
    for _ in range(1000):
        session.datagram_received(datagram, party.address)
    assert 250 <= len(heard) <= 500  # the second may turn in between


async def test_the_stream_keeps_to_wall_time_over_a_hold(
    session: RtpSession, party: TrunkParty
) -> None:
    instants = [100.0]
    session._now = lambda: instants[-1]  # type: ignore[method-assign]
    session.connect(party.address, "PCMU")
    session.send(VOICE, source=SOURCE, timestamp=0)
    session.hold(True)
    for instant, timestamp in ((100.02, 160), (104.0, 32_000)):
        instants.append(instant)
        session.send(VOICE, source=SOURCE, timestamp=timestamp)
    session.hold(False)
    instants.append(104.02)
    session.send(VOICE, source=SOURCE, timestamp=32_160)
    await await_until(lambda: party.count == 2)
    first, second = party.packets
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == 32_160
    assert second.sequence == (first.sequence + 1) & 0xFFFF


async def test_a_key_is_reported_once(session: RtpSession, party: TrunkParty) -> None:
    keys: list[tuple[str, int]] = []
    session.on_digit = lambda digit, ms, in_band: keys.append((digit, ms))
    session.connect(party.address, "PCMU", dtmf_payload_type=101)
    for timestamp, code in ((1000, 7), (3000, 7), (5000, 11)):
        for ended, duration in ((0, 160), (0x80, 800), (0x80, 800), (0x80, 800)):
            event = struct.pack("!BBH", code, ended | 10, duration)
            datagram = build(event, payload_type=101, sequence=1, timestamp=timestamp, ssrc=1)
            session.datagram_received(datagram, party.address)
    assert keys == [("7", 100), ("7", 100), ("#", 100)]


async def test_a_re_invite_moves_the_other_end_and_the_law(
    session: RtpSession, party: TrunkParty, heard: list[bytes]
) -> None:
    session.connect(("127.0.0.1", 9), "PCMU")
    session.connect(party.address, "PCMA")
    session.send(VOICE, source=SOURCE)
    party.codec = "PCMA"
    party.send(VOICE)
    await await_until(lambda: heard and party.count)
    assert party.packets[0].payload_type == 8


async def test_a_closed_session_is_quiet_and_its_port_rests() -> None:
    first, last = free_range(1)
    pool = PortPool(first, last)
    session = await RtpSession.open(pool, "127.0.0.1")
    assert session.address == ("127.0.0.1", first)
    session.connect(("127.0.0.1", 9), "PCMU")

    await session.close()
    await session.close()
    session.send(VOICE, source=SOURCE)

    with pytest.raises(PortsUsedUp):
        await RtpSession.open(pool, "127.0.0.1")
