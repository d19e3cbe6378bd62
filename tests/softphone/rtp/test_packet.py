"""Reading and writing RTP octets."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.rtp.packet import DigitEvent, build, parse, parse_digit


def test_a_built_packet_reads_back() -> None:
    datagram = build(b"voice", payload_type=8, sequence=65535, timestamp=7, ssrc=9, marker=True)
    packet = parse(datagram)
    assert packet == (8, 65535, 7, 9, b"voice")
    assert datagram[1] & 0x80


def test_csrc_extension_and_padding_are_stripped() -> None:
    header = struct.pack("!BBHLL", 0x80 | 0x20 | 0x10 | 2, 0, 1, 2, 3)
    datagram = header + bytes(8) + struct.pack("!HH", 0xBEDE, 1) + bytes(4) + b"voice" + b"\0\0\3"
    packet = parse(datagram)
    assert packet is not None
    assert packet.payload == b"voice"


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x80",
        b"\x80" * 11,
        b"\x00" * 20,  # version 0
        struct.pack("!BBHLL", 0x8F, 0, 1, 2, 3),  # 15 contributing sources that are not there
        struct.pack("!BBHLL", 0x90, 0, 1, 2, 3),  # an extension that is not there
        struct.pack("!BBHLL", 0x90, 0, 1, 2, 3) + struct.pack("!HH", 1, 9),
        struct.pack("!BBHLL", 0xA0, 0, 1, 2, 3) + b"ab\xff",  # more padding than packet
    ],
)
def test_a_broken_packet_is_none(datagram: bytes) -> None:
    assert parse(datagram) is None


@given(st.binary(max_size=64))
def test_no_datagram_raises(datagram: bytes) -> None:
    parse(datagram)
    parse_digit(datagram)


def test_a_digit_is_read_with_its_duration() -> None:
    assert parse_digit(struct.pack("!BBH", 11, 0x8A, 800)) == DigitEvent("#", True, 100)
    assert parse_digit(struct.pack("!BBH", 5, 0x0A, 160)) == DigitEvent("5", False, 20)


def test_an_event_that_is_no_key_is_none() -> None:
    assert parse_digit(struct.pack("!BBH", 32, 0x80, 160)) is None  # a fax tone
    assert parse_digit(b"\x01") is None
