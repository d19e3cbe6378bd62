"""How the customer answered, for the operator who came a moment later. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from softphone.audio.g711 import FRAME_MS, FRAME_SAMPLES, Codec, decode
from softphone.audio.prompts import Sound

KEPT_FRAMES = 2000 // FRAME_MS
# Under the live voice, which goes on meanwhile: both are understood.
_GAIN = 10 ** (-6 / 20)
_VOICE_DBFS = -42.0
# A word begins and ends more softly than it is loud.
_MARGIN_FRAMES = 3


def voiced(payloads: Iterable[bytes], codec: Codec) -> Sound | None:
    """The part of the packets in which somebody speaks, 6 dB quieter; None when nobody does."""
    octets = b"".join(payloads)
    octets = octets[: len(octets) - len(octets) % FRAME_SAMPLES]
    if not octets:
        return None
    samples = decode(octets, codec).astype(np.float64) / 32768
    frames = samples.reshape(-1, FRAME_SAMPLES)
    power = np.mean(frames**2, axis=1)
    loud = np.flatnonzero(power > 10 ** (_VOICE_DBFS / 10))
    if not loud.size:
        return None
    first = max(0, int(loud[0]) - _MARGIN_FRAMES)
    part = frames[first : int(loud[-1]) + 1 + _MARGIN_FRAMES].ravel() * _GAIN
    fade = np.linspace(0.0, 1.0, FRAME_SAMPLES // 2)
    part[: fade.size] *= fade
    part[-fade.size :] *= fade[::-1]
    return Sound("greeting", part)
