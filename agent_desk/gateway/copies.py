"""Hands gateways the recordings people uploaded and approved, part by part.

Only what is approved at that moment is given out: a hash is no key to what somebody brought and
nobody has heard. A recording approved from the command line was never uploaded, and is refused by
that name: its file has to be copied to the gateway.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent_desk.dialer import approved_recordings
from agent_desk.dialer.floor import Floor
from agent_desk.gateway.connection import Connection
from softphone import protocol as wire
from softphone.wire.copies import PART

if TYPE_CHECKING:
    from agent_desk.services.running.group_commit import GroupCommit

Find = Callable[[str], bytes | None]  # a file by its SHA-256


def order(connection: Connection, floor: Floor) -> wire.HoldMessages | None:
    """What to tell a gateway of what it must hold; None when it knows, or is not in step."""
    wanted = approved_recordings.wanted(floor)
    if not connection.in_step or connection.told_to_hold == wanted:
        return None
    connection.told_to_hold = wanted
    return wire.HoldMessages(wanted)


class MessageCopies:
    """The file asked for last is kept: its parts follow each other."""

    def __init__(self, commits: GroupCommit, find: Find) -> None:
        self._commits = commits
        self._find = find
        self._last: tuple[str, bytes] = ("", b"")

    def part(self, data: object) -> dict[str, Any]:
        """A `MessagePart` or a `Refusal`; raises `ProtocolError`."""
        wanted = wire.decode(wire.FetchMessage, data)
        if wanted.recording not in approved_recordings.wanted(self._commits.floor):
            return wire.encode(wire.Refusal("not_approved", "this recording is not approved"))
        octets = self._octets(wanted.recording)
        if not octets:
            return wire.encode(wire.Refusal("not_uploaded", "the desk has no such file"))
        part = octets[wanted.offset : wanted.offset + PART] if wanted.offset >= 0 else b""
        text = base64.b64encode(part).decode()
        return wire.encode(wire.MessagePart(wanted.recording, len(octets), wanted.offset, text))

    def _octets(self, recording: str) -> bytes:
        name, octets = self._last
        if name != recording:
            octets = self._find(recording) or b""
            self._last = (recording, octets) if octets else ("", b"")
        return octets
