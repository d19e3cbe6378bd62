"""What is kept of how the customer answered."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.g711 import Codec, encode, silence
from softphone.audio.tones import Samples, level_dbfs, tone, tone_dbfs
from softphone.audio.wav import to_pcm16
from softphone.customer.greeting import KEPT_FRAMES, voiced


def payloads(samples: Samples, codec: Codec = "PCMU") -> list[bytes]:
    octets = encode(to_pcm16(samples), codec)
    return [octets[i : i + 160] for i in range(0, len(octets), 160)]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_the_voiced_part_is_kept_six_decibels_quieter(codec: Codec) -> None:
    word = tone(600, 400, level_dbfs=-14)
    quiet = [silence(codec)] * 20
    sound = voiced([*quiet, *payloads(word, codec), *quiet], codec)
    assert sound is not None
    assert 400 <= sound.duration_ms <= 540
    samples = to_pcm16(sound.samples)
    assert tone_dbfs(samples[1000:3000], 600) == pytest.approx(-20, abs=0.5)
    assert abs(int(samples[0])) < 20 and abs(int(samples[-1])) < 20


def test_line_noise_and_silence_are_no_greeting() -> None:
    noise = np.random.default_rng(1).normal(0, 0.002, 16_000)
    assert level_dbfs(to_pcm16(noise)) < -50
    assert voiced(payloads(noise), "PCMU") is None
    assert voiced([], "PCMU") is None
    assert voiced([b"\xff" * 33], "PCMU") is None


def test_a_pause_between_two_words_stays() -> None:
    word = tone(600, 200, level_dbfs=-14)
    sound = voiced(payloads(np.concatenate([word, np.zeros(3200), word])), "PCMU")
    assert sound is not None and sound.duration_ms == 800


def test_two_seconds_are_kept() -> None:
    assert KEPT_FRAMES * 20 == 2000
