"""G.711 μ-law and A-law by table: one octet is one sample, and a codec change is one translate.

The gateway never transcodes a two-party call whose legs speak the same law. When they differ,
`translate` maps each of the 256 code words to the nearest one of the other law (ITU-T G.711),
which costs a third of a microsecond per packet. Decoding to linear samples is needed only by
measurement (levels, tones, screening) and by generated audio.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Codec = Literal["PCMU", "PCMA"]

SAMPLE_RATE = 8000
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000

# RFC 3551 table 4: the static payload types.
PAYLOAD_TYPES: dict[Codec, int] = {"PCMU": 0, "PCMA": 8}
# The code word of a zero sample.
SILENCE_OCTET: dict[Codec, bytes] = {"PCMU": b"\xff", "PCMA": b"\xd5"}


def _mu_law_values() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return np.where(code & 0x80, 0x84 - magnitude, magnitude - 0x84).astype(np.int16)


def _a_law_values() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    mantissa = (code & 0x0F) << 4
    segment = (code & 0x70) >> 4
    magnitude = np.where(
        segment == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(segment - 1, 0)
    )
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _nearest_codes(values: NDArray[np.int16]) -> NDArray[np.uint8]:
    """The nearest code word of every 16-bit sample, indexed by the sample as an unsigned word."""
    order = np.argsort(values, kind="stable")
    ladder = values[order].astype(np.int32)
    samples = np.arange(-32768, 32768, dtype=np.int32)
    above = np.clip(np.searchsorted(ladder, samples), 1, 255)
    below = above - 1
    nearer_above = np.abs(ladder[above] - samples) < np.abs(samples - ladder[below])
    codes = np.empty(65536, np.uint8)
    codes[samples & 0xFFFF] = order[np.where(nearer_above, above, below)]
    return codes


_VALUES: dict[Codec, NDArray[np.int16]] = {"PCMU": _mu_law_values(), "PCMA": _a_law_values()}
_CODES: dict[Codec, NDArray[np.uint8]] = {law: _nearest_codes(_VALUES[law]) for law in _VALUES}
# A zero sample must become the silence octet in both directions, whichever zero sorts first.
for _law, _octet in SILENCE_OCTET.items():
    _CODES[_law][0] = _octet[0]


def _table(source: Codec, target: Codec) -> bytes:
    codes = bytearray(_CODES[target][_VALUES[source].view(np.uint16)])
    codes[SILENCE_OCTET[source][0]] = SILENCE_OCTET[target][0]  # A-law has no zero, only +8 and -8
    return bytes(codes)


_MU_TO_A = _table("PCMU", "PCMA")
_A_TO_MU = _table("PCMA", "PCMU")


def decode(payload: bytes, codec: Codec) -> NDArray[np.int16]:
    """Linear 16-bit samples of a G.711 payload."""
    return _VALUES[codec][np.frombuffer(payload, np.uint8)]


def encode(samples: NDArray[np.int16], codec: Codec) -> bytes:
    """The G.711 payload of linear 16-bit samples, each rounded to the nearest code word."""
    return _CODES[codec][np.ascontiguousarray(samples, np.int16).view(np.uint16)].tobytes()


def translation(source: Codec, target: Codec) -> bytes | None:
    """The table for `bytes.translate` from one law to the other; None when they are the same."""
    if source == target:
        return None
    return _MU_TO_A if source == "PCMU" else _A_TO_MU


def silence(codec: Codec, octets: int = FRAME_SAMPLES) -> bytes:
    """A payload of digital silence."""
    return SILENCE_OCTET[codec] * octets
