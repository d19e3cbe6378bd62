"""When the other side has said something and paused: the moment a person answers.

Energy against an adapting floor is enough here. The practice customers need not understand; they
need to take turns, leave an operator who is still speaking alone, and not answer line noise.
"""

from __future__ import annotations

import numpy as np

from softphone.audio.g711 import Codec, decode
from softphone.audio.tones import CHIME_HZ, CHIME_MS, tone_dbfs

FRAME_S = 0.02
FULL_SCALE = 32768.0**2

# Speech is louder than -42 dBFS and stands 9 dB above what the line has been doing.
SPEECH_FLOOR = FULL_SCALE * 10**-4.2
ABOVE_LINE = 10**0.9
# The line's own level is followed down at once and up by 2.5 dB/s, between these bounds.
LINE_RISE = 10**0.005
LINE_CEILING = FULL_SCALE * 10**-4.5
LINE_SILENCE = FULL_SCALE * 10**-8.0

SPOKEN_S = 0.25
PAUSE_S = 0.7

_SQUARES: dict[Codec, np.ndarray] = {
    law: decode(bytes(range(256)), law).astype(np.float64) ** 2 for law in ("PCMU", "PCMA")
}


def power_of(payload: bytes, codec: Codec) -> float:
    """Mean square of a G.711 payload's samples, one table look-up per octet."""
    return float(_SQUARES[codec][np.frombuffer(payload, np.uint8)].mean())


class Hearing:
    """Feed it each arriving frame's power; it says when a turn of the other side has ended."""

    def __init__(self) -> None:
        self._line = LINE_CEILING
        self._spoken_s = 0.0
        self._pause_s = 0.0
        self.loud = False  # the last frame was speech, or at least no line noise

    def feed(self, power: float) -> bool:
        """Take 20 ms; True once, when speech of a quarter second is followed by a pause."""
        self._line = max(LINE_SILENCE, min(power, self._line * LINE_RISE, LINE_CEILING))
        self.loud = power > max(SPEECH_FLOOR, self._line * ABOVE_LINE)
        if self.loud:
            self._spoken_s += FRAME_S
            self._pause_s = 0.0
            return False
        self._pause_s += FRAME_S
        if self._pause_s < PAUSE_S:
            return False
        ended = self._spoken_s >= SPOKEN_S
        self.forget()
        return ended

    def forget(self) -> None:
        """Start afresh, as after having spoken oneself."""
        self._spoken_s = self._pause_s = 0.0


# Frames of one note before it is one, and how many others may stand between the two.
NOTE_FRAMES = CHIME_MS // 20 * 2 // 3
BETWEEN_FRAMES = 4
# A note owns at least this share of a frame's power; no voice does for so long.
NOTE_SHARE = 0.6


class ChimeEar:
    """Hears the two notes that come before a recorded question."""

    def __init__(self) -> None:
        self._note = 0
        self._frames = 0
        self._others = 0

    def hear(self, payload: bytes, codec: Codec) -> bool:
        """Take 20 ms; True once both notes were heard, one after the other."""
        power = power_of(payload, codec)
        if power > SPEECH_FLOOR and self._share(payload, codec, power) >= NOTE_SHARE:
            self._frames, self._others = self._frames + 1, 0
        else:
            self._others += 1
            if self._others > BETWEEN_FRAMES:
                self._note = self._frames = 0
        if self._frames < NOTE_FRAMES:
            return False
        if self._note + 1 == len(CHIME_HZ):
            return True
        self._note, self._frames = self._note + 1, 0
        self._others = -NOTE_FRAMES  # the rest of this note is none of the next
        return False

    def _share(self, payload: bytes, codec: Codec, power: float) -> float:
        level = tone_dbfs(decode(payload, codec), CHIME_HZ[self._note])
        return FULL_SCALE * 10 ** (level / 10) / power
