"""What several SIP tests need: a listener that remembers, an offer, a quick trunk's settings."""

from __future__ import annotations

from softphone.sip.calls.endings import SipEnding
from softphone.sip.messages.sdp import offer_audio
from softphone.sip.transport.timing import Timing
from softphone.sip.trunk.settings import TrunkSettings

OFFER = offer_audio(host="127.0.0.1", port=4000, session_id=77)


class HeardCall:
    """An `OutboundListener` that writes down what it hears."""

    def __init__(self) -> None:
        self.rings: list[tuple[int, str | None]] = []
        self.answers: list[str] = []
        self.media: list[str] = []
        self.endings: list[SipEnding] = []

    def on_ringing(self, code: int, sdp: str | None) -> None:
        assert not self.endings
        self.rings.append((code, sdp))

    def on_answer(self, sdp: str) -> None:
        assert not self.endings
        self.answers.append(sdp)

    def on_media(self, sdp: str) -> None:
        assert not self.endings
        self.media.append(sdp)

    def on_end(self, ending: SipEnding) -> None:
        self.endings.append(ending)

    @property
    def ending(self) -> SipEnding:
        assert len(self.endings) == 1, f"ended {len(self.endings)} times"
        return self.endings[0]


def trunk_settings(port: int, **changes: object) -> TrunkSettings:
    """Towards 127.0.0.1:port, five times as quick as RFC 3261's defaults."""
    values: dict[str, object] = {
        "trunk_id": "t1",
        "host": "127.0.0.1",
        "port": port,
        "domain": "carrier.test",
        "caller_id": "+81312340000",
        "lines": 4,
        "calls_per_second": 50.0,
        "timing": Timing(t1=0.1, t2=0.8, t4=1.0),
    }
    return TrunkSettings(**{**values, **changes})  # type: ignore[arg-type]
