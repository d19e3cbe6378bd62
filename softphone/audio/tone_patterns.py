"""Recognising the tones a network or a machine sends after answer, one frame at a time. Pure.

A frame is a tone when nearly all its energy lies around one frequency; frames of one frequency
in a row are a segment. Patterns of segments have names: busy, dial tone, fax, the special
information tone, a machine's beep. Lengths are judged while a tone lasts, not when it ends: a fax
machine's 2.1 kHz goes on for seconds. A tone without a known pattern is reported as steady, and
it is for the caller not to take it for a machine.

People hum and whistle as cleanly as a tone. They are told by its pitch, which no throat holds
still: what is dial tone, a beep or steady must not wander.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import SAMPLE_RATE

# Below lies the voice's own pitch, and the network's one tone; above the edge of the band.
_LOWEST_HZ, _HIGHEST_HZ = 640, 3500
# A motor's rumble under a tone does not make it less of one.
_SUMMED_FROM_HZ = 300
_PURE_SHARE = 0.92
_SAME_HZ = 25.0
# Ringing tone is modulated and fades away for a moment 16 times a second.
_BRIDGED_GAP_MS = 45
_SHORTEST_MS = 100
_STEADY_MS = 1000
_DIAL_MS = 2000
_BEEP_MS = 200
_SIT_HZ = (950, 1400, 1800)  # ITU-T E.180
_SIT_MS = range(200, 480)
_NETWORK_HZ = 400  # every Japanese supervisory tone
_NETWORK_WITHIN_HZ = 12.0
# The standard deviation of a generated tone as measured over a noisy line; people are above.
_STILL_HZ = 2.5


@dataclass(frozen=True)
class Segment:
    """One tone from start to its last frame, in the caller's milliseconds."""

    hz: float
    start_ms: int
    end_ms: int
    wander_hz: float = 0.0  # standard deviation of its frequency

    @property
    def ms(self) -> int:
        return self.end_ms - self.start_ms

    def near(self, hz: float, within: float = 25.0) -> bool:
        return abs(self.hz - hz) < within

    @property
    def still(self) -> bool:
        """Whether a machine made it: a person's pitch wanders."""
        return self.wander_hz <= _STILL_HZ

    @property
    def of_network(self) -> bool:
        return self.near(_NETWORK_HZ, _NETWORK_WITHIN_HZ)


@cache
def _window(length: int) -> NDArray[np.float64]:
    return np.hanning(length)


def pure_tone_hz(samples: NDArray[np.int16]) -> float | None:
    """The frequency of a frame (80 samples or more) that is one clean tone, else None.

    Below 640 Hz only the network's 400 Hz is one: there, a hummed うん is as clean as a tone.
    """
    spectrum = np.abs(np.fft.rfft(samples * _window(samples.size))) ** 2
    bin_hz = SAMPLE_RATE / samples.size
    low, high = int(_SUMMED_FROM_HZ / bin_hz), int(_HIGHEST_HZ / bin_hz)
    peak = int(spectrum[low:high].argmax()) + low
    total = float(spectrum[int(_SUMMED_FROM_HZ / bin_hz) :].sum())
    if peak < 2 or total <= 0 or float(spectrum[peak - 2 : peak + 3].sum()) < _PURE_SHARE * total:
        return None
    # A Hann window's main lobe is close to a parabola in the logarithm.
    left, middle, right = np.log(spectrum[peak - 1 : peak + 2] + 1e-9)
    offset = 0.5 * (left - right) / (left - 2 * middle + right - 1e-12)
    hz = (peak + float(offset)) * bin_hz
    return hz if hz >= _LOWEST_HZ or abs(hz - _NETWORK_HZ) < _NETWORK_WITHIN_HZ else None


class TonePatterns:
    """Feed it each frame's tone or None; it names what it has recognised."""

    def __init__(self) -> None:
        self._ended: deque[Segment] = deque(maxlen=4)
        self._hz = 0.0
        self._start_ms = self._end_ms = 0
        self._frames = 0
        self._sum = self._squares = 0.0  # of the distances from the first frame's frequency
        self._first_hz = 0.0

    def hear(self, hz: float | None, now_ms: int, frame_ms: int) -> str | None:
        """`now_ms` is the end of the frame. Returns a pattern's name when one is complete:

        "busy", "dial", "fax", "information", "steady" for a tone nothing else explains, "wandering"
        for one that a person may be humming.
        """
        if hz is None:
            if self._frames and now_ms - self._end_ms > _BRIDGED_GAP_MS:
                self._end()
        elif self._frames and abs(hz - self._hz) < _SAME_HZ:
            self._frames += 1
            self._hz += 0.2 * (hz - self._hz)
            self._sum += hz - self._first_hz
            self._squares += (hz - self._first_hz) ** 2
            self._end_ms = now_ms
        else:
            self._end()
            self._hz, self._frames = hz, 1
            self._first_hz, self._sum, self._squares = hz, 0.0, 0.0
            self._start_ms, self._end_ms = now_ms - frame_ms, now_ms
        return self._pattern()

    @property
    def sounding(self) -> bool:
        """Whether the present frame is part of a tone rather than of speech."""
        return self._frames >= 3

    @property
    def last_end_ms(self) -> int | None:
        """When a tone of note was last heard."""
        if self._lasting is not None:
            return self._end_ms
        return self._ended[-1].end_ms if self._ended else None

    @property
    def ringing(self) -> bool:
        """Whether a Japanese ringing tone was heard: 400 Hz for a second."""
        return any(s.of_network and 800 <= s.ms <= 1200 for s in self._ended)

    @property
    def of_network(self) -> bool:
        """Whether a tone of the network was heard last."""
        segments = self._segments()
        return bool(segments) and segments[-1].of_network

    def beep(self, after_ms: int) -> Segment | None:
        """A machine's beep that began after a moment: a short tone the network does not use."""
        for segment in self._segments():
            if (
                segment.start_ms >= after_ms
                and segment.ms >= _BEEP_MS
                and segment.still
                and not segment.of_network
            ):
                return segment
        return None

    @property
    def _lasting(self) -> Segment | None:
        if self._frames and self._end_ms - self._start_ms >= _SHORTEST_MS:
            mean = self._sum / self._frames
            wander = max(0.0, self._squares / self._frames - mean * mean) ** 0.5
            return Segment(self._hz, self._start_ms, self._end_ms, wander)
        return None

    def _segments(self) -> list[Segment]:
        lasting = self._lasting
        return [*self._ended, lasting] if lasting else list(self._ended)

    def _end(self) -> None:
        lasting = self._lasting
        if lasting is not None:
            self._ended.append(lasting)
        self._frames = 0

    def _pattern(self) -> str | None:
        segments = self._segments()
        if not segments:
            return None
        last = segments[-1]
        if _is_information(segments[-3:]):
            return "information"
        if last.near(2100, 30) and last.ms >= 400:
            return "fax"
        return self._ended_pattern(segments) if self._lasting is None else _lasting_pattern(last)

    def _ended_pattern(self, segments: list[Segment]) -> str | None:
        last = segments[-1]
        if last.near(1100, 30) and 400 <= last.ms <= 700:
            return "fax"  # the calling tone
        two = segments[-2:]
        if (
            len(two) == 2
            and all(s.of_network and 400 <= s.ms <= 600 for s in two)
            and 800 <= last.start_ms - two[0].start_ms <= 1200
        ):
            return "busy"
        return None


def _is_information(three: list[Segment]) -> bool:
    return len(three) == 3 and all(
        s.near(hz, 60) and s.ms in _SIT_MS for s, hz in zip(three, _SIT_HZ, strict=True)
    )


def _lasting_pattern(tone: Segment) -> str | None:
    """What a tone that still sounds is by its length so far."""
    if tone.of_network and tone.still:
        # Ringing lasts a second, busy half of one; what goes on for longer is dial tone.
        return "dial" if tone.ms >= _DIAL_MS else None
    if tone.of_network or tone.ms < _STEADY_MS:
        return "wandering" if tone.ms >= _DIAL_MS else None
    return "steady" if tone.still else "wandering"
