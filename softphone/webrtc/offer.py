"""Reading a browser's SDP offer and writing the answer (RFC 8866, 8829, 8839, 8842). Pure text.

Our own reader, because it needs a dozen lines of SDP while general ones raise eighteen kinds of
exception on hostile input. It is tolerant: unknown lines, other media and any order are
accepted; what is missing or cannot work raises `BadOffer` with a reason an administrator can read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from softphone.audio.g711 import Codec

# An offer with video and data sections stays far below this.
_LONGEST = 65536
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_ICE_CHARS = re.compile(r"[A-Za-z0-9+/]{4,256}")
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,63}")
_LAWS: dict[str, Codec] = {"PCMU": "PCMU", "PCMA": "PCMA"}
# RFC 3551: these payload types need no rtpmap line.
_STATIC: dict[int, Codec] = {0: "PCMU", 8: "PCMA"}

DtlsRole = Literal["client", "server"]


class BadOffer(ValueError):
    """The offer is not one a browser's audio leg would make; the reason is in the message."""


@dataclass(frozen=True)
class Fingerprint:
    algorithm: str
    value: str


@dataclass(frozen=True)
class PeerParameters:
    """What is needed to reach and recognise the other side: ICE credentials, certificate."""

    username: str
    password: str
    fingerprints: tuple[Fingerprint, ...]


@dataclass(frozen=True)
class OtherSection:
    """A media section we refuse, as the answer must repeat it (RFC 3264 §6)."""

    kind: str
    protocol: str
    formats: str
    mid: str


@dataclass(frozen=True)
class Offer:
    """The audio section of an offer, and the place it has among the others."""

    peer: PeerParameters
    payload_types: dict[Codec, int]
    mid: str
    setup: str
    index: int
    others: tuple[OtherSection, ...]

    @property
    def our_role(self) -> DtlsRole:
        """RFC 8842 §5.3: the answerer takes the active part when it may choose."""
        return "server" if self.setup == "active" else "client"


@dataclass(frozen=True)
class OfferedCandidate:
    """An address and port we can be reached at, in order of preference."""

    host: str
    port: int


def parse_offer(sdp: str) -> Offer:
    """The first audio section of an offer. Raises `BadOffer`."""
    if not isinstance(sdp, str) or len(sdp) > _LONGEST:
        raise BadOffer("the offer is not a text of reasonable length")
    session, sections = _split(sdp)
    index = next((i for i, lines in enumerate(sections) if lines[0].startswith("m=audio ")), None)
    if index is None:
        raise BadOffer("the offer has no audio section")
    audio = sections[index]
    if "a=rtcp-mux" not in audio:
        raise BadOffer("the offer does not multiplex RTP and RTCP on one port")
    payload_types = _payload_types(audio)
    if not payload_types:
        raise BadOffer("the offer has neither PCMU nor PCMA")
    return Offer(
        peer=_peer(session, audio),
        payload_types=payload_types,
        mid=_mid(audio, index),
        setup=_setup(session, audio),
        index=index,
        others=tuple(_other(s, i) for i, s in enumerate(sections) if i != index),
    )


def choose_codec(offer: Offer, preferred: Sequence[Codec]) -> Codec:
    """The first preferred law that the browser offers. Raises `BadOffer`."""
    for codec in preferred:
        if codec in offer.payload_types:
            return codec
    raise BadOffer("the offer has none of " + ", ".join(preferred))


def write_answer(
    offer: Offer,
    *,
    codec: Codec,
    local: PeerParameters,
    candidates: Sequence[OfferedCandidate],
    ssrc: int,
) -> str:
    """The answer: one law, 20 ms, our ICE and DTLS parameters; every other section refused."""
    sections = [_refusal(other) for other in offer.others]
    sections.insert(offer.index, _audio_answer(offer, codec, local, candidates, ssrc))
    lines = [
        "v=0",
        f"o=- {ssrc} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {offer.mid}",
        "a=msid-semantic: WMS *",
    ]
    for section in sections:
        lines += section
    return "\r\n".join(lines) + "\r\n"


def write_offer(offer: Offer, *, codec: Codec) -> str:
    """The audio section of an offer again, alone and with nothing in it that was not understood.

    For a peer connection to read: it names one law, and no candidate.
    """
    peer, payload_type = offer.peer, offer.payload_types[codec]
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {offer.mid}",
        f"m=audio 9 UDP/TLS/RTP/SAVPF {payload_type}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=mid:{offer.mid}",
        "a=sendrecv",
        f"a=rtpmap:{payload_type} {codec}/8000",
        f"a=ice-ufrag:{peer.username}",
        f"a=ice-pwd:{peer.password}",
        *(f"a=fingerprint:{f.algorithm} {f.value}" for f in peer.fingerprints),
        f"a=setup:{offer.setup}",
    ]
    return "\r\n".join(lines) + "\r\n"


def _split(sdp: str) -> tuple[list[str], list[list[str]]]:
    """Session lines, and the lines of each media section."""
    session: list[str] = []
    sections: list[list[str]] = []
    for line in sdp.splitlines():
        if line.startswith("m="):
            sections.append([line])
        else:
            (sections[-1] if sections else session).append(line.strip())
    return session, sections


def _values(lines: Sequence[str], name: str) -> list[str]:
    prefix = f"a={name}:"
    return [line[len(prefix) :].strip() for line in lines if line.startswith(prefix)]


def _one(session: Sequence[str], audio: Sequence[str], name: str) -> str:
    """An attribute of the section, else of the session. Raises `BadOffer`."""
    found = _values(audio, name) or _values(session, name)
    if not found:
        raise BadOffer(f"the offer has no {name}")
    return found[0]


def _payload_types(audio: Sequence[str]) -> dict[Codec, int]:
    words = audio[0].split()[3:]
    offered = {int(f): None for f in words if f.isascii() and f.isdigit() and len(f) < 4}
    names: dict[int, str] = {pt: law for pt, law in _STATIC.items() if pt in offered}
    for value in _values(audio, "rtpmap"):
        number, _, encoding = value.partition(" ")
        name, _, rate = encoding.partition("/")
        numeric = number.isascii() and number.isdigit() and len(number) < 4
        if numeric and int(number) in offered:
            names[int(number)] = name.upper() if rate.split("/")[0] == "8000" else ""
    found: dict[Codec, int] = {}
    for payload_type in offered:
        law = _LAWS.get(names.get(payload_type, ""))
        if law is not None and payload_type < 128:
            found.setdefault(law, payload_type)
    return found


def _peer(session: Sequence[str], audio: Sequence[str]) -> PeerParameters:
    username = _one(session, audio, "ice-ufrag")
    password = _one(session, audio, "ice-pwd")
    if not _ICE_CHARS.fullmatch(username) or not _ICE_CHARS.fullmatch(password):
        raise BadOffer("the ICE credentials have characters they may not have")
    fingerprints = []
    for value in _values(audio, "fingerprint") or _values(session, "fingerprint"):
        algorithm, _, digest = value.partition(" ")
        if _FINGERPRINT.fullmatch(digest):
            fingerprints.append(Fingerprint(algorithm.lower(), digest.upper()))
    if not fingerprints:
        raise BadOffer("the offer has no certificate fingerprint")
    return PeerParameters(username, password, tuple(fingerprints))


def _mid(section: Sequence[str], index: int) -> str:
    mid = (_values(section, "mid") or [str(index)])[0]
    if not _TOKEN.fullmatch(mid):
        raise BadOffer("a media section has an impossible name")
    return mid


def _setup(session: Sequence[str], audio: Sequence[str]) -> str:
    setup = _one(session, audio, "setup")
    if setup not in ("actpass", "active", "passive"):
        raise BadOffer(f"the offer cannot be answered with setup {setup[:16]}")
    return setup


def _other(section: Sequence[str], index: int) -> OtherSection:
    words = section[0][2:].split()
    if len(words) < 4 or not all(_TOKEN.fullmatch(word.replace("/", "-")) for word in words):
        raise BadOffer("a media section cannot be read")
    return OtherSection(words[0], words[2], " ".join(words[3:]), _mid(section, index))


def _refusal(other: OtherSection) -> list[str]:
    return [
        f"m={other.kind} 0 {other.protocol} {other.formats}",
        "c=IN IP4 0.0.0.0",
        "a=inactive",
        f"a=mid:{other.mid}",
    ]


def _audio_answer(
    offer: Offer,
    codec: Codec,
    local: PeerParameters,
    candidates: Sequence[OfferedCandidate],
    ssrc: int,
) -> list[str]:
    payload_type = offer.payload_types[codec]
    return [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {payload_type}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=mid:{offer.mid}",
        "a=sendrecv",
        f"a=rtpmap:{payload_type} {codec}/8000",
        "a=ptime:20",
        f"a=ice-ufrag:{local.username}",
        f"a=ice-pwd:{local.password}",
        *(f"a=fingerprint:{f.algorithm} {f.value}" for f in local.fingerprints),
        f"a=setup:{'active' if offer.our_role == 'client' else 'passive'}",
        "a=msid:gateway seat",
        f"a=ssrc:{ssrc} cname:gateway",
        *(_candidate_line(place, one) for place, one in enumerate(candidates)),
        "a=end-of-candidates",
    ]


def _candidate_line(place: int, candidate: OfferedCandidate) -> str:
    """RFC 8445 §5.1.2.1: all are host candidates, earlier ones preferred."""
    priority = (126 << 24) + ((65535 - place) << 8) + 255
    return f"a=candidate:{place + 1} 1 udp {priority} {candidate.host} {candidate.port} typ host"
