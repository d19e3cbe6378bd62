"""The sounds the gateway can play, each ready as 20 ms frames in both laws, shared by all calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import FRAME_SAMPLES, Codec, encode
from softphone.audio.hold_music import hold_music
from softphone.audio.sound_files import SUFFIXES, find, read_sound
from softphone.audio.tones import (
    check_tone,
    customer_gone_tone,
    far_hold_tone,
    notice_tone,
    ringback,
    zip_tone,
)
from softphone.audio.wav import BadSound, to_pcm16

SOUND_DIRECTORY = Path(__file__).parent / "sounds"

Frames = tuple[bytes, ...]


@dataclass(frozen=True)
class Sound:
    """A named piece of audio; `frames(codec)` are payloads of 160 octets."""

    name: str
    samples: NDArray[np.float64]
    sha256: str = ""  # of the file it was read from
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
    please_wait: Sound
    closed: Sound
    all_busy: Sound
    hold_music: Sound
    zip_tone: Sound
    check_tone: Sound
    customer_gone: Sound
    ringback: Sound
    far_hold: Sound
    notice: Sound


def load(name: str, *directories: Path | None) -> Sound:
    """The recording of this name in the first directory that has it.

    Raises `BadSound` when it is no audio or there is none, or `OSError`.
    """
    path = find(name, *directories)
    if path is None:
        raise BadSound(f"no {name} with one of the endings {' '.join(SUFFIXES)}")
    return Sound(name, read_sound(path), sha256(path.read_bytes()).hexdigest())


@cache
def load_messages(own: Path | None = None, directory: Path = SOUND_DIRECTORY) -> dict[str, Sound]:
    """What can be left on answering machines, by the hash of its file: all recordings in
    `messages` below `own`, or below `directory` where that has none. Raises as `load` does."""
    for each in (own, directory):
        files = sorted((each / "messages").glob("*")) if each is not None else []
        sounds = [load(file.stem, file.parent) for file in files if file.suffix in SUFFIXES]
        if sounds:
            return {sound.sha256: sound for sound in sounds}
    return {}


@cache
def load_sounds(own: Path | None = None, directory: Path = SOUND_DIRECTORY) -> Sounds:
    """Everything there is to play. Raises as `load` does.

    `own` holds an installation's recordings; those it lacks come from `directory`.
    """
    music = find("hold_music", own)
    return Sounds(
        hold=load("hold", own, directory),
        apology=load("apology", own, directory),
        safe_harbour=load("safe_harbour", own, directory),
        please_wait=load("please_wait", own, directory),
        closed=load("closed", own, directory),
        all_busy=load("all_busy", own, directory),
        hold_music=Sound("hold_music", hold_music() if music is None else read_sound(music)),
        zip_tone=Sound("zip_tone", zip_tone()),
        check_tone=Sound("check_tone", check_tone()),
        customer_gone=Sound("customer_gone", customer_gone_tone()),
        ringback=Sound("ringback", ringback()),
        far_hold=Sound("far_hold", far_hold_tone()),
        notice=Sound("notice", notice_tone()),
    )
