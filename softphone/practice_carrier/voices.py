"""What the practice carrier's lines sound like: voices, announcements, noise and tones.

Line noise lies under everything a person or a machine says and under their silence. Without it a
synthetic call is a lie: detectors of speech learn the digital silence as the line's own level and
take the first real noise for a voice. Tones for tests are pure, so that they can be measured.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE
from softphone.audio.prompts import Sound
from softphone.audio.tones import tone
from softphone.audio.wav import read_wav

SOUND_DIRECTORY = Path(__file__).parent / "sounds"

NOISE = "noise"
BEEP = "beep"
NOISE_RMS = 30 / 32768  # about -61 dBFS, a quiet land line
NOISE_S = 7
BEEP_HZ = 1000
BEEP_MS = 600


class UnknownSound(KeyError):
    """The sound is in no table."""


class Repertoire:
    """Every sound a practice customer can make, by name; loaded once, shared by all calls."""

    def __init__(self, directory: Path = SOUND_DIRECTORY) -> None:
        table = tomllib.loads((directory / "phrases.toml").read_text(encoding="utf-8"))
        self.voices: tuple[str, ...] = tuple(voice["name"] for voice in table["voices"])
        self.phrases: frozenset[str] = frozenset(table["phrases"])
        self.announcements: frozenset[str] = frozenset(table["announcements"])
        spoken = [f"{voice}_{phrase}" for voice in self.voices for phrase in table["phrases"]]
        self._directory = directory
        self._on_file = frozenset(spoken) | self.announcements
        self._sounds: dict[str, Sound] = {NOISE: Sound(NOISE, line_noise(NOISE_S * SAMPLE_RATE))}

    def sound(self, name: str) -> Sound:
        """A sound by name, noise included; tones are called `tone_<hertz>`.

        Raises `UnknownSound`, or what `read_wav` raises.
        """
        if name not in self._sounds:
            self._sounds[name] = self._make(name)
        return self._sounds[name]

    def seconds(self, name: str) -> float:
        """How long a sound lasts."""
        return len(self.sound(name).frames("PCMU")) * FRAME_MS / 1000

    def load_all(self) -> None:
        """Read every file now, so that the first caller does not wait for the disk."""
        for name in self._on_file | {BEEP}:
            for codec in ("PCMU", "PCMA"):
                self.sound(name).frames(codec)

    def _make(self, name: str) -> Sound:
        if name == BEEP:
            return Sound(name, noisy(tone(BEEP_HZ, BEEP_MS)))
        if name.startswith("tone_"):
            # One second holds whole cycles of every whole frequency, so the loop has no seam.
            return Sound(name, tone(int(name.removeprefix("tone_")), 1000, ramp_ms=0))
        if name not in self._on_file:
            raise UnknownSound(name)
        return Sound(name, noisy(read_wav(self._directory / f"{name}.wav")))


@cache
def load_repertoire(directory: Path = SOUND_DIRECTORY) -> Repertoire:
    """The one repertoire of the process."""
    return Repertoire(directory)


def line_noise(count: int, *, seed: int = 20) -> NDArray[np.float64]:
    """Noise of a telephone line, RMS `NOISE_RMS`: the same samples on every machine."""
    white = np.random.default_rng(seed).standard_normal(count)
    # A line carries less above 2 kHz; the sum of neighbours is that slope.
    coloured = white + np.roll(white, 1)
    return coloured * (NOISE_RMS / np.sqrt((coloured**2).mean()))


def noisy(samples: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """The samples with line noise under them, up to the end of the last frame."""
    filled = np.pad(np.asarray(samples), (0, -len(samples) % FRAME_SAMPLES))
    return filled + line_noise(len(filled), seed=len(filled))
