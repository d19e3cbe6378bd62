"""How loud a leg is, and how loud it is when nobody speaks: cheaply, from its G.711 payloads.

Every packet of every seat passes here all shift long, so `hear` only keeps one packet in five, and
what is kept is turned into power when somebody asks, once a second for all packets together. A
table gives each code word its power; nothing is decoded.

The noise floor is the level that nine tenths of the last five seconds were louder than: speech
has gaps between its words, a fan, a street or an office of voices has none.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import FRAME_SAMPLES, PAYLOAD_TYPES, SAMPLE_RATE, Codec, decode
from softphone.audio.tones import FLOOR_DBFS

_ONE_IN = 5
_FULL_SCALE = 32768.0
# Frames of 20 ms kept from a second of audio, and the seconds that a floor is judged over.
_FRAMES_PER_S = SAMPLE_RATE // FRAME_SAMPLES // _ONE_IN
_FLOOR_S = 5
_FLOOR_FRAMES = _FRAMES_PER_S * _FLOOR_S
_QUIETEST = _FLOOR_FRAMES // 10

_EVERY_CODE = bytes(range(256))
_POWERS: dict[Codec, NDArray[np.float32]] = {
    law: ((decode(_EVERY_CODE, law) / _FULL_SCALE) ** 2).astype(np.float32) for law in PAYLOAD_TYPES
}


def mean_power(payload: bytes, codec: Codec) -> float:
    """Mean square of a payload's samples, of full scale 1."""
    return float(_POWERS[codec][np.frombuffer(payload, np.uint8)].mean())


class LevelMeter:
    """One leg's level and noise floor, in dB below full scale; it knows no clock.

    A leg that stopped sending keeps its last figures: whoever reads them knows when it last sent.
    """

    __slots__ = ("_codec", "_kept", "_passed", "_powers")

    def __init__(self, codec: Codec = "PCMU") -> None:
        self._codec: Codec = codec
        self._passed = 0
        self._kept: deque[bytes] = deque(maxlen=_FLOOR_FRAMES)
        self._powers: deque[float] = deque(maxlen=_FLOOR_FRAMES)

    @property
    def codec(self) -> Codec:
        """The law the payloads are in; another one starts the measurement anew."""
        return self._codec

    @codec.setter
    def codec(self, codec: Codec) -> None:
        if codec != self._codec:
            self._codec = codec
            self._kept.clear()
            self._powers.clear()

    def hear(self, payload: bytes) -> None:
        """Take note of an arriving payload."""
        self._passed += 1
        if self._passed == _ONE_IN:
            self._passed = 0
            self._kept.append(payload)

    @property
    def level_dbfs(self) -> float:
        """RMS level of about the last second."""
        self._weigh()
        recent = list(self._powers)[-_FRAMES_PER_S:]
        return _dbfs(sum(recent) / len(recent)) if recent else FLOOR_DBFS

    @property
    def noise_dbfs(self) -> float:
        """Level of the quietest tenth of the last five seconds; digital silence until then."""
        self._weigh()
        if len(self._powers) < _FLOOR_FRAMES:
            return FLOOR_DBFS
        return _dbfs(sorted(self._powers)[_QUIETEST])

    def _weigh(self) -> None:
        """Turn the packets kept since the last reading into powers of 20 ms each."""
        audio = b"".join(self._kept)
        self._kept.clear()
        frames = len(audio) // FRAME_SAMPLES
        if not frames:
            return
        codes = np.frombuffer(audio, np.uint8, frames * FRAME_SAMPLES)
        powers = _POWERS[self._codec][codes].reshape(frames, FRAME_SAMPLES).mean(axis=1)
        self._powers.extend(powers.tolist())


def _dbfs(power: float) -> float:
    return max(FLOOR_DBFS, 10 * math.log10(power)) if power > 0 else FLOOR_DBFS
