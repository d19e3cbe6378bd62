"""Two tracks on one clock: each packet of a call finds its place by the instant it arrived.

A recording must show who spoke when, though packets come late, in bursts, or not at all. So nothing
is decided the moment a packet arrives: a little later it is known what followed it.

* A packet was spoken at the latest when it arrived, and it was spoken before the packets after it.
  Looking back from the newest one, each gets the latest instant at which it can have ended; ten
  packets that come at once after a stall fall back into the gap they belong to.
* A gap of more than 60 ms beyond that is silence (hold, loss, nobody spoke); less is jitter, and
  speech is not cut up for it.
* Packets of digital silence take no place: silence is what is there anyway. So the silence that was
  sent while a browser stalled gives way to the speech that comes after.
* A source that still runs ahead of the clock by more than 200 ms loses a packet.

Instants are samples (1/8000 s) since the beginning of the recording. No I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator

from softphone.audio.g711 import SAMPLE_RATE, SILENCE_OCTET, Codec, translation

CHUNK_SAMPLES = SAMPLE_RATE // 2
# How long a packet may lag behind those that follow it and still find its place.
LOOK_BACK_SAMPLES = SAMPLE_RATE * 4 // 10
_GAP_SAMPLES = 480
_AHEAD_SAMPLES = 1600


class Track:
    """One direction of a call, as octets of one law."""

    def __init__(self, law: Codec) -> None:
        self._law = law
        self._silence = SILENCE_OCTET[law]
        self._waiting: list[tuple[int, bytes]] = []
        self._sound = bytearray()
        self._base = 0  # the instant of the first octet of `_sound`
        self._exact = True  # the next packet goes exactly where it belongs
        self.dropped = 0

    def add(self, arrived: int, payload: bytes, codec: Codec) -> None:
        """A payload that arrived then."""
        table = translation(codec, self._law)
        if table is not None:
            payload = payload.translate(table)
        if payload.count(self._silence) < len(payload):
            self._waiting.append((arrived, payload))

    def settle(self, horizon: int) -> None:
        """Give its place to every packet that begins before `horizon`."""
        settled = 0
        for (_, payload), end in zip(self._waiting, self._latest_ends(), strict=True):
            start = end - len(payload)
            if start >= horizon:
                break
            settled += 1
            self._place(payload, start)
        del self._waiting[:settled]

    def take(self, samples: int) -> bytes:
        """The next octets, filled up with silence."""
        taken = bytes(self._sound[:samples])
        del self._sound[:samples]
        self._base += samples
        if len(taken) < samples:
            self._exact = True
            taken += self._silence * (samples - len(taken))
        return taken

    @property
    def end(self) -> int:
        """The instant up to which there is sound."""
        return self._base + len(self._sound)

    def _latest_ends(self) -> list[int]:
        """For each waiting packet the latest instant at which it can have ended."""
        ends = [0] * len(self._waiting)
        bound = self._waiting[-1][0] if self._waiting else 0
        for place in range(len(ends) - 1, -1, -1):
            arrived, payload = self._waiting[place]
            bound = min(bound, arrived)
            ends[place] = bound
            bound -= len(payload)
        return ends

    def _place(self, payload: bytes, start: int) -> None:
        gap = start - self.end
        if gap > (0 if self._exact else _GAP_SAMPLES):
            self._sound += self._silence * gap
        elif gap < -_AHEAD_SAMPLES:
            self.dropped += 1
            return
        self._exact = False
        self._sound += payload


class Tracks:
    """Both directions; chunks hold channel 0 (sent to the customer), then channel 1 (heard)."""

    def __init__(self, law: Codec) -> None:
        self.sent = Track(law)
        self.heard = Track(law)
        self._taken = 0

    def chunks(self, now: int) -> Iterator[bytes]:
        """The chunks that are settled by now."""
        horizon = now - LOOK_BACK_SAMPLES
        if self._taken + CHUNK_SAMPLES > horizon:
            return
        self._settle(horizon)
        while self._taken + CHUNK_SAMPLES <= horizon:
            yield self._take(CHUNK_SAMPLES)

    def rest(self, end: int) -> Iterator[bytes]:
        """Everything there is up to the end of the recording; the last chunk may be shorter."""
        self._settle(end + LOOK_BACK_SAMPLES)
        end = max(end, self.sent.end, self.heard.end)
        while self._taken < end:
            yield self._take(min(CHUNK_SAMPLES, end - self._taken))

    def _settle(self, horizon: int) -> None:
        self.sent.settle(horizon)
        self.heard.settle(horizon)

    def _take(self, samples: int) -> bytes:
        self._taken += samples
        return self.sent.take(samples) + self.heard.take(samples)
