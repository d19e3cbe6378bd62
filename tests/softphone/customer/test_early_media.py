"""Tones before the answer become evidence."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.g711 import Codec, encode
from softphone.audio.tones import Samples, busy, ringback, special_information, tone
from softphone.audio.wav import to_pcm16
from softphone.customer.early_media import LISTEN_S, SPEECH, EarlyEar, Ears
from tests.softphone.audio.screening_scenes import Source, draw_line, on_the_line, sources


def hear(samples: Samples, codec: Codec = "PCMU") -> list[str]:
    clock = [0.0]
    told: list[str] = []
    over: list[None] = []
    ear = EarlyEar(lambda: clock[0], told.append, on_over=lambda: over.append(None))
    octets = encode(to_pcm16(samples), codec)
    for start in range(0, len(octets), 160):
        clock[0] += 0.02
        ear.hear(octets[start : start + 160], codec)
    ear.close()
    assert over == [None]
    return told


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_the_information_tone_is_told_once(codec: Codec) -> None:
    announcement = np.concatenate([np.zeros(4000), special_information(), special_information()])
    assert hear(announcement, codec) == ["information tone"]


def test_a_busy_tone_is_told() -> None:
    assert hear(np.concatenate([busy(), busy(), busy()])) == ["busy tone"]


def test_ringing_and_speech_like_sounds_are_no_evidence() -> None:
    assert hear(np.concatenate([ringback(), ringback()])) == []
    noise = np.random.default_rng(2).normal(0, 0.1, 48_000)
    assert hear(noise) == []


def test_after_a_while_nobody_listens_any_more() -> None:
    late = np.concatenate([np.zeros(int(LISTEN_S * 8000)), special_information()])
    assert hear(late) == []


def test_a_short_packet_is_passed_over() -> None:
    ear = EarlyEar(lambda: 0.0, pytest.fail, on_over=lambda: None)
    for _ in range(10):
        ear.hear(encode(to_pcm16(tone(950, 5)), "PCMU"), "PCMU")


def early(source: Source) -> list[str]:
    line = draw_line(source, 5, snrs_db=(20.0, 30.0, None))
    frames, _ = on_the_line(source, line)
    return hear(frames.ravel() / 32768)


@pytest.mark.parametrize(
    "source", [s for s in sources() if s.truth == "announcement"], ids=lambda s: s.name
)
def test_an_announcement_without_a_tone_is_evidence_of_speech(source: Source) -> None:
    assert early(source) == [SPEECH]


@pytest.mark.parametrize("source", [s for s in sources() if s.truth == "sit"], ids=lambda s: s.name)
def test_an_announcement_behind_the_information_tone_is_told_by_it(source: Source) -> None:
    assert early(source) == ["information tone"]


def test_a_hummed_or_whistled_melody_is_no_tone_of_the_network() -> None:
    music = next(source for source in sources() if source.truth == "music")
    assert set(early(music)) <= {SPEECH}


def test_there_are_only_so_many_ears_and_each_comes_back_once() -> None:
    ears = Ears(most=2)
    lent = [ears.lend(lambda: 0.0, pytest.fail) for _ in range(3)]
    assert [ear is not None for ear in lent] == [True, True, False]
    for _ in range(2):
        lent[0].close()  # type: ignore[union-attr]
    assert ears.listening == 1
    assert ears.lend(lambda: 0.0, pytest.fail) is not None
