"""Tones before the answer become evidence."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.g711 import Codec, encode
from softphone.audio.tones import Samples, busy, ringback, special_information, tone
from softphone.audio.wav import to_pcm16
from softphone.early_media import LISTEN_S, EarlyEar


def hear(samples: Samples, codec: Codec = "PCMU") -> list[str]:
    clock = [0.0]
    told: list[str] = []
    ear = EarlyEar(lambda: clock[0], told.append)
    octets = encode(to_pcm16(samples), codec)
    for start in range(0, len(octets), 160):
        clock[0] += 0.02
        ear.hear(octets[start : start + 160], codec)
    return told


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_the_information_tone_is_told_once(codec: Codec) -> None:
    announcement = np.concatenate([np.zeros(4000), special_information(), special_information()])
    assert hear(announcement, codec) == ["information tone"]


def test_a_busy_tone_is_told() -> None:
    assert hear(np.concatenate([busy(), busy(), busy()])) == ["busy tone"]


def test_ringing_and_speech_like_sounds_are_no_evidence() -> None:
    assert hear(np.concatenate([ringback(), ringback()])) == []
    noise = np.random.default_rng(2).normal(0, 0.1, 16_000)
    assert hear(noise) == []


def test_after_a_while_nobody_listens_any_more() -> None:
    late = np.concatenate([np.zeros(int(LISTEN_S * 8000)), special_information()])
    assert hear(late) == []


def test_a_short_packet_is_passed_over() -> None:
    ear = EarlyEar(lambda: 0.0, pytest.fail)
    ear.hear(encode(to_pcm16(tone(950, 5)), "PCMU"), "PCMU")
