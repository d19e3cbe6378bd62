"""How our audio is described to a trunk, and what the trunk's own description then means.

One line may be described several times, each time as another trunk wants it: a call that goes out
anew elsewhere keeps its socket and gets a new key.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

from softphone.rtp.secure import SecureRtp
from softphone.sip.messages.sdes import KEY_OCTETS, CryptoLine
from softphone.sip.messages.sdp import RemoteAudio, SdpError, answer_audio, offer_audio, read_audio

Srtp = Literal["off", "optional", "required"]


@dataclass(frozen=True)
class AudioForm:
    """What one trunk wants: codecs in order, SRTP, and the host to name behind NAT ("": ours)."""

    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    srtp: Srtp = "off"
    named_host: str = ""


class AudioTerms:
    """Of one socket at `address`, in one form."""

    def __init__(self, address: tuple[str, int], form: AudioForm) -> None:
        self._form = form
        self._host, self._port = form.named_host or address[0], address[1]
        offered = form.srtp != "off"
        self._crypto = CryptoLine(1, secrets.token_bytes(KEY_OCTETS)) if offered else None
        self._secure: SecureRtp | None = None

    def offer(self) -> str:
        """SRTP that is optional is offered as RTP/AVP with a key (RFC 8643)."""
        return offer_audio(
            host=self._host,
            port=self._port,
            codecs=self._form.codecs,
            session_id=secrets.randbits(31),
            crypto=self._crypto,
            secure=self._form.srtp == "required",
        )

    def answer(self, offer: str) -> str:
        """Our side of a call that came in. Raises `SdpError` when there is nothing to agree on."""
        return answer_audio(
            offer,
            host=self._host,
            port=self._port,
            codecs=self._form.codecs,
            session_id=secrets.randbits(31),
            crypto=self._crypto,
            secure=self._form.srtp == "required",
        )

    def read(self, sdp: str) -> RemoteAudio:
        """The other side. Raises `SdpError`, also for audio in clear where SRTP is required."""
        audio = read_audio(sdp, self._form.codecs)
        if self._form.srtp == "required" and audio.crypto is None:
            raise SdpError("the trunk sends no SRTP")
        return audio

    def secure(self, audio: RemoteAudio) -> SecureRtp | None:
        """The SRTP of this audio; None when one side has no key. A new key keeps our own stream."""
        if self._crypto is None or audio.crypto is None:
            return None
        if self._secure is None:
            self._secure = SecureRtp(self._crypto.key, audio.crypto.key)
        self._secure.rekey(audio.crypto.key)
        return self._secure
