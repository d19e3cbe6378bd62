"""Recording what arrives: order, gaps, wraps and the end of the tape."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from softphone.audio.g711 import encode
from softphone.audio.tones import level_dbfs, tone, tone_dbfs
from softphone.audio.wav import read_wav, to_pcm16
from softphone.practice_carrier.tape import LONGEST_SAMPLES, Tape

FRAME = encode(to_pcm16(tone(500, 20, ramp_ms=0)), "PCMU")


def test_a_gap_in_the_timestamps_is_silence_on_the_tape(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "heard.wav", "PCMU")
    for n in [*range(10), *range(60, 70)]:
        tape.hear(FRAME, 5000 + n * 160)
    samples = to_pcm16(read_wav(tape.save()))
    assert len(samples) == 70 * 160
    assert tone_dbfs(samples[:1600], 500) == pytest.approx(-15, abs=0.3)
    assert level_dbfs(samples[1600:9600]) == -96
    assert tone_dbfs(samples[9600:], 500) == pytest.approx(-15, abs=0.3)


def test_packets_out_of_order_and_over_the_wrap_land_in_place(tmp_path: Path) -> None:
    loud, soft = FRAME, encode(np.zeros(160, np.int16), "PCMU")
    tape = Tape(tmp_path / "heard.wav", "PCMU")
    start = 2**32 - 160
    for offset, payload in ((0, soft), (320, loud), (160, soft), (480, soft)):
        tape.hear(payload, (start + offset) & 0xFFFFFFFF)
    levels = [level_dbfs(f) for f in to_pcm16(read_wav(tape.save())).reshape(-1, 160)]
    assert [level > -20 for level in levels] == [False, False, True, False]


def test_the_tape_ends_and_an_empty_one_is_an_empty_file(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "heard.wav", "PCMA")
    assert len(read_wav(tape.save())) == 0
    tape.hear(FRAME, 0)
    tape.hear(FRAME, LONGEST_SAMPLES)
    assert len(read_wav(tape.save())) == 160
