"""One datagram takes no time to speak of, whatever is in it, and raises what its reader says.

What would take seconds, or minutes, ends in the time limit of the test.
"""

from __future__ import annotations

import asyncio

import pytest

from softphone.sip.messages.framing import Framer
from softphone.sip.messages.headers import SipParseError
from softphone.sip.messages.info import read_digit
from softphone.sip.messages.message import Message, parse
from softphone.sip.messages.sdp import SdpError, answer_audio, read_audio
from softphone.webrtc.offer import BadOffer, choose_codec, parse_offer
from softphone.webrtc.offering_peer import OfferingPeer
from tests.hostile import bombs, messages

pytestmark = pytest.mark.timeout(60)  # a bomb that works takes hours


def read_all(message: Message) -> None:
    """Everything a layer above asks of a message."""
    for name in message.headers:
        message.values(name)
    assert message.contact_uri is not None and message.sdp is not None
    assert message.record_routes is not None
    assert message.q850 is None or message.q850 < 1000
    assert bytes(message)


@pytest.mark.parametrize("name", bombs.HEADERS)
def test_headers_are_read_in_no_time(name: str) -> None:
    try:
        message = parse(bombs.HEADERS[name])
    except SipParseError:
        return
    read_all(message)


@pytest.mark.parametrize("name", bombs.DESCRIPTIONS)
def test_descriptions_are_read_in_no_time(name: str) -> None:
    text = bombs.DESCRIPTIONS[name]
    try:
        audio = read_audio(text)
    except SdpError:
        return
    assert audio.payload_type < 128
    answer = answer_audio(text, host="127.0.0.1", port=4000, session_id=1)
    assert read_audio(answer).port == 4000


@pytest.mark.parametrize("name", bombs.KEYS)
def test_keys_are_read_in_no_time(name: str) -> None:
    info = Message("INFO", "sip:a@b")
    info.set("content-type", "application/dtmf-relay")
    info.body = bombs.KEYS[name]
    digit = read_digit(info)
    assert digit is None or digit.key == "1"


def test_keep_alives_without_end_are_taken_in_no_time() -> None:
    framer = Framer()
    assert framer.feed(b"\r\n" * (1 << 20)) == []
    assert framer.take_pings() == 1 << 19


def test_a_head_that_comes_octet_by_octet_is_taken_in_no_time() -> None:
    framer = Framer()
    for octet in b"OPTIONS sip:a@b SIP/2.0\r\nX: " + b"y" * 30_000:
        assert framer.feed(bytes((octet,))) == []


async def test_offers_of_browsers_are_answered_or_refused_in_no_time() -> None:
    peer = OfferingPeer()
    offer = await peer.offer()
    refused = set()
    for name, text in bombs.offers(offer).items():
        try:
            choose_codec(parse_offer(text), ("PCMU",))
        except BadOffer:
            refused.add(name)
    assert {"more than 64 KiB", "control characters", "half a surrogate"} < refused
    assert "a thousand candidates" not in refused
    await peer.close()
    await asyncio.sleep(0)  # its socket closes on the next turn


def test_the_points_of_the_torture_messages_are_covered_by_our_own() -> None:
    assert len(messages.everything()) - len(messages.torture()) >= 100
