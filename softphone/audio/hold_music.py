"""Hold music of our own making, computed at start: soft bells over four chords, 19 s, looped.

Telephone speech codecs and the 3.4 kHz band ruin recorded music. Plain bell tones with few
partials below 2 kHz come through clean. Every note rings on past the end of the loop into its
beginning, so the seam cannot be heard.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import FRAME_SAMPLES, SAMPLE_RATE

_BEAT_S = 0.6
_LEVEL = 0.3  # peak, some -22 dBFS RMS: music as loud as speech tires
_A4_HZ = 440.0
# Each bar: bass note, then eight eighth-notes of a broken chord (semitones from A4; None rests).
_BARS: tuple[tuple[int, tuple[int | None, ...]], ...] = (
    (-21, (-9, -5, -2, 3, 7, 3, -2, None)),  # C major
    (-24, (-12, -9, -5, 0, 3, 0, -5, None)),  # A minor
    (-28, (-16, -12, -9, -4, 3, -4, -9, None)),  # F major
    (-26, (-14, -10, -7, -2, 2, -2, 5, None)),  # G major
)
_ROUNDS = 2


def _bell(semitones: int, seconds: float, loudness: float) -> NDArray[np.float64]:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hz = _A4_HZ * 2 ** (semitones / 12)
    body = np.sin(2 * np.pi * hz * time) + 0.25 * np.sin(4 * np.pi * hz * time)
    attack = np.minimum(time / 0.012, 1.0)
    # The envelope reaches zero at the end of the note, or its cut would click.
    release = np.minimum((seconds - time) / 0.2, 1.0)
    return loudness * body * attack * release * np.exp(-2.2 * time)


def hold_music() -> NDArray[np.float64]:
    """One loop at 8 kHz, a whole number of frames long."""
    step = int(_BEAT_S / 2 * SAMPLE_RATE)
    length = step * 8 * len(_BARS) * _ROUNDS
    length -= length % FRAME_SAMPLES
    loop = np.zeros(length)
    for index in range(len(_BARS) * _ROUNDS):
        bass, chord = _BARS[index % len(_BARS)]
        start = index * 8 * step
        _add(loop, start, _bell(bass, 2.4, 0.8))
        for place, note in enumerate(chord):
            if note is not None:
                lift = 12 if index >= len(_BARS) and place == 4 else 0
                _add(loop, start + place * step, _bell(note + lift, 1.5, 0.6))
    return loop * (_LEVEL / np.abs(loop).max())


def _add(loop: NDArray[np.float64], start: int, note: NDArray[np.float64]) -> None:
    """Mix a note in, its tail wrapped round to the beginning."""
    places = (start + np.arange(note.size)) % loop.size
    np.add.at(loop, places, note)
