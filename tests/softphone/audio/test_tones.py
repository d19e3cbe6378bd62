"""Generated tones have the levels and frequencies they claim; the measures agree."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio import tones
from softphone.audio.tone_patterns import pure_tone_hz
from softphone.audio.wav import to_pcm16


@pytest.mark.parametrize("hz", [400, 440, 1000, 2100])
def test_a_tone_measures_as_made(hz: int) -> None:
    samples = to_pcm16(tones.tone(hz, 400, level_dbfs=-18, ramp_ms=0))
    assert tones.level_dbfs(samples) == pytest.approx(-18, abs=0.2)
    assert tones.tone_dbfs(samples, hz) == pytest.approx(-18, abs=0.2)
    assert tones.tone_dbfs(samples, hz + 50) < -50


def test_silence_measures_as_the_floor() -> None:
    for samples in (np.zeros(160, np.int16), np.zeros(0, np.int16)):
        assert tones.level_dbfs(samples) == tones.FLOOR_DBFS
        assert tones.tone_dbfs(samples, 440) == tones.FLOOR_DBFS


def test_the_zip_tone_is_short() -> None:
    assert tones.zip_tone().size == 160 * 8


@pytest.mark.parametrize("hz", [395.0, 400.0, 660.0, 1000.0, 1633.0, 2100.0])
def test_one_frame_is_enough_to_name_a_pure_tone(hz: float) -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 60, 160) / 32768
    frame = to_pcm16(tones.tone(hz, 20, level_dbfs=-20, ramp_ms=0) + noise)
    measured = pure_tone_hz(frame)
    assert measured is not None
    assert measured == pytest.approx(hz, abs=8)


@pytest.mark.parametrize("hz", [350.0, 425.0, 520.0])
def test_what_may_be_a_hummed_voice_is_no_pure_tone(hz: float) -> None:
    assert pure_tone_hz(to_pcm16(tones.tone(hz, 20, level_dbfs=-20, ramp_ms=0))) is None


def test_noise_and_two_tones_are_no_pure_tone() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 160).astype(np.int16)
    assert pure_tone_hz(noise) is None
    two = tones.tone(697, 20, ramp_ms=0) + tones.tone(1336, 20, ramp_ms=0)
    assert pure_tone_hz(to_pcm16(two)) is None
    assert pure_tone_hz(np.zeros(160, np.int16)) is None
