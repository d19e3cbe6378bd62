"""What the bridge, the prompts and the screening see of a call leg, whichever transport it has."""

from __future__ import annotations

from typing import Protocol

from softphone.audio.g711 import Codec
from softphone.rtp.stream import ReceptionReport


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

    @property
    def unanswered_s(self) -> float:
        """Seconds for which the party has left our checks unanswered, heard or not; 0.0 while it
        answers, and where nothing is checked."""
        ...

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        """Send a payload in the leg's codec; a leg drops it that is closed, not yet up, or
        whose party wants to hear nothing for the time being.

        `source` is whoever makes the audio, compared by identity; `timestamp` is its own clock in
        samples. One source's spacing is kept; between two sources the clock follows wall time.
        """
        ...


class Reports(Protocol):
    """What a peer's RTCP says of the stream we send."""

    @property
    def lost_share(self) -> float: ...

    @property
    def jitter_ms(self) -> float: ...

    @property
    def round_trip_ms(self) -> float | None: ...


class TrunkMedia(Protocol):
    """What is measured of a customer's leg (`session.RtpSession`)."""

    @property
    def received(self) -> ReceptionReport: ...

    @property
    def heard(self) -> Reports | None: ...

    @property
    def noise_dbfs(self) -> float: ...


class Tap(Protocol):
    """Overhears a customer's leg, for the recording. Called for each packet: it must be quick."""

    def heard(self, payload: bytes, codec: Codec, /) -> None:
        """What the customer said, as it arrived."""
        ...

    def sent(self, payload: bytes, codec: Codec, /) -> None:
        """What was sent to the customer: the operator, music, a prompt, silence."""
        ...
