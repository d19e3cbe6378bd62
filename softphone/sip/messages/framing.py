"""Messages out of a stream (RFC 3261 §18.3): cut by Content-Length, keep-alives between them told.

No sockets. What cannot be framed has no end either, so a `FramingError` means that the rest of the
stream is lost and its connection must be closed; it never concerns another connection.
"""

from __future__ import annotations

import re

MOST_HEAD = 32 * 1024  # octets of start line and headers
MOST_BODY = 64 * 1024
PING = b"\r\n\r\n"  # RFC 5626 §3.5.1: asks for a pong
PONG = b"\r\n"

_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,10})[ \t]*\r?$", re.I | re.M)
_START = re.compile(rb"^(SIP/2\.0 [1-6][0-9][0-9]( |\r|$)|[A-Za-z0-9\-.!%*_+`'~]{1,32} \S)")
_LINE_ENDS = re.compile(rb"(?:\r\n)+")
_STARTS_WITHIN = 40  # octets after which a start line must look like one


class FramingError(ValueError):
    """The stream cannot be cut into messages any more."""


class Framer:
    """Feed it what arrives; `pings` and `pongs` count keep-alives since they were last taken."""

    def __init__(self) -> None:
        self._buffer = b""
        self._needed = 0  # octets of the message at the beginning of the buffer; 0: not known yet
        self.pings = self.pongs = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete now. Raises FramingError."""
        self._buffer += data
        messages: list[bytes] = []
        while True:
            self._skip_keep_alives()
            message = self._cut()
            if message is None:
                return messages
            messages.append(message)

    def take_pings(self) -> int:
        """How many pongs are owed."""
        pings, self.pings = self.pings, 0
        return pings

    def _skip_keep_alives(self) -> None:
        if self._needed:
            return
        ends = _LINE_ENDS.match(self._buffer)
        if ends is not None:
            pings, left = divmod(ends.end(), len(PING))
            self.pings += pings
            self.pongs += left // len(PONG)
            self._buffer = self._buffer[ends.end() :]

    def _cut(self) -> bytes | None:
        if not self._needed:
            self._needed = self._measure()
        if not self._needed or len(self._buffer) < self._needed:
            return None
        message, self._buffer = self._buffer[: self._needed], self._buffer[self._needed :]
        self._needed = 0
        return message

    def _measure(self) -> int:
        """Octets of the first message, or 0 while its head is not complete."""
        if len(self._buffer) >= _STARTS_WITHIN and not _START.match(self._buffer):
            raise FramingError("not the beginning of a SIP message")
        end = self._buffer.find(PING, 0, MOST_HEAD)
        if end < 0:
            if len(self._buffer) >= MOST_HEAD:
                raise FramingError("headers without an end")
            return 0
        lengths = set(map(int, _LENGTH.findall(self._buffer[: end + 2])))
        if len(lengths) != 1:
            raise FramingError("no Content-Length, or several")
        length = lengths.pop()
        if length > MOST_BODY:
            raise FramingError("a body too long to be one")
        return end + len(PING) + length
