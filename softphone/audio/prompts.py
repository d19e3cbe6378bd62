"""The sounds the gateway can play, each ready as 20 ms frames in both laws, shared by all calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import FRAME_SAMPLES, Codec, encode
from softphone.audio.hold_music import hold_music
from softphone.audio.tones import check_tone, zip_tone
from softphone.audio.wav import read_wav, to_pcm16

SOUND_DIRECTORY = Path(__file__).parent / "sounds"

Frames = tuple[bytes, ...]


@dataclass(frozen=True)
class Sound:
    """A named piece of audio; `frames(codec)` are payloads of 160 octets."""

    name: str
    samples: NDArray[np.float64]
    _frames: dict[Codec, Frames] = field(default_factory=dict, repr=False, compare=False)

    @property
    def duration_ms(self) -> int:
        return len(self.samples) // 8

    def frames(self, codec: Codec) -> Frames:
        """Payloads in one law, the last one filled up with silence."""
        if codec not in self._frames:
            missing = -len(self.samples) % FRAME_SAMPLES
            octets = encode(to_pcm16(np.pad(self.samples, (0, missing))), codec)
            self._frames[codec] = tuple(
                octets[start : start + FRAME_SAMPLES]
                for start in range(0, len(octets), FRAME_SAMPLES)
            )
        return self._frames[codec]


@dataclass(frozen=True)
class Sounds:
    """Everything the gateway plays to customers and operators."""

    hold: Sound
    apology: Sound
    safe_harbour: Sound
    hold_music: Sound
    zip_tone: Sound
    check_tone: Sound


def load(path: Path) -> Sound:
    """A sound from a WAV file at 8, 16 or 48 kHz. Raises `BadSound` or `OSError`."""
    return Sound(path.stem, read_wav(path))


@cache
def load_sounds(directory: Path = SOUND_DIRECTORY) -> Sounds:
    """The prompts of a directory and the sounds that are computed. Raises as `load` does."""
    return Sounds(
        hold=load(directory / "hold.wav"),
        apology=load(directory / "apology.wav"),
        safe_harbour=load(directory / "safe_harbour.wav"),
        hold_music=Sound("hold_music", hold_music()),
        zip_tone=Sound("zip_tone", zip_tone()),
        check_tone=Sound("check_tone", check_tone()),
    )
