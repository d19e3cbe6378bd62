"""The sixteen keys as pairs of tones: made, and found in a call's audio (ITU-T Q.23, Q.24).

Found cheaply: a frame that is not loud is passed over after a look at one sample in eight. Of loud
ones every second is looked at until one looks like a key, and analysed if its sign changes about as
often as a key's: that of vowels seldom does. Then eight Goertzel bins (as one
matrix) say how much of the frame's power lies in one low and one high tone. Speech, music and
prompts put it elsewhere: a key must own nearly all of two consecutive frames, and its tones must be
about equally strong.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import (
    FRAME_MS,
    FRAME_SAMPLES,
    PAYLOAD_TYPES,
    SAMPLE_RATE,
    Codec,
    decode,
    encode,
)
from softphone.audio.tones import Samples, tone
from softphone.audio.wav import to_pcm16

LOW_HZ = (697, 770, 852, 941)
HIGH_HZ = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
DIGITS = "".join(KEYS)

# Sent as most exchanges do: the high tone, which lines weaken more, 2 dB above the low one.
_LOW_DBFS, _HIGH_DBFS = -14.0, -12.0

# A sample counts as loud from here; a key at the weakest level taken has several in every frame.
_LOUD = 32768 * 10 ** (-32 / 20)
_LOOK_EVERY = 8
_LOUD_SAMPLES = 3
# Between 1.5 % below the lowest tone alone and the highest one with noise, and a margin.
_FEWEST_CHANGES, _MOST_CHANGES = 24, 84
_SIGNS = int.from_bytes(b"\x80" * FRAME_SAMPLES, "big")
# Share of a frame's power in the two tones: 0.55 is kept by a key 1.5 % off its frequencies, and by
# one that fills three quarters of the frame. Vowels reach it now and then, which is why two frames
# together are asked again, with bins half as wide and tuned: of those a key keeps 0.85.
_PURITY, _CERTAIN = 0.55, 0.83
_TUNINGS = (0.985, 0.9925, 1.0, 1.0075, 1.015)
# Q.24: the high tone may be 4 dB stronger than the low one, or 8 dB weaker. As ratios of power.
_MOST_TWIST, _LEAST_TWIST = 10**0.4, 10**-0.8
_LEAST_POWER = 10 ** (-33 / 10)
# Frames without the key after which it is up; one alone may be a lost packet.
_UP_FRAMES = 2

_EVERY_CODE = bytes(range(256))


def _bins(hertz: Sequence[float], samples: int) -> NDArray[np.float32]:
    """Cosines, then sines, scaled so that the squares of both add up to the power of a tone."""
    turns = np.outer(hertz, np.arange(samples)) * 2 * np.pi / SAMPLE_RATE
    bins = np.concatenate([np.cos(turns), np.sin(turns)]) * np.sqrt(2) / samples
    return bins.astype(np.float32)


_BINS = _bins(LOW_HZ + HIGH_HZ, FRAME_SAMPLES)
# By tone: the bins of all tunings over two frames.
_TUNED = {
    hertz: _bins([hertz * tuning for tuning in _TUNINGS], 2 * FRAME_SAMPLES)
    for hertz in LOW_HZ + HIGH_HZ
}
_VALUES: dict[Codec, NDArray[np.float32]] = {
    law: (decode(_EVERY_CODE, law) / 32768).astype(np.float32) for law in PAYLOAD_TYPES
}
_IS_LOUD: dict[Codec, bytes] = {
    law: bytes(int(abs(int(value)) >= _LOUD) for value in decode(_EVERY_CODE, law))
    for law in PAYLOAD_TYPES
}


def key_tone(digit: str, ms: int) -> Samples:
    """The pair of tones of a key, faded in and out. Raises ValueError for what is no key."""
    place = DIGITS.index(digit)
    low, high = LOW_HZ[place // 4], HIGH_HZ[place % 4]
    return tone(low, ms, level_dbfs=_LOW_DBFS) + tone(high, ms, level_dbfs=_HIGH_DBFS)


@cache
def key_frames(digit: str, ms: int, codec: Codec) -> tuple[bytes, ...]:
    """The payloads of a key's tone, 20 ms each; `ms` is a multiple of that."""
    audio = encode(to_pcm16(key_tone(digit, ms)), codec)
    return tuple(audio[at : at + FRAME_SAMPLES] for at in range(0, len(audio), FRAME_SAMPLES))


class DtmfDetector:
    """Finds keys in one stream of payloads, each once, when it is up again."""

    def __init__(self, codec: Codec) -> None:
        self._values, self._is_loud = _VALUES[codec], _IS_LOUD[codec]
        self._rest = b""
        self._before = b""
        self._skip = False
        self._digit = ""
        self._frames = 0
        self._missed = 0

    @property
    def down(self) -> bool:
        """Whether something that looks like a key is sounding."""
        return self._digit != ""

    def hear(self, payload: bytes) -> tuple[str, int] | None:
        """(digit, milliseconds) of the key that ended with this payload, if one did."""
        if len(payload) == FRAME_SAMPLES and not self._rest:
            return self._frame(payload)
        audio = self._rest + payload
        ended = None
        whole = len(audio) - len(audio) % FRAME_SAMPLES
        for at in range(0, whole, FRAME_SAMPLES):
            ended = self._frame(audio[at : at + FRAME_SAMPLES]) or ended
        self._rest = audio[whole:]
        return ended

    def end(self) -> tuple[str, int] | None:
        """The key that was down when the audio stopped coming, if one was."""
        digit, frames = self._digit, self._frames
        self._digit, self._before, self._rest = "", b"", b""
        return (digit, frames * FRAME_MS) if digit and frames > 1 else None

    def _frame(self, frame: bytes) -> tuple[str, int] | None:
        if self._digit:
            return self._follow(frame)
        before, self._before = self._before, frame
        loud = frame[::_LOOK_EVERY].translate(self._is_loud).count(1) >= _LOUD_SAMPLES
        if not loud or self._skip:
            self._skip = False
            return None
        self._skip = True
        signs = int.from_bytes(frame, "big") & _SIGNS  # of either law: the first bit
        changes = (signs ^ signs >> 8).bit_count()
        digit = self._analyse(frame) if _FEWEST_CHANGES <= changes <= _MOST_CHANGES else ""
        if not digit:
            return None
        self._skip = False
        self._digit, self._frames, self._missed = digit, 1, 0
        if before and self._analyse(before) == digit:
            self._confirm(before, frame)
        return None

    def _follow(self, frame: bytes) -> tuple[str, int] | None:
        before, self._before = self._before, frame
        if self._analyse(frame) == self._digit:
            if self._frames == 1:
                self._confirm(before, frame)
            else:
                self._frames += 1 + self._missed
            self._missed = 0
            return None
        self._missed += 1
        if self._missed < _UP_FRAMES and self._frames > 1:
            return None
        digit, frames = self._digit, self._frames
        self._digit = ""
        return (digit, frames * FRAME_MS) if frames > 1 else None

    def _confirm(self, before: bytes, frame: bytes) -> None:
        """Believe two frames in a row, or forget them."""
        samples = self._values[np.frombuffer(before + frame, np.uint8)]
        power = float(samples @ samples) / samples.size
        row, column = divmod(DIGITS.index(self._digit), 4)
        owned = 0.0
        for hertz in (LOW_HZ[row], HIGH_HZ[column]):
            squares = (_TUNED[hertz] @ samples) ** 2
            owned += float((squares[: len(_TUNINGS)] + squares[len(_TUNINGS) :]).max())
        if owned >= _CERTAIN * power:
            self._frames = 2
        else:
            self._digit = ""

    def _analyse(self, frame: bytes) -> str:
        """The key that owns the frame, or ""."""
        samples = self._values[np.frombuffer(frame, np.uint8)]
        power = float(samples @ samples) / FRAME_SAMPLES
        if power < _LEAST_POWER:
            return ""
        squares = (_BINS @ samples) ** 2
        powers = (squares[:8] + squares[8:]).tolist()
        low, high = max(powers[:4]), max(powers[4:])
        if low + high < _PURITY * power or not _LEAST_TWIST * low <= high <= _MOST_TWIST * low:
            return ""
        return KEYS[powers.index(low)][powers.index(high, 4) - 4]
