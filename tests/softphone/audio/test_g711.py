"""The G.711 tables against the values of the recommendation and against each other."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.g711 import Codec, decode, encode, silence, translation

LAWS: list[Codec] = ["PCMU", "PCMA"]
EVERY_CODE = bytes(range(256))


def test_known_values_of_both_laws() -> None:
    """ITU-T G.711 tables 1 and 2, in 16-bit steps."""
    assert list(decode(bytes([0x00, 0x80, 0xFF, 0x7F, 0xF0]), "PCMU")) == [-32124, 32124, 0, 0, 120]
    assert list(decode(bytes([0x2A, 0xAA, 0xD5, 0x55]), "PCMA")) == [-32256, 32256, 8, -8]


@pytest.mark.parametrize("law", LAWS)
def test_every_code_survives_decoding_and_encoding(law: Codec) -> None:
    values = decode(EVERY_CODE, law)
    assert np.array_equal(decode(encode(values, law), law), values)


@pytest.mark.parametrize("law", LAWS)
def test_no_code_word_is_nearer_than_the_chosen_one(law: Codec) -> None:
    samples = np.arange(-32768, 32768, 7, dtype=np.int16)
    chosen = decode(encode(samples, law), law).astype(int)
    ladder = np.sort(decode(EVERY_CODE, law).astype(int))
    best = np.abs(ladder[None, :] - samples.astype(int)[:, None]).min(axis=1)
    assert np.array_equal(np.abs(chosen - samples), best)


@pytest.mark.parametrize("law", LAWS)
def test_zero_is_the_silence_octet(law: Codec) -> None:
    assert encode(np.zeros(3, np.int16), law) == silence(law, 3)
    assert len(silence(law)) == 160


def test_one_law_needs_no_translation() -> None:
    assert translation("PCMU", "PCMU") is None


@pytest.mark.parametrize(("source", "target"), [("PCMU", "PCMA"), ("PCMA", "PCMU")])
def test_a_translated_payload_sounds_the_same(source: Codec, target: Codec) -> None:
    table = translation(source, target)
    assert table is not None
    before = decode(EVERY_CODE, source).astype(float)
    after = decode(EVERY_CODE.translate(table), target).astype(float)
    # A step of either law is at most a sixteenth of the value, and 16 near zero.
    assert np.all(np.abs(before - after) <= np.abs(before) / 16 + 16)
    assert silence(source).translate(table) == silence(target)
