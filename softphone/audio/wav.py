"""Mono telephone audio from and to WAV files: read at 8, 16 or 48 kHz, kept and written at 8 kHz.

Only the standard library and numpy, so that a prompt loads on any machine the gateway runs on.
Samples are floats in -1.0 … 1.0.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import SAMPLE_RATE

# The telephone band ends at 3.4 kHz; what lies above half the sample rate must be gone before
# samples are thrown away, or it folds back as a rasp.
_PASS_BAND_HZ = 3500.0
_TAPS_PER_FACTOR = 32


class BadSound(ValueError):
    """The file is not 16-bit mono or stereo PCM at a multiple of 8 kHz."""


def decimate(samples: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """Low-pass to the telephone band and keep every `factor`-th sample."""
    if factor == 1:
        return samples
    taps = _TAPS_PER_FACTOR * factor + 1
    position = np.arange(taps) - (taps - 1) / 2
    cutoff = 2 * _PASS_BAND_HZ / (SAMPLE_RATE * factor)
    kernel = cutoff * np.sinc(cutoff * position) * np.blackman(taps)
    filtered = np.convolve(samples, kernel / kernel.sum(), mode="same")
    return filtered[::factor]


def read_wav(path: Path) -> NDArray[np.float64]:
    """Samples of the file at 8 kHz, stereo folded to mono. Raises `BadSound`."""
    try:
        with wave.open(str(path), "rb") as sound:
            channels, width, rate = sound.getparams()[:3]
            octets = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError) as error:
        raise BadSound(f"{path.name}: {error}") from error
    if width != 2 or rate % SAMPLE_RATE or channels not in (1, 2):
        raise BadSound(f"{path.name}: {channels} channels of {8 * width} bit at {rate} Hz")
    samples = np.frombuffer(octets, "<i2").astype(np.float64) / 32768
    return decimate(samples.reshape(-1, channels).mean(axis=1), rate // SAMPLE_RATE)


def to_pcm16(samples: NDArray[np.float64]) -> NDArray[np.int16]:
    """Linear 16-bit samples, clipped."""
    return np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)


def write_wav(path: Path, samples: NDArray[np.float64]) -> None:
    """Write 8 kHz mono 16-bit PCM."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(to_pcm16(samples).astype("<i2").tobytes())
