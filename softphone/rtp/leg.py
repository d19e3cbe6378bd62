"""What the bridge, the prompts and the screening see of a call leg, whichever transport it has."""

from __future__ import annotations

from typing import Protocol

from softphone.audio.g711 import Codec


class AudioSink(Protocol):
    """Receives each arriving payload, G.711 in the leg's own codec, with its RTP timestamp."""

    def __call__(self, payload: bytes, timestamp: int, /) -> None: ...


class Leg(Protocol):
    """One party's audio, both ways. Instants are the event loop's time, 0.0 meaning never."""

    sink: AudioSink | None

    @property
    def codec(self) -> Codec: ...

    @property
    def last_packet_at(self) -> float: ...

    @property
    def last_sent_at(self) -> float: ...

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        """Send a payload in the leg's codec; a leg that is closed or not yet up drops it.

        `source` is whoever makes the audio, compared by identity; `timestamp` is its own clock in
        samples. One source's spacing is kept; between two sources the clock follows wall time.
        """
        ...


class Tap(Protocol):
    """Overhears a customer's leg, for the recording. Called for each packet: it must be quick."""

    def heard(self, payload: bytes, codec: Codec, /) -> None:
        """What the customer said, as it arrived."""
        ...

    def sent(self, payload: bytes, codec: Codec, /) -> None:
        """What was sent to the customer: the operator, music, a prompt, silence."""
        ...
