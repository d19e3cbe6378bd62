"""Sealed recordings of made-up sound."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from softphone.audio.g711 import Codec, encode
from softphone.protocol import RecordingEnded
from softphone.recording_file import SAMPLE_RATE, Closing, Header, Sealer

STARTED = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
HALF_SECOND = SAMPLE_RATE // 2


def tone(hertz: float, seconds: float, codec: Codec = "PCMU") -> bytes:
    """A steady tone as G.711."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return encode((9000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16), codec)


def write_recording(
    directory: Path,
    key: bytes,
    call_id: str,
    *,
    sent: bytes,
    heard: bytes,
    codec: Codec = "PCMU",
    started_at: datetime = STARTED,
    closed: bool = True,
) -> RecordingEnded:
    """A file as a gateway leaves it, and what the gateway reports of it."""
    header = Header(
        kind="g711",
        call_id=call_id,
        codec=codec,
        started_at=started_at,
        chunk_octets=2 * HALF_SECOND,
        salt=hashlib.sha256(call_id.encode()).digest()[:16],
    )
    sealer = Sealer(key, header)
    starts = range(0, len(sent), HALF_SECOND)
    chunks = [sent[n : n + HALF_SECOND] + heard[n : n + HALF_SECOND] for n in starts]
    data = sealer.head + b"".join(sealer.chunk(n, chunk) for n, chunk in enumerate(chunks))
    if closed:
        data += sealer.close(Closing(len(chunks), 2 * len(sent), 0))
    path = f"2026/04/01/{call_id}.rec"
    target = directory / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return RecordingEnded(
        call_id=call_id,
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        duration_ms=len(sent) * 1000 // SAMPLE_RATE,
        started_at=started_at,
        paused_ms=0,
        truncated=not closed,
    )
