"""Render what the practice customers say, each phrase in eight voices, from one speech engine.

A tool of the workshop, not of the product: the practice carrier plays the committed WAV files.
Run it after a change of softphone/practice_carrier/sounds/phrases.toml, in the environment that
tools/render_prompts.py describes:

    /tmp/voice/bin/python tools/render_practice_voices.py

Open JTalk has one voice and two knobs, pitch and speed. A person is told apart by the size of the
throat as well, so the speech is rendered with pitch and speed bent the other way and then played
faster or slower: that moves the resonances (`formant`) and leaves pitch and speed as asked.
"""

from __future__ import annotations

import math
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from softphone.audio.wav import decimate, write_wav  # noqa: E402

SOUNDS = ROOT / "softphone" / "practice_carrier" / "sounds"
TELEPHONE = 8000
# Telephone speech stands around -20 dBFS while somebody speaks; peaks stay under -3 dBFS.
SPEECH_RMS = 10 ** (-20 / 20)
PEAK = 10 ** (-3 / 20)
MARGIN_S = 0.04  # of the outer silence is kept
FRAME = TELEPHONE // 50
# The engine makes a reader's pause at every comma; people say はい、もしもし in one breath.
PHRASE_PAUSE_S = 0.18
ANNOUNCEMENT_PAUSE_S = 0.5

Samples = NDArray[np.float64]


def speak(text: str, voice: dict[str, Any], *, longest_pause_s: float) -> Samples:
    """The text in one of the voices, 8 kHz, trimmed and levelled."""
    import pyopenjtalk  # only the workshop has it

    formant = voice["formant"]
    speech, rate = pyopenjtalk.tts(
        text,
        speed=voice["speed"] / formant,
        half_tone=voice["half_tone"] - 12 * math.log2(formant),
    )
    # Trimmed before the telephone band takes the hiss of a leading し away.
    scaled = played_at(trimmed(np.asarray(speech, np.float64), rate), formant)
    spoken = handset(decimate(scaled, rate // TELEPHONE), voice["tilt"])
    return levelled(in_one_breath(spoken, longest_pause_s))


def played_at(samples: Samples, factor: float) -> Samples:
    """The samples as a tape run `factor` times as fast."""
    positions = np.arange(0, len(samples) - 1, factor)
    return np.interp(positions, np.arange(len(samples)), samples)


def handset(samples: Samples, tilt: float) -> Samples:
    """Limit to the telephone band (300-3400 Hz) and tilt by `tilt` decibels per octave."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / TELEPHONE)
    octaves = np.log2(np.maximum(hertz, 50) / 1000)
    gain = 10 ** (np.clip(tilt * octaves, -12, 12) / 20)
    gain *= np.clip((hertz - 150) / 150, 0, 1) * np.clip((3600 - hertz) / 200, 0, 1)
    return np.fft.irfft(spectrum * gain, len(samples))


def trimmed(samples: Samples, rate: int) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    margin = round(MARGIN_S * rate)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def in_one_breath(samples: Samples, longest_s: float) -> Samples:
    """Cut the middle out of pauses longer than `longest_s`."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = (frames**2).mean(axis=1)
    keep = np.ones(len(frames), bool)
    half = round(longest_s * 50) // 2
    start: int | None = None
    for index, voiced in enumerate([*(power > power.max() / 1000), True]):
        if not voiced and start is None:
            start = index
        elif voiced and start is not None:
            if start > 0:  # the outer silence is already trimmed
                keep[start + half : max(start + half, index - half)] = False
            start = None
    return np.concatenate([frames[keep].ravel(), samples[len(frames) * FRAME :]])


def levelled(samples: Samples) -> Samples:
    """Bring the spoken part to the level of telephone speech, peaks bent rather than cut."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = (frames**2).mean(axis=1)
    spoken = power[power > power.max() / 300]
    scaled = samples * (SPEECH_RMS / math.sqrt(spoken.mean()))
    return PEAK * np.tanh(scaled / PEAK)


def main() -> None:
    table = tomllib.loads((SOUNDS / "phrases.toml").read_text(encoding="utf-8"))
    voices = {voice["name"]: voice for voice in table["voices"]}
    jobs = [
        (f"{name}_{phrase}", text, voice, PHRASE_PAUSE_S)
        for name, voice in voices.items()
        for phrase, text in table["phrases"].items()
    ]
    jobs += [
        (name, one["text"], voices[one["voice"]], ANNOUNCEMENT_PAUSE_S)
        for name, one in table["announcements"].items()
    ]
    seconds = 0.0
    for name, text, voice, pause_s in jobs:
        samples = speak(text, voice, longest_pause_s=pause_s)
        write_wav(SOUNDS / f"{name}.wav", samples)
        seconds += len(samples) / TELEPHONE
        sys.stdout.write(f"{name}: {len(samples) / TELEPHONE:.2f} s\n")
    sys.stdout.write(f"{len(jobs)} sounds, {seconds:.0f} s\n")


if __name__ == "__main__":
    main()
