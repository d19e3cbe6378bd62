"""Recordings as an installation brings them: WAV, FLAC or MP3 in, telephone audio out.

Recordings from different hands differ in loudness by 20 dB, and a customer who turned the volume up
for one prompt is deafened by the next. So each is brought to the same loudness of its voiced part,
but never so far that a peak would be clipped.
"""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import FRAME_SAMPLES, SAMPLE_RATE
from softphone.audio.wav import BadSound, read_wav

# In the order in which they are looked for.
SUFFIXES = (".wav", ".flac", ".mp3")
# RMS of the voiced part: some 5 dB below what telephone speech often has; prompts need no shouting.
LOUDNESS_DBFS = -20.0
PEAK_DBFS = -1.0
# Frames this far below the loudest one are pauses between words.
_PAUSE_DB = 30.0


def find(name: str, *directories: Path | None) -> Path | None:
    """The first file of this name in the directories, in their order."""
    for directory in directories:
        for suffix in SUFFIXES if directory is not None else ():
            path = directory / f"{name}{suffix}"  # type: ignore[operator]  # None has no suffixes
            if path.is_file():
                return path
    return None


def read_sound(path: Path) -> NDArray[np.float64]:
    """Samples at 8 kHz, mono, at the common loudness. Raises `BadSound` or `OSError`."""
    try:
        samples = read_wav(path)
    except BadSound:  # another format, or a WAV of another kind: floats, 44.1 kHz, 24 bit
        samples = _decode(path)
    if not samples.size or not np.abs(samples).max() > 0:
        raise BadSound(f"{path.name}: holds no sound")
    return level(samples)


def level(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scaled to the common loudness, or as near to it as the peak allows."""
    whole = np.pad(samples, (0, -samples.size % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
    power = np.mean(whole**2, axis=1)
    voiced = power[power >= power.max() * 10 ** (-_PAUSE_DB / 10)]
    wanted = 10 ** (LOUDNESS_DBFS / 20) / np.sqrt(voiced.mean())
    most = 10 ** (PEAK_DBFS / 20) / np.abs(samples).max()
    scaled: NDArray[np.float64] = samples * min(wanted, most)
    return scaled


def _decode(path: Path) -> NDArray[np.float64]:
    """Any format FFmpeg knows, resampled and folded to mono."""
    parts: list[NDArray[np.float64]] = []
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise BadSound(f"{path.name}: holds no audio")
            for frame in container.decode(audio=0):
                parts.extend(_samples(out) for out in resampler.resample(frame))
            parts.extend(_samples(out) for out in resampler.resample(None))
    except av.FFmpegError as fault:
        raise BadSound(f"{path.name}: not a WAV, FLAC or MP3 file ({fault.strerror})") from fault
    if not parts:
        raise BadSound(f"{path.name}: holds no audio")
    joined: NDArray[np.float64] = np.concatenate(parts, axis=1)[0]
    return joined


def _samples(frame: av.AudioFrame) -> NDArray[np.float64]:
    return frame.to_ndarray().astype(np.float64)
