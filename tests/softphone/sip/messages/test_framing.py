"""Messages come out of a stream whole, however it was cut, and garbage is told as such."""

from __future__ import annotations

import pytest

from softphone.sip.messages.framing import MOST_BODY, MOST_HEAD, Framer, FramingError
from tests.softphone.sip.torture import PLAIN


def framed(body: bytes = b"", *, name: bytes = b"Content-Length") -> bytes:
    head = PLAIN.partition(b"\r\n\r\n")[0]
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-len")]
    return b"\r\n".join([*lines, name + b": %d" % len(body)]) + b"\r\n\r\n" + body


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 5000])
def test_messages_are_found_whatever_the_pieces(size: int) -> None:
    messages = [framed(b"v=0\r\n\r\n"), framed(), framed(b"x" * 1000, name=b"l")]
    stream, framer = b"".join(messages), Framer()
    found = [
        message
        for start in range(0, len(stream), size)
        for message in framer.feed(stream[start : start + size])
    ]
    assert found == messages


def test_keep_alives_between_messages_are_counted_and_never_part_of_one() -> None:
    framer = Framer()
    found = framer.feed(b"\r\n\r\n" + framed() + b"\r\n" + framed() + b"\r\n\r\n")
    assert found == [framed(), framed()]
    assert (framer.take_pings(), framer.pongs) == (2, 1)
    assert framer.take_pings() == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00" * 20,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"A" * MOST_HEAD,
        b"INVITE sip:a SIP/2.0\r\n" + b"X: y\r\n" * MOST_HEAD,
        framed().replace(b"Content-Length: 0", b"Content-Length: %d" % (MOST_BODY + 1)),
        framed().replace(b"Content-Length: 0", b"Content-Length: 0\r\nContent-Length: 9"),
        framed().replace(b"Content-Length: 0\r\n", b""),
        framed().replace(b"Content-Length: 0", b"Content-Length: -4"),
    ],
)
def test_what_has_no_end_is_garbage(garbage: bytes) -> None:
    with pytest.raises(FramingError):
        Framer().feed(garbage)
