"""Render the speech of the screening samples with espeak-ng, from tests/fixtures/screening.

    python tools/render_screening_samples.py

A tool of the workshop: tests and benchmarks read the committed files. It needs the Debian package
espeak-ng. Another engine than the practice carrier's on purpose: thresholds that fit one
synthesiser's voice and no other would show. Each sample of `samples.toml` becomes `<name>.ulaw`,
raw G.711 µ-law at 8 kHz, the loudest speech at -20 dBFS; lines, levels and noise are put under it
by `tests/softphone/audio/screening_scenes.py`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from softphone.audio.g711 import encode  # noqa: E402
from softphone.audio.wav import to_pcm16  # noqa: E402

SAMPLES = ROOT / "tests" / "fixtures" / "screening"
RATE = 8000
SPEECH_RMS = 10 ** (-20 / 20)
PEAK = 10 ** (-3 / 20)
FRAME = RATE // 50
# Screening decides within 6 s; what is said after that nobody needs to keep.
LONGEST_S = 5.2

Samples = NDArray[np.float64]


def speak(text: str, sample: dict[str, Any]) -> Samples:
    """One phrase at 8 kHz in the telephone band, without the silence around it."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "spoken.wav"
        command = ["espeak-ng", "-v", f"ja+{sample['voice']}", "-w", str(path)]
        command += ["-p", str(sample["pitch"]), "-s", str(sample["speed"]), text]
        subprocess.run(command, check=True)
        with wave.open(str(path), "rb") as sound:
            rate = sound.getframerate()
            octets = sound.readframes(sound.getnframes())
    wide = np.frombuffer(octets, "<i2").astype(np.float64) / 32768
    spectrum = np.fft.rfft(wide)
    hertz = np.fft.rfftfreq(wide.size, 1 / rate)
    spectrum *= np.clip((hertz - 200) / 100, 0, 1) * np.clip((3600 - hertz) / 200, 0, 1)
    band = np.fft.irfft(spectrum, wide.size)
    instants = np.arange(0, wide.size / rate, 1 / RATE)
    narrow = np.interp(instants, np.arange(wide.size) / rate, band)
    loud = np.flatnonzero(np.abs(narrow) > 0.02 * np.abs(narrow).max())
    return narrow[loud[0] : loud[-1] + 1]


def render(sample: dict[str, Any]) -> Samples:
    """The phrases of `says` with the pauses (seconds) between them."""
    parts = [
        np.zeros(round(part * RATE)) if isinstance(part, float) else speak(part, sample)
        for part in sample["says"]
    ]
    return levelled(np.concatenate(parts)[: round(LONGEST_S * RATE)])


def levelled(samples: Samples) -> Samples:
    """The spoken part to the level of telephone speech, peaks bent rather than cut."""
    frames = samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME)
    power = (frames**2).mean(axis=1)
    spoken = power[power > power.max() / 300]
    return PEAK * np.tanh(samples * (SPEECH_RMS / np.sqrt(spoken.mean())) / PEAK)


def main() -> None:
    table = tomllib.loads((SAMPLES / "samples.toml").read_text(encoding="utf-8"))
    for name, sample in table.items():
        spoken = render(sample)
        (SAMPLES / f"{name}.ulaw").write_bytes(encode(to_pcm16(spoken), "PCMU"))
        sys.stdout.write(f"{name}: {spoken.size / RATE:.2f} s\n")


if __name__ == "__main__":
    main()
