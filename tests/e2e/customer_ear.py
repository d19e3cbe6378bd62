"""What a practice customer heard: the carrier's recording of a call, by the clock on the wall."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softphone.audio.g711 import SAMPLE_RATE
from softphone.audio.tones import FLOOR_DBFS, tone_dbfs
from tests.e2e.browser import MICROPHONE_HZ
from tests.product import Product
from tests.waiting import until

WINDOW_S = 0.2
AUDIBLE_DBFS = -45.0
# The notes of the first bars of our music, which are neither a tone of a test nor a voice.
MUSIC_HZ = (261.6, 329.6, 392.0, 523.3, 659.3, 220.0)


@dataclass(frozen=True)
class CustomerEar:
    """One ended call: 16-bit samples from the answer on, and the carrier's instants."""

    samples: NDArray[np.int16]
    answered_at: datetime
    ended_at: datetime
    ended_by: str

    def dbfs(self, at: datetime, hz: float = MICROPHONE_HZ) -> float:
        """Level of a tone in the 200 ms from `at` on; the operator's microphone by default."""
        start = int((at - self.answered_at).total_seconds() * SAMPLE_RATE)
        piece = self.samples[max(0, start) : max(0, start) + int(WINDOW_S * SAMPLE_RATE)]
        return tone_dbfs(piece, hz) if piece.size else FLOOR_DBFS

    def loudest_dbfs(self, start: datetime, end: datetime) -> float:
        """The operator's microphone in the loudest window between two instants."""
        return max(self.dbfs(at) for at in windows(start, end))

    def quietest_dbfs(self, start: datetime, end: datetime) -> float:
        """The operator's microphone in the quietest window between two instants."""
        return min(self.dbfs(at) for at in windows(start, end))

    def heard_alone(self, start: datetime, end: datetime, *, but_not: float) -> bool:
        """Whether a window between two instants holds the operator's microphone and no other tone.

        Where the sound stutters a tone is heard a little at every frequency; one that is really
        there is in every window.
        """
        return any(
            self.dbfs(at) > AUDIBLE_DBFS >= self.dbfs(at, hz=but_not) for at in windows(start, end)
        )

    def waited_with_music(
        self, start: datetime, end: datetime, *, but_not: float = MICROPHONE_HZ
    ) -> bool:
        """Not a word of one of ours, and notes most of the time: silence would be a lost line."""
        pieces = windows(start, end)
        notes = [max(self.dbfs(at, hz) for hz in MUSIC_HZ) for at in pieces]
        played = sum(dbfs > AUDIBLE_DBFS for dbfs in notes) > 0.5 * len(notes)
        return played and all(self.dbfs(at, but_not) <= AUDIBLE_DBFS for at in pieces)

    def seconds_without_operator(self, start: datetime, end: datetime) -> float:
        """How long the operator's microphone was not to be heard between two instants."""
        return sum(self.dbfs(at) <= AUDIBLE_DBFS for at in windows(start, end)) * WINDOW_S

    def seconds_with_operator(self) -> float:
        """How long the operator's microphone was to be heard."""
        size = int(WINDOW_S * SAMPLE_RATE)
        pieces = [self.samples[at : at + size] for at in range(0, self.samples.size, size)]
        loud = sum(tone_dbfs(piece, MICROPHONE_HZ) > AUDIBLE_DBFS for piece in pieces)
        return loud * WINDOW_S


def windows(start: datetime, end: datetime) -> list[datetime]:
    """Where each whole window between two instants begins; one at the least."""
    windows = max(1, int((end - start).total_seconds() / WINDOW_S))
    return [start + timedelta(seconds=WINDOW_S * n) for n in range(windows)]


def is_alive(product: Product, number: str) -> bool:
    """Whether the carrier has an answered call to this number that has not ended."""
    return bool(_last(product, number, "answer")) and not _last(product, number, "end")


def after_the_call(product: Product, number: str) -> CustomerEar:
    """Wait for the end of the last call to this number and take the recording."""
    ended = until(lambda: _last(product, number, "end"), what=f"the end of {number}")
    answered = _last(product, number, "answer")
    call = "".join(c if c.isalnum() else "-" for c in ended["call"])[:40]
    with wave.open(str(product.heard_dir / f"{number}-{call}.wav"), "rb") as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    return CustomerEar(
        samples=samples,
        answered_at=datetime.fromisoformat(answered["at"]),
        ended_at=datetime.fromisoformat(ended["at"]),
        ended_by=ended["by"],
    )


def _last(product: Product, number: str, kind: str) -> dict[str, Any]:
    """The line of this kind about the newest call to a number; empty when there is none."""
    events = product.carrier_events()
    calls = [e["call"] for e in events if e["event"] == "invite" and e["number"] == number]
    found = [e for e in events if e["event"] == kind and calls and e["call"] == calls[-1]]
    return found[-1] if found else {}
