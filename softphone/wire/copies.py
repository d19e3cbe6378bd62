"""How recordings people uploaded at the desk come to the gateways that play them.

The desk says which it wants held, by the SHA-256 (hex) of their files: all that are approved, and
no others. The gateway asks for what it lacks, part by part, with `message_part` over the same
connection; what it holds and what it could not take it tells in `MessagesHeld`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_MESSAGE = 2 * 1024 * 1024  # octets of a whole file
PART = 64 * 1024  # octets of one part; the wire carries them as base64
MOST_MESSAGES = 1_000


@dataclass(frozen=True)
class HoldMessages:
    """All recordings that may be played from now on; copies of others are thrown away."""

    recordings: tuple[str, ...]


@dataclass(frozen=True)
class FetchMessage:
    """The gateway asks for the part that begins at this octet."""

    recording: str
    offset: int


@dataclass(frozen=True)
class MessagePart:
    """The answer, or a `Refusal`: some octets (base64) of a file of `size_bytes`."""

    recording: str
    size_bytes: int
    offset: int
    octets: str


def is_recording(name: str) -> bool:
    """Whether this is a hash; names become file names."""
    return re.fullmatch(r"[0-9a-f]{64}", name) is not None
