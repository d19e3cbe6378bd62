"""Turn taking on levels: speech, pauses, noise and their confusions."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.g711 import Codec, encode
from softphone.practice_carrier.hearing import Hearing, power_of

SPEECH = 2500.0**2
NOISE = 40.0**2


def ends(hearing: Hearing, power: float, seconds: float) -> int:
    return sum(hearing.feed(power) for _ in range(round(seconds / 0.02)))


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_the_power_of_a_payload_is_its_mean_square(codec: Codec) -> None:
    samples = np.array([1000, -1000] * 80, np.int16)
    assert power_of(encode(samples, codec), codec) == pytest.approx(1e6, rel=0.05)


def test_a_turn_ends_once_after_speech_and_a_pause() -> None:
    hearing = Hearing()
    assert ends(hearing, SPEECH, 1.0) == 0
    assert ends(hearing, NOISE, 0.6) == 0
    assert ends(hearing, NOISE, 0.2) == 1
    assert ends(hearing, NOISE, 10.0) == 0


def test_a_click_is_no_turn() -> None:
    hearing = Hearing()
    ends(hearing, NOISE, 1.0)
    ends(hearing, SPEECH, 0.1)
    assert ends(hearing, NOISE, 2.0) == 0


def test_speech_over_a_noisy_line_is_still_told_from_the_noise() -> None:
    hearing = Hearing()
    loud_noise = 150.0**2
    ends(hearing, loud_noise, 3.0)
    ends(hearing, SPEECH, 0.5)
    assert ends(hearing, loud_noise, 1.0) == 1


def test_digital_silence_does_not_make_noise_count_as_speech() -> None:
    hearing = Hearing()
    ends(hearing, 0.0, 5.0)
    ends(hearing, NOISE, 5.0)
    assert ends(hearing, 0.0, 2.0) == 0


def test_a_steady_tone_never_ends_a_turn() -> None:
    hearing = Hearing()
    assert ends(hearing, SPEECH, 60.0) == 0
