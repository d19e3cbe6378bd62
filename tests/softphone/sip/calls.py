"""What several SIP tests need: a listener that remembers, and an offer."""

from __future__ import annotations

from softphone.sip.endings import SipEnding
from softphone.sip.sdp import offer_audio

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
