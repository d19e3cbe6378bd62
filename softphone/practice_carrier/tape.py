"""Records what a practice customer hears: proof for tests, and what an answering machine keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from softphone.audio.g711 import FRAME_SAMPLES, SAMPLE_RATE, Codec, decode
from softphone.audio.wav import write_wav

LONGEST_SAMPLES = 10 * 60 * SAMPLE_RATE


class Tape:
    """Takes payloads with their RTP timestamps; gaps become silence, so time stays true."""

    def __init__(self, path: Path, codec: Codec) -> None:
        self._path = path
        self._codec = codec
        self._start: int | None = None
        self._pieces: dict[int, bytes] = {}

    def hear(self, payload: bytes, timestamp: int) -> None:
        """Keep a payload at its place; what is older than the first or beyond the tape is lost."""
        if self._start is None:
            self._start = timestamp
        offset = (timestamp - self._start) & 0xFFFFFFFF
        if offset < LONGEST_SAMPLES:
            self._pieces[offset] = payload

    def save(self) -> Path:
        """Write the WAV file (8 kHz, 16 bit, mono); an empty tape gives an empty file."""
        length = max((at + len(piece) for at, piece in self._pieces.items()), default=0)
        samples = np.zeros(length + -length % FRAME_SAMPLES)
        for at, piece in self._pieces.items():
            samples[at : at + len(piece)] = decode(piece, self._codec) / 32768
        write_wav(self._path, samples)
        return self._path
