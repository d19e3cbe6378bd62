"""A leg's level and noise floor, from its payloads as they arrive."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio import tones
from softphone.audio.g711 import FRAME_SAMPLES, PAYLOAD_TYPES, Codec, encode
from softphone.audio.levels import LevelMeter
from softphone.audio.tones import FLOOR_DBFS, Samples
from softphone.audio.wav import to_pcm16

RNG = np.random.default_rng(7)


def noise(seconds: float, level_dbfs: float) -> Samples:
    return RNG.normal(0.0, 10 ** (level_dbfs / 20), int(seconds * 8000))


def feed(
    meter: LevelMeter, samples: Samples, *, codec: Codec = "PCMU", octets: int = FRAME_SAMPLES
) -> None:
    payloads = encode(to_pcm16(samples), codec)
    for start in range(0, len(payloads), octets):
        meter.hear(payloads[start : start + octets])


def talk(seconds: int, *, background_dbfs: float) -> Samples:
    """Words of 300 ms with gaps of 150 ms over a steady background."""
    word = np.concatenate([tones.tone(180, 300, level_dbfs=-20), tones.silence(150)])
    speech = np.tile(word, seconds * 8000 // word.size + 1)[: seconds * 8000]
    return speech + noise(seconds, background_dbfs)


@pytest.mark.parametrize("codec", list(PAYLOAD_TYPES))
@pytest.mark.parametrize("octets", [80, 160, 240])
def test_the_level_is_that_of_the_last_second(codec: Codec, octets: int) -> None:
    meter = LevelMeter(codec)
    feed(meter, tones.tone(440, 3000, level_dbfs=-6), codec=codec, octets=octets)
    feed(meter, tones.tone(440, 1500, level_dbfs=-20, ramp_ms=0), codec=codec, octets=octets)
    assert meter.level_dbfs == pytest.approx(-20, abs=0.5)


def test_nothing_heard_is_the_floor() -> None:
    meter = LevelMeter()
    assert meter.level_dbfs == meter.noise_dbfs == FLOOR_DBFS
    feed(meter, tones.silence(6000))
    assert meter.level_dbfs == meter.noise_dbfs == FLOOR_DBFS


@pytest.mark.parametrize("background_dbfs", [-30.0, -40.0, -55.0])
def test_the_noise_floor_is_what_is_heard_between_words(background_dbfs: float) -> None:
    meter = LevelMeter()
    feed(meter, talk(8, background_dbfs=background_dbfs))
    assert meter.noise_dbfs == pytest.approx(background_dbfs, abs=1.5)
    assert meter.level_dbfs > -24


def test_a_noise_floor_takes_five_seconds() -> None:
    meter = LevelMeter()
    feed(meter, noise(4.8, -30))
    assert meter.noise_dbfs == FLOOR_DBFS
    feed(meter, noise(0.3, -30))
    assert meter.noise_dbfs == pytest.approx(-30, abs=1)


def test_reading_every_second_or_once_gives_the_same_figures() -> None:
    often, once = LevelMeter(), LevelMeter()
    audio = talk(6, background_dbfs=-45)
    for second in np.split(audio, 6):
        feed(often, second)
        assert often.level_dbfs > FLOOR_DBFS
    feed(once, audio)
    assert often.noise_dbfs == once.noise_dbfs
    assert often.level_dbfs == once.level_dbfs


def test_another_law_starts_anew() -> None:
    meter = LevelMeter()
    feed(meter, tones.tone(440, 1000, level_dbfs=-10))
    meter.codec = "PCMA"
    assert meter.level_dbfs == FLOOR_DBFS
    feed(meter, tones.tone(440, 1000, level_dbfs=-30), codec="PCMA")
    assert meter.level_dbfs == pytest.approx(-30, abs=0.5)
