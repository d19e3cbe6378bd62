"""Session descriptions for one G.711 audio stream with telephone-event (RFC 4566, 3264, 4733).

We offer PCMU and PCMA and nothing else, because a two-party call is never transcoded. Reading is
tolerant of order and of unknown attributes; answering keeps every section of the offer (RFC 3264
§6) and refuses those that are not audio by port 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from softphone.sip.messages.sdes import CryptoLine, read_crypto
from softphone.sip.messages.sdp_lines import (
    NOBODY,
    SdpError,
    may_carry_audio,
    read_number,
    split_lines,
)

Codec = Literal["PCMU", "PCMA"]
Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

STATIC_PAYLOADS: dict[str, int] = {"PCMU": 0, "PCMA": 8}
TELEPHONE_EVENT_PAYLOAD = 101
_STATIC_NAMES = {str(number): f"{name}/8000" for name, number in STATIC_PAYLOADS.items()}
_OPPOSITE: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
_MAX_SECTIONS = 16
PLAIN, SECURE = "RTP/AVP", "RTP/SAVP"


@dataclass(frozen=True)
class Section:
    """One m= section: its own words, connection host (or the session's), attributes as lines."""

    kind: str
    port: int
    transport: str
    payloads: tuple[str, ...]
    host: str
    attributes: tuple[str, ...]

    @property
    def direction(self) -> Direction:
        for attribute in self.attributes:
            if attribute in _OPPOSITE:
                return attribute
        return "sendrecv"

    def encodings(self) -> dict[str, str]:
        """`PCMU/8000` by payload type, upper case; of two lines for one type the first holds."""
        names: dict[str, str] = {}
        for attribute in self.attributes:
            name, _, rest = attribute.partition(":")
            number, _, encoding = rest.partition(" ")
            if name == "rtpmap":
                names.setdefault(number, encoding.strip().upper())
        return {**_STATIC_NAMES, **names}


@dataclass(frozen=True)
class Description:
    """A session description: the o= line's id and version, and the sections in order."""

    session_id: str
    version: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class RemoteAudio:
    """Where to send audio and how: `host` is an IPv4 address, `port` UDP.

    `dtmf_payload_type` is None when the peer takes no telephone-event.
    """

    host: str
    port: int
    codec: Codec
    payload_type: int
    dtmf_payload_type: int | None
    direction: Direction
    rtcp_port: int | None = None  # None: the one after `port`
    secure: bool = False  # RTP/SAVP: SRTP or nothing
    crypto: CryptoLine | None = field(default=None, repr=False)  # what it encrypts with

    @property
    def on_hold(self) -> bool:
        """Whether the peer does not want to hear us."""
        return self.host == NOBODY or self.direction in ("sendonly", "inactive")

    @property
    def answered(self) -> Direction:
        """The direction of our answer: the opposite; `c=0.0.0.0` forbids us to send, no more."""
        direction = self.direction
        if self.host == NOBODY:
            direction = "sendonly" if direction in ("sendrecv", "sendonly") else "inactive"
        return _OPPOSITE[direction]


def parse_sdp(text: str) -> Description:
    """Read a description. Raises SdpError only."""
    session_id = version = "0"
    session_host = ""
    session_attributes: tuple[str, ...] = ()
    sections: list[Section] = []
    for line in split_lines(text):
        kind, equals, value = line.partition("=")
        value = value.strip()
        if not equals:
            continue
        if kind == "o":
            session_id, version = _origin(value)
        elif kind == "m":
            sections.append(_section(value, session_host, session_attributes))
        elif kind == "c" and sections:
            sections[-1] = replace(sections[-1], host=_connection(value))
        elif kind == "c":
            session_host = _connection(value)
        elif kind == "a" and sections:
            sections[-1] = replace(sections[-1], attributes=(value, *sections[-1].attributes))
        elif kind == "a":
            session_attributes = (*session_attributes, value)
    if not sections or len(sections) > _MAX_SECTIONS:
        raise SdpError("no media section, or too many")
    return Description(session_id, version, tuple(sections))


def _origin(value: str) -> tuple[str, str]:
    words = value.split()
    if len(words) < 6:
        raise SdpError("unreadable o= line")
    return words[-5], words[-4]  # counted from the end: some user names hold spaces


def _connection(value: str) -> str:
    words = value.split()
    if len(words) != 3 or words[0] != "IN":
        raise SdpError("unreadable c= line")
    return words[2].partition("/")[0]


def _section(value: str, host: str, attributes: tuple[str, ...]) -> Section:
    words = value.split()
    port = read_number(words[1].partition("/")[0], most=65535) if len(words) >= 4 else None
    if port is None:
        raise SdpError("unreadable m= line")
    return Section(words[0], port, words[2], tuple(words[3:]), host, attributes)


def _usable(section: Section, codecs: tuple[str, ...], ours: str = "") -> RemoteAudio | None:
    """The audio of a section in the peer's order of preference, or None. `ours`: our own host."""
    if section.kind != "audio" or section.port == 0 or section.transport not in (PLAIN, SECURE):
        return None
    secure, crypto = section.transport == SECURE, read_crypto(section.attributes)
    if secure and crypto is None:
        return None
    if not may_carry_audio(section.host, section.port, ours=ours):
        return None
    chosen: tuple[Codec, int] | None = None
    dtmf: int | None = None
    encodings = section.encodings()
    for payload in section.payloads:
        if read_number(payload, most=127) is None:
            continue
        name, _, rate = encodings.get(payload, "").partition("/")
        if name == "TELEPHONE-EVENT" and rate == "8000" and dtmf is None:
            dtmf = int(payload)
        elif name in codecs and rate in ("8000", "8000/1") and chosen is None:
            chosen = ("PCMU" if name == "PCMU" else "PCMA", int(payload))
    if chosen is None:
        return None
    rtcp = _rtcp_port(section)
    way = section.direction
    return RemoteAudio(section.host, section.port, *chosen, dtmf, way, rtcp, secure, crypto)


def _rtcp_port(section: Section) -> int | None:
    """The port of the peer's reports (RFC 3605, RFC 5761), when it is not the usual one."""
    if "rtcp-mux" in section.attributes:
        return section.port
    for attribute in section.attributes:
        name, _, rest = attribute.partition(":")
        port = rest.partition(" ")[0]
        if name == "rtcp" and (number := read_number(port, most=65535)):
            return number
    return None


def read_audio(text: str, codecs: tuple[str, ...] = ("PCMU", "PCMA")) -> RemoteAudio:
    """The first audio section with a codec of ours. Raises SdpError."""
    for section in parse_sdp(text).sections:
        audio = _usable(section, codecs)
        if audio is not None:
            return audio
    raise SdpError("no audio section with a codec of ours")


def offer_audio(
    *,
    host: str,
    port: int,
    codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    session_id: int | str,
    version: int | str = 1,
    crypto: CryptoLine | None = None,
    secure: bool = False,
) -> str:
    """Our offer: the codecs in order of preference, telephone-event 0-15, 20 ms packets.

    With `crypto` SRTP is offered, and with `secure` nothing else (RTP/SAVP). Without `secure` the
    profile stays RTP/AVP, so that a peer that knows no SRTP takes the call all the same (RFC 8643).
    """
    payloads = {STATIC_PAYLOADS[name]: name for name in codecs}
    media = _audio_lines(port, payloads, TELEPHONE_EVENT_PAYLOAD, "sendrecv")
    media = _with_crypto(media, crypto, secure=secure)
    return _render(host, str(session_id), str(version), media)


def answer_audio(
    offer: str,
    *,
    host: str,
    port: int,
    codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    session_id: int | str,
    version: int | str = 1,
    crypto: CryptoLine | None = None,
    secure: bool = False,
) -> str:
    """Answer an offer with one codec. Raises SdpError when there is nothing to agree on.

    `crypto` is our key, used when the offer has one; with `secure` an offer without is refused.
    """
    media: list[str] = []
    accepted = False
    for section in parse_sdp(offer).sections:
        audio = None if accepted else _usable(section, codecs, host)
        if audio is None or (audio.crypto is None and secure) or (audio.secure and crypto is None):
            media.append(f"m={section.kind} 0 {section.transport} {' '.join(section.payloads)}")
            continue
        accepted = True
        lines = _audio_lines(
            port,
            {audio.payload_type: audio.codec},
            audio.dtmf_payload_type,
            audio.answered,
        )
        if audio.crypto is not None and crypto is not None:
            ours = CryptoLine(audio.crypto.tag, crypto.key)
            lines = _with_crypto(lines, ours, secure=audio.secure)
        media += lines
    if not accepted:
        raise SdpError("no audio section with a codec of ours")
    return _render(host, str(session_id), str(version), media)


def answer_again(offer: str, local: str, codecs: tuple[str, ...]) -> str:
    """Answer a re-offer inside a call from our own description `local`: same address, and the next
    version if anything but that differs (RFC 3264 §8). Raises SdpError.
    """
    return _again(local, partial(answer_audio, offer, codecs=codecs))


def offer_again(local: str, codecs: tuple[str, ...]) -> str:
    """A full offer inside a call, for a re-INVITE that came without one; ends any hold."""
    return _again(local, partial(offer_audio, codecs=codecs))


def _again(local: str, describe: Callable[..., str]) -> str:
    """Describe once more what `local` describes: same address and key, and version if it can be."""
    ours, session_id, version = _ours(local)
    describe = partial(
        describe,
        host=ours.host,
        port=ours.port,
        session_id=session_id,
        crypto=read_crypto(ours.attributes),
        secure=ours.transport == SECURE,
    )
    same = describe(version=version)
    return local if same == local else describe(version=_next_version(version))


def narrow_audio(sdp: str, codec: str) -> str:
    """The peer's description with nothing but its audio and `codec`. Raises SdpError."""
    audio = read_audio(sdp, (codec,))
    theirs = parse_sdp(sdp)
    media = _audio_lines(
        audio.port, {audio.payload_type: audio.codec}, audio.dtmf_payload_type, audio.direction
    )
    media = _with_crypto(media, audio.crypto, secure=audio.secure)
    return _render(audio.host, theirs.session_id, theirs.version, media)


def check_answer(answer: str, offer: str) -> None:
    """Raises SdpError for an answer without SRTP to an offer of nothing else, and for one that
    would have us send where audio must not go."""
    for theirs, ours in zip(parse_sdp(answer).sections, parse_sdp(offer).sections, strict=False):
        if ours.transport == SECURE and theirs.port and theirs.transport != SECURE:
            raise SdpError("an answer without SRTP")
        if theirs.port and not may_carry_audio(theirs.host, theirs.port, ours=ours.host):
            raise SdpError("an answer that names no address for audio")


def _ours(local: str) -> tuple[Section, str, str]:
    """(audio section, session id, version) of a description of our own."""
    ours = parse_sdp(local)
    for section in ours.sections:
        if section.kind == "audio" and section.port:
            return section, ours.session_id, ours.version
    raise SdpError("our own description has no audio")


def _next_version(version: str) -> int:
    return int(version) + 1 if version.isascii() and version.isdigit() and len(version) < 19 else 2


def _audio_lines(
    port: int, payloads: dict[int, str], dtmf: int | None, direction: Direction
) -> list[str]:
    numbers = [*payloads, *([dtmf] if dtmf is not None else [])]
    lines = [f"m=audio {port} RTP/AVP {' '.join(map(str, numbers))}"]
    lines += [f"a=rtpmap:{number} {name}/8000" for number, name in payloads.items()]
    if dtmf is not None:
        lines += [f"a=rtpmap:{dtmf} telephone-event/8000", f"a=fmtp:{dtmf} 0-15"]
    return [*lines, "a=ptime:20", f"a={direction}"]


def _with_crypto(lines: list[str], crypto: CryptoLine | None, *, secure: bool) -> list[str]:
    if crypto is None:
        return lines
    first = lines[0].replace(f" {PLAIN} ", f" {SECURE} ") if secure else lines[0]
    return [first, f"a={crypto}", *lines[1:]]


def _render(host: str, session_id: str, version: str, media: list[str]) -> str:
    lines = ["v=0", f"o=- {session_id} {version} IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0"]
    return "\r\n".join([*lines, *media]) + "\r\n"
