"""The table says what decoding, adding, clipping and encoding would."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.g711 import Codec, decode, encode
from softphone.audio.mixing import FrameQueue, mix, mix_all

CODECS: tuple[Codec, ...] = ("PCMU", "PCMA")


def summed(first: bytes, second: bytes, codec: Codec) -> bytes:
    total = decode(first, codec).astype(np.int32) + decode(second, codec)
    return encode(np.clip(total, -32768, 32767).astype(np.int16), codec)


@pytest.mark.parametrize("codec", CODECS)
def test_every_pair_of_code_words_is_added_exactly(codec: Codec) -> None:
    pairs = np.arange(65536, dtype=np.uint32)
    first = (pairs >> 8).astype(np.uint8).tobytes()
    second = (pairs & 255).astype(np.uint8).tobytes()
    assert mix(first, second, codec) == summed(first, second, codec)


@pytest.mark.parametrize("codec", CODECS)
def test_loud_voices_saturate_and_do_not_wrap(codec: Codec) -> None:
    loud = encode(np.full(160, 30_000, np.int16), codec)
    assert decode(mix_all([loud, loud, loud], codec), codec).min() > 30_000


def test_the_shorter_packet_counts() -> None:
    assert len(mix(bytes(160), bytes(80), "PCMU")) == 80


def test_packets_of_any_length_become_frames() -> None:
    queue = FrameQueue()
    queue.put(bytes(80))
    assert queue.pull() is None
    queue.put(bytes(240))
    assert [len(queue.pull() or b"") for _ in range(3)] == [160, 160, 0]


def test_the_oldest_frames_go_when_more_than_four_wait() -> None:
    queue = FrameQueue()
    for number in range(6):
        queue.put(bytes([number]) * 160)
    pulled = [queue.pull() for _ in range(5)]
    assert [frame[0] if frame else None for frame in pulled] == [2, 3, 4, 5, None]
    queue.put(bytes(160))
    queue.clear()
    assert queue.pull() is None
