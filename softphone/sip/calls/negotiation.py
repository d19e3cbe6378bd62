"""Offer and answer inside one dialog (RFC 3264): what both sides have described, and what is due.

Pure: the session says what came and sends what is returned here. `local_sdp` is what we last
described, `remote_sdp` what the peer did, `codec` the one agreed on, kept for as long as the peer
offers it.
"""

from __future__ import annotations

import re

from softphone.sip.messages.sdp import (
    Direction,
    SdpError,
    answer_again,
    check_answer,
    narrow_audio,
    offer_again,
    read_audio,
)

_DIRECTION = re.compile(r"^a=(sendrecv|sendonly|recvonly|inactive)(?=\r?$)", re.MULTILINE)
_VERSION = re.compile(r"^(o=\S+ \S+ )([0-9]{1,18})", re.MULTILINE)


class Negotiation:
    """`awaits_answer`: an offer of ours is out, so that none of the peer's may be taken (491)."""

    def __init__(self, local_sdp: str, codecs: tuple[str, ...]) -> None:
        self.local_sdp, self.remote_sdp = local_sdp, ""
        self.codec = ""
        self.awaits_answer = False
        self._codecs = codecs

    def agree(self, answer: str) -> None:
        """Note the codec of the answer that opened the call. Raises SdpError when it has none."""
        check_answer(answer, self.local_sdp)
        self.codec = read_audio(answer, self._codecs).codec
        self.awaits_answer = False

    def answer(self, offer: str) -> str:
        """Our answer to an offer inside the call. Raises SdpError when there is nothing to agree
        on."""
        try:
            answer = answer_again(offer, self.local_sdp, (self.codec,))
        except SdpError:
            answer = answer_again(offer, self.local_sdp, self._codecs)
        self.local_sdp = answer
        return answer

    def offer(self) -> str:
        """Our offer for a request that came without one. Raises SdpError before the first."""
        self.local_sdp = offer_again(self.local_sdp, self._codecs)
        self.awaits_answer = True
        return self.local_sdp

    def turned(self, direction: Direction) -> str:
        """Our description with another direction, as the next version; it counts once agreed on."""
        turned = _DIRECTION.sub(f"a={direction}", self.local_sdp)
        return _VERSION.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", turned, count=1)

    def take(self, sdp: str, *, agreed: str = "") -> str:
        """The peer's description with the agreed codec alone, or "" when it is no news.

        `agreed`: the description of ours that answered it; without one `sdp` is itself the answer.
        An answer nobody can use leaves what was agreed before.
        """
        if not agreed:
            self.awaits_answer = False
        if not sdp or sdp == self.remote_sdp:
            return ""
        try:
            if not agreed:
                check_answer(sdp, self.local_sdp)
            codec = read_audio(agreed or sdp, self._codecs).codec
            narrowed = narrow_audio(sdp, codec)
        except SdpError:
            return ""
        self.codec, self.remote_sdp = codec, sdp
        return narrowed
