"""Fetches from the desk the recordings it wants held, one after the other, part by part.

It runs for as long as one connection. What was half there when the connection ended is begun
again on the next one: files are small. What was refused is asked for again after a while, for
disks are emptied and files are brought.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import logging
from collections.abc import Awaitable, Callable

from softphone.audio.shelf import Shelf
from softphone.protocol import (
    FetchMessage,
    MessagePart,
    ProtocolError,
    Refusal,
    decode,
    encode,
)
from softphone.wire.copies import LARGEST_MESSAGE

log = logging.getLogger(__name__)

AGAIN_S = 30.0
EVENT = "message_part"

Ask = Callable[[str, object], Awaitable[object]]  # event and data; the desk's answer


async def fetch_messages(shelf: Shelf, ask: Ask, *, again_s: float = AGAIN_S) -> None:
    """Until cancelled. Raises what `ask` raises."""
    while True:
        shelf.news.clear()
        for recording in shelf.missing:
            await _fetch(shelf, ask, recording)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(shelf.news.wait(), again_s)


async def _fetch(shelf: Shelf, ask: Ask, recording: str) -> None:
    octets, size = b"", 1
    while len(octets) < size:
        if recording not in shelf.missing:
            return  # withdrawn meanwhile
        answer = await ask(EVENT, encode(FetchMessage(recording, len(octets))))
        part = _read(answer, recording, len(octets))
        if isinstance(part, Refusal):
            log.warning("a recording is not held", extra={"reason": part.error_id})
            shelf.refuse(recording, part)
            return
        size = part[0]
        octets += part[1]
    await shelf.keep(recording, octets)


def _read(answer: object, recording: str, offset: int) -> tuple[int, bytes] | Refusal:
    """Size of the file and the octets that follow; the desk's refusal, or ours of its answer."""
    try:
        if isinstance(answer, dict) and answer.get("type") == Refusal.__name__:
            return decode(Refusal, answer)
        part = decode(MessagePart, answer)
    except ProtocolError as fault:
        return Refusal("bad_part", str(fault))
    if part.size_bytes > LARGEST_MESSAGE:
        return Refusal("too_large", f"more than {LARGEST_MESSAGE} octets")
    try:
        octets = base64.b64decode(part.octets, validate=True)
    except binascii.Error:
        octets = b""
    fits = 0 < len(octets) <= part.size_bytes - offset
    if not fits or (part.recording, part.offset) != (recording, offset):
        return Refusal("bad_part", "not the part that was asked for")
    return part.size_bytes, octets
