"""Keys as tones: made and found, and not found in speech, music and prompts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from softphone.audio import tones
from softphone.audio.dtmf import (
    DIGITS,
    HIGH_HZ,
    LOW_HZ,
    DtmfDetector,
    key_frames,
    key_tone,
)
from softphone.audio.g711 import PAYLOAD_TYPES, Codec, encode
from softphone.audio.prompts import Sound, load_sounds
from softphone.audio.tones import Samples
from softphone.audio.wav import to_pcm16
from softphone.practice_carrier.voices import Repertoire

RNG = np.random.default_rng(3)
OFFSETS = (0, 37, 80, 121)


def heard(
    samples: Samples, *, codec: Codec = "PCMU", octets: int = 160, noise_dbfs: float = -50.0
) -> list[tuple[str, int]]:
    noise = RNG.normal(0, 10 ** (noise_dbfs / 20), samples.size)
    audio = encode(to_pcm16(np.clip(samples + noise, -1, 1)), codec)
    detector = DtmfDetector(codec)
    found = (detector.hear(audio[at : at + octets]) for at in range(0, len(audio), octets))
    return [each for each in found if each is not None]


def pressed(digits: str, *, ms: int, gap_ms: int = 70, offset: int = 0) -> Samples:
    parts = [np.zeros(offset + 400)]
    for digit in digits:
        parts += [key_tone(digit, ms), tones.silence(gap_ms)]
    return np.concatenate([*parts, tones.silence(100)])


def pair(low_hz: float, high_hz: float, *, low: float = -14.0, high: float = -12.0) -> Samples:
    tone = tones.tone(low_hz, 100, level_dbfs=low) + tones.tone(high_hz, 100, level_dbfs=high)
    return np.concatenate([tones.silence(50), tone, tones.silence(100)])


@pytest.mark.parametrize("codec", list(PAYLOAD_TYPES))
@pytest.mark.parametrize("octets", [80, 160, 240])
def test_every_key_is_found_once_in_its_order(codec: Codec, octets: int) -> None:
    for offset in OFFSETS:
        found = heard(pressed(DIGITS, ms=100, offset=offset), codec=codec, octets=octets)
        assert "".join(digit for digit, _ in found) == DIGITS
        assert all(60 <= ms <= 120 for _, ms in found)


@pytest.mark.parametrize("offset", OFFSETS)
def test_quick_keys_on_a_noisy_line_are_found(offset: int) -> None:
    found = heard(pressed("2580#", ms=60, gap_ms=50, offset=offset), noise_dbfs=-36)
    assert "".join(digit for digit, _ in found) == "2580#"


@pytest.mark.parametrize("off", [0.985, 0.99, 1.01, 1.015])
def test_frequencies_a_little_off_are_taken(off: float) -> None:
    assert [d for d, _ in heard(pair(770 * off, 1336 * off))] == ["5"]


@pytest.mark.parametrize("off", [0.965, 1.035])
def test_frequencies_far_off_are_not(off: float) -> None:
    for low, high in zip(LOW_HZ, HIGH_HZ, strict=True):
        assert heard(pair(low * off, high * off)) == []


@pytest.mark.parametrize(
    ("low", "high", "taken"), [(-14, -11, 1), (-12, -19, 1), (-18, -10, 0), (-10, -22, 0)]
)
def test_the_two_tones_must_be_about_equally_strong(low: float, high: float, taken: int) -> None:
    assert len(heard(pair(852, 1209, low=low, high=high))) == taken


def test_a_weak_key_and_a_blip_are_not_taken() -> None:
    assert heard(pair(697, 1209, low=-42, high=-40), noise_dbfs=-70) == []
    assert heard(pressed("5", ms=20)) == []


def test_a_lost_packet_does_not_make_two_keys_of_one() -> None:
    frames = [*key_frames("7", 200, "PCMU")]
    frames[4] = b"\xff" * 160
    detector = DtmfDetector("PCMU")
    found = [detector.hear(frame) for frame in [*frames, *[b"\xff" * 160] * 5]]
    assert [each[0] for each in found if each is not None] == ["7"]


@pytest.mark.parametrize("gain", [0.5, 1.0, 3.0])
def test_no_key_is_found_in_the_voices_of_the_practice_carrier(gain: float) -> None:
    repertoire = Repertoire()
    names = [f"{v}_{p}" for v in repertoire.voices for p in sorted(repertoire.phrases)]
    names += sorted(repertoire.announcements)
    speech = np.concatenate([repertoire.sound(name).samples for name in names])
    assert speech.size > 60 * 8000
    assert heard(speech * gain) == []


def test_no_key_is_found_in_prompts_music_and_network_tones() -> None:
    sounds = load_sounds()
    audio = [
        getattr(sounds, field.name).samples
        for field in dataclasses.fields(sounds)
        if isinstance(getattr(sounds, field.name), Sound)
    ]
    assert audio
    audio += [tones.ringback(), tones.busy(), tones.special_information(), tones.check_tone()]
    assert heard(np.concatenate(audio)) == []


def test_what_is_no_key_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="substring"):
        key_tone("E", 100)
