"""The sounds: all there, telephone levels, eight people apart, noise under everything."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from softphone.audio.g711 import decode
from softphone.audio.tones import level_dbfs, tone_dbfs
from softphone.audio.wav import to_pcm16
from softphone.practice_carrier.customers import VOICE_NAMES
from softphone.practice_carrier.number_plan import VOICE_COUNT
from softphone.practice_carrier.voices import (
    NOISE,
    SOUND_DIRECTORY,
    Repertoire,
    UnknownSound,
    load_repertoire,
)

REPERTOIRE = load_repertoire()
SPOKEN = [f"{v}_{p}" for v in REPERTOIRE.voices for p in sorted(REPERTOIRE.phrases)]


def pcm(name: str) -> np.ndarray:
    return to_pcm16(REPERTOIRE.sound(name).samples)


def test_table_directory_and_code_agree() -> None:
    assert "".join(REPERTOIRE.voices) == VOICE_NAMES
    assert len(REPERTOIRE.voices) == VOICE_COUNT
    on_disk = {path.stem for path in SOUND_DIRECTORY.glob("*.wav")}
    assert on_disk == set(SPOKEN) | REPERTOIRE.announcements
    size = sum(path.stat().st_size for path in SOUND_DIRECTORY.glob("*.wav"))
    assert size <= 4_000_000


@pytest.mark.parametrize("name", sorted(set(SPOKEN) | REPERTOIRE.announcements))
def test_a_sound_is_speech_at_telephone_level(name: str) -> None:
    samples = pcm(name)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    levels = np.array([level_dbfs(frame) for frame in frames])
    assert 0.2 < len(samples) / 8000 < 10
    assert -30 < levels.max() < -8
    assert np.abs(samples).max() < 32768 * 10 ** (-2.5 / 20)
    assert (levels > -40).mean() > 0.4, "most of it is voice"


def test_line_noise_lies_under_every_sound_and_under_silence() -> None:
    assert level_dbfs(pcm(NOISE)) == pytest.approx(-60.8, abs=0.5)
    for name in [*SPOKEN, *REPERTOIRE.announcements, "beep"]:
        samples = pcm(name)
        usable = samples[: len(samples) // 160 * 160].reshape(-1, 160)
        assert min(level_dbfs(frame) for frame in usable) > -66, name


def test_voices_are_told_apart_by_pitch_or_timbre() -> None:
    prints = {voice: _spectrum(f"{voice}_next_week") for voice in REPERTOIRE.voices}
    for first, second in combinations(prints, 2):
        assert np.abs(prints[first] - prints[second]).max() > 3.0, (first, second)


def _spectrum(name: str) -> np.ndarray:
    """Mean level in third-octave bands, decibels, the whole levelled to 0."""
    samples = pcm(name).astype(float)
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 8000)
    edges = 250 * 2 ** (np.arange(12) / 3)
    bands = [
        power[(hertz >= a) & (hertz < b)].sum() for a, b in zip(edges, edges[1:], strict=False)
    ]
    levels = 10 * np.log10(np.array(bands))
    return levels - levels.mean()


def test_a_test_tone_is_pure_and_has_no_seam() -> None:
    frames = REPERTOIRE.sound("tone_440").frames("PCMU")
    assert len(frames) == 50
    samples = decode(b"".join(frames[-10:] + frames[:10]), "PCMU")
    assert tone_dbfs(samples, 440) == pytest.approx(-15, abs=0.2)
    assert level_dbfs(samples) - tone_dbfs(samples, 440) < 0.1


def test_the_beep_is_a_thousand_hertz() -> None:
    assert tone_dbfs(pcm("beep")[800:4000], 1000) == pytest.approx(-15, abs=0.5)
    assert REPERTOIRE.seconds("beep") == pytest.approx(0.6)


def test_a_sound_nobody_recorded_is_named() -> None:
    with pytest.raises(UnknownSound, match="z_hai"):
        Repertoire().sound("z_hai")
