"""Tones the gateway plays, tones the Japanese network plays, and how to measure a tone.

Network tones after the supervisory tones of the Japanese public network (TTC JJ-00.01):
ringing 400 Hz modulated with 16 Hz, 1 s on and 2 s off; busy 400 Hz, 0.5 s on and 0.5 s off.
Samples are floats in -1.0 … 1.0 at 8 kHz.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import SAMPLE_RATE

Samples = NDArray[np.float64]
_RAMP_MS = 5
# What the measures answer for digital silence.
FLOOR_DBFS = -96.0


def silence(ms: int) -> Samples:
    return np.zeros(ms * SAMPLE_RATE // 1000)


def tone(hz: float, ms: int, *, level_dbfs: float = -15.0, ramp_ms: int = _RAMP_MS) -> Samples:
    """A sine whose RMS is `level_dbfs`, faded in and out so that it does not click."""
    count = ms * SAMPLE_RATE // 1000
    samples = np.sin(2 * np.pi * hz * np.arange(count) / SAMPLE_RATE)
    ramp = min(ramp_ms * SAMPLE_RATE // 1000, count // 2)
    if ramp:
        fade = np.linspace(0.0, 1.0, ramp, endpoint=False)
        samples[:ramp] *= fade
        samples[count - ramp :] *= fade[::-1]
    return samples * math.sqrt(2) * 10 ** (level_dbfs / 20)


def zip_tone() -> Samples:
    """Two short rising notes, 160 ms: a customer is on the line now."""
    return np.concatenate(
        [tone(660, 70, level_dbfs=-20), silence(10), tone(990, 80, level_dbfs=-20)]
    )


def customer_gone_tone() -> Samples:
    """Two falling notes, unlike the rising zip tone: the customer is gone."""
    return np.concatenate(
        [tone(740, 90, level_dbfs=-20), silence(20), tone(494, 140, level_dbfs=-20)]
    )


def far_hold_tone() -> Samples:
    """One cycle, 4 s, of what the operator hears while the other side keeps the call on hold."""
    return np.concatenate([tone(600, 120, level_dbfs=-34, ramp_ms=30), silence(3880)])


def notice_tone() -> Samples:
    """Two short high notes of one pitch: somebody listens from now on."""
    return np.concatenate(
        [tone(1320, 60, level_dbfs=-26), silence(80), tone(1320, 60, level_dbfs=-26)]
    )


CHIME_HZ = (1397, 1047)
CHIME_MS = 300  # of each note


def question_chime() -> Samples:
    """Two falling notes before a recorded question: no operator speaks any more."""
    return np.concatenate([tone(hz, CHIME_MS, level_dbfs=-17, ramp_ms=20) for hz in CHIME_HZ])


def check_tone() -> Samples:
    """Three notes of a chord, 1.5 s: the operator checks the headset with it."""
    return np.concatenate([tone(hz, 500, level_dbfs=-20, ramp_ms=30) for hz in (523, 659, 784)])


def ringback() -> Samples:
    """One cycle of the Japanese ringing tone, 3 s."""
    count = SAMPLE_RATE
    wobble = 0.5 + 0.5 * np.sin(2 * np.pi * 16 * np.arange(count) / SAMPLE_RATE)
    return np.concatenate([tone(400, 1000) * wobble, silence(2000)])


def busy() -> Samples:
    """One cycle of the Japanese busy tone, 1 s; congestion sounds the same."""
    return np.concatenate([tone(400, 500), silence(500)])


def special_information() -> Samples:
    """The three rising notes before a recorded announcement (ITU-T E.180)."""
    return np.concatenate([tone(hz, 330) for hz in (950, 1400, 1800)])


def level_dbfs(samples: NDArray[np.generic]) -> float:
    """RMS of 16-bit samples against full scale; `FLOOR_DBFS` for silence."""
    if not samples.size:
        return FLOOR_DBFS
    values = samples.astype(np.float64)
    rms = math.sqrt(float(np.dot(values, values)) / values.size) / 32768
    return max(FLOOR_DBFS, 20 * math.log10(rms)) if rms > 0 else FLOOR_DBFS


def tone_dbfs(samples: NDArray[np.generic], hz: float) -> float:
    """RMS level of one frequency in 16-bit samples (a Goertzel bin); `FLOOR_DBFS` for silence.

    The resolution is the reciprocal of the length: 100 ms tell tones 20 Hz apart.
    """
    if not samples.size:
        return FLOOR_DBFS
    turn = np.exp(-2j * np.pi * hz * np.arange(samples.size) / SAMPLE_RATE)
    rms = abs(complex(np.dot(samples.astype(np.float64), turn))) * math.sqrt(2) / samples.size
    return max(FLOOR_DBFS, 20 * math.log10(rms / 32768)) if rms > 0 else FLOOR_DBFS
