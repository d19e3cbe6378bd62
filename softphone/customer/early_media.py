"""What the network says before an answer: its tones and speech, why a call did not come about.

A carrier may tell by a tone or an announcement what its code does not: behind the special
information tone (ITU-T E.180) lies a recording that says the call cannot be completed. Japanese
networks mostly speak without that tone, and some customers have music for their callers; the two
cannot be told apart here, so speech is evidence and nothing more.

Every call rings, so an ear must cost next to nothing: it hears every second packet, asks only for
the network's own frequencies, and there are never more than `Ears.most` of them at a time. A call
beyond that goes without evidence.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import FRAME_SAMPLES, SAMPLE_RATE, Codec, decode
from softphone.audio.tone_patterns import TonePatterns
from softphone.audio.tones import level_dbfs
from softphone.audio.voice_track import VoiceTrack

# Announcements begin with their tone; after that a phone that rings costs nothing any more.
LISTEN_S = 8.0
INFORMATION_TONE = "information tone"
SPEECH = "announcement or music"
EVIDENCE = {"information": INFORMATION_TONE, "busy": "busy tone", "dial": "dial tone"}
_TONE_FLOOR_DBFS = -45.0
_VOICE_DBFS = -45.0
_SPEECH_MS = 2000
_ONE_IN = 2
_MOST_EARS = 40

# Japan's one supervisory tone, and the special information tone's three.
_FREQUENCIES = (400.0, 950.0, 1400.0, 1800.0)
_WINDOW = np.hanning(FRAME_SAMPLES)
_INSTANTS = np.arange(FRAME_SAMPLES) / SAMPLE_RATE
_BANK = (
    np.exp(-2j * np.pi * np.outer(_FREQUENCIES, _INSTANTS))
    * _WINDOW
    * (np.sqrt(2 * (_WINDOW**2).sum()) / _WINDOW.sum())
).astype(np.complex64)
_WINDOW_32 = _WINDOW.astype(np.float32)
# Of a frame's energy, at a tone's own frequency; a tone 35 Hz beside it has one half.
_TONE_SHARE = 0.45


class Ears:
    """How many calls may be listened to before their answer."""

    def __init__(self, most: int = _MOST_EARS) -> None:
        self.most = most
        self.listening = 0

    def lend(self, now: Callable[[], float], on_evidence: Callable[[str], None]) -> EarlyEar | None:
        """An ear for one call, or None when all are in use. It comes back by its `close`."""
        if self.listening >= self.most:
            return None
        self.listening += 1
        return EarlyEar(now, on_evidence, on_over=self._take_back)

    def _take_back(self) -> None:
        self.listening -= 1


class EarlyEar:
    """Hears one call's early media. `on_evidence(text)` comes for speech and for a tone, once each.

    A tone is the last word. `on_over` comes once, when it does not listen any more.
    """

    def __init__(
        self,
        now: Callable[[], float],
        on_evidence: Callable[[str], None],
        *,
        on_over: Callable[[], None],
    ) -> None:
        self._now = now
        self._on_evidence = on_evidence
        self._on_over = on_over
        self._over = self._speech_told = False
        self._patterns = TonePatterns()
        self._voice = VoiceTrack(_VOICE_DBFS)
        self._started_at = now()
        self._packets = 0

    def close(self) -> None:
        """Listen no more; harmless when it is over already."""
        if not self._over:
            self._over = True
            self._on_over()

    def hear(self, payload: bytes, codec: Codec) -> None:
        """A packet arrived."""
        if self._over:
            return
        self._packets += 1
        if self._packets % _ONE_IN or len(payload) < FRAME_SAMPLES:
            return
        at_ms = round((self._now() - self._started_at) * 1000)
        if at_ms > LISTEN_S * 1000:
            self.close()
            return
        frame_ms = len(payload) // 8
        samples = decode(payload[:FRAME_SAMPLES], codec)
        level = level_dbfs(samples)
        hz = _network_hz(samples) if level > _TONE_FLOOR_DBFS else None
        # What was not looked at, the packets between, counts as more of the same.
        evidence = EVIDENCE.get(self._patterns.hear(hz, at_ms, frame_ms) or "")
        if evidence is not None:
            self.close()
            self._on_evidence(evidence)
            return
        self._voice.add(level, at_ms, _ONE_IN * frame_ms, tone=hz is not None)
        if self._voice.voice_ms >= _SPEECH_MS and not self._speech_told:
            self._speech_told = True
            self._on_evidence(SPEECH)


def _network_hz(samples: NDArray[np.int16]) -> float | None:
    """The network's frequency that holds most of a frame of 160 samples, if one does."""
    values = samples.astype(np.float32)
    found = np.abs(_BANK @ values) ** 2
    strongest = int(found.argmax())
    windowed = values * _WINDOW_32
    if float(found[strongest]) < _TONE_SHARE * float(windowed @ windowed):
        return None
    return _FREQUENCIES[strongest]
