"""Malformed and odd SIP, written by hand in the manner of RFC 4475, and what is made of it.

`EVERYTHING` is what a carrier, or who has its address, may send outside any call. Each message is
marked with a branch and a Call-ID of its own, so that none is taken for a repetition.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.hostile import bombs
from tests.softphone.sip.torture import MALFORMED, WELL_FORMED

# RFC 4475's own messages, where they were unpacked; ours cover the same points without them.
TORTURE_DIR = Path(
    os.environ.get("SIP_TORTURE_DIR", Path(__file__).parents[3] / "shared" / "sip_torture")
)

_INVITE = (
    "INVITE sip:0312340000@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx;rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:0901234@127.0.0.1>;tag=f1\r\n"
    "To: <sip:0312340000@127.0.0.1>\r\n"
    "Call-ID: c1@127.0.0.1\r\n"
    "CSeq: 7 INVITE\r\n"
    "Contact: <sip:a@127.0.0.1:5060>\r\n"
    "Content-Type: application/sdp\r\n"
)


def invite(sdp: str, *changes: tuple[str, str], length: int | None = None) -> bytes:
    """An INVITE with a body, as bytes; surrogates stand for octets that are no UTF-8."""
    head = _INVITE
    for old, new in changes:
        assert old in head, old
        head = head.replace(old, new)
    body = sdp.encode("utf-8", "surrogateescape")
    size = len(body) if length is None else length
    return head.encode("utf-8", "surrogateescape") + b"Content-Length: %d\r\n\r\n" % size + body


_SDP = bombs.SDP

INVITES: dict[str, bytes] = {
    "a call": invite(_SDP),
    "no offer": invite("", ("Content-Type: application/sdp\r\n", "")),
    "an empty offer": invite(""),
    "a body of another type": invite(_SDP, ("application/sdp", "text/plain")),
    "a body without a type": invite(_SDP, ("Content-Type: application/sdp\r\n", "")),
    "a multipart body without a boundary": invite(_SDP, ("application/sdp", "multipart/mixed")),
    "an offer that is not UTF-8": invite(_SDP.replace("s=-", "s=\udcff\udcfe")),
    "an offer with NUL": invite(_SDP.replace("s=-", "s=\0")),
    "an offer cut in the middle": invite(_SDP[:60]),
    "an offer of line feeds": invite("\n" * 500),
    "an offer without m=": invite(_SDP.partition("m=")[0]),
    "an offer without c=": invite(_SDP.replace("c=IN IP4 127.0.0.1\r\n", "")),
    "an offer without o=": invite(_SDP.replace("o=- 9 1 IN IP4 127.0.0.1\r\n", "")),
    "an offer to an IPv6 address": invite(_SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP6 ::1")),
    "an offer to a name": invite(_SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 sip.invalid")),
    "an offer to 256.0.0.1": invite(_SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 256.0.0.1")),
    "an offer to everybody": invite(_SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 224.0.0.1/3/4")),
    "an offer to port 70000": invite(_SDP.replace("6000", "70000")),
    "an offer to port -1": invite(_SDP.replace("6000", "-1")),
    "an offer to port 0": invite(_SDP.replace("6000", "0")),
    "an offer of G.729 only": invite(_SDP.replace("AVP 0", "AVP 18")),
    "an offer of payload 300": invite(_SDP.replace("AVP 0", "AVP 300")),
    "an offer of video only": invite(_SDP.replace("m=audio", "m=video")),
    "an offer of seventeen sections": invite(_SDP + "m=audio 6000 RTP/AVP 0\r\n" * 17),
    "an offer of SRTP with a bad key": invite(
        _SDP.replace("RTP/AVP", "RTP/SAVP")
        + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2hvcnQ=\r\n"
    ),
    "an offer in two directions": invite(_SDP + "a=sendonly\r\na=recvonly\r\n"),
    "an extension nobody has": invite(_SDP, ("Max-Forwards: 70", "Require: nothingSupportsThis")),
    "100rel without an end": invite(_SDP, ("Max-Forwards: 70", "Require: 100rel")),
    "a scheme nobody has": invite(_SDP, ("INVITE sip:0312340000@", "INVITE nobody:x@")),
    "a secure scheme": invite(_SDP, ("INVITE sip:", "INVITE sips:")),
    "no hops left": invite(_SDP, ("Max-Forwards: 70", "Max-Forwards: 0")),
    "hops below zero": invite(_SDP, ("Max-Forwards: 70", "Max-Forwards: -70")),
    "no Contact": invite(_SDP, ("Contact: <sip:a@127.0.0.1:5060>\r\n", "")),
    "a Contact of everybody": invite(_SDP, ("<sip:a@127.0.0.1:5060>", "*")),
    "a Contact elsewhere": invite(_SDP, ("<sip:a@127.0.0.1:5060>", "<sip:a@127.0.0.2:9>")),
    "a route elsewhere": invite(_SDP, ("Max-Forwards: 70", "Record-Route: <sip:127.0.0.2;lr>")),
    "a broken route": invite(_SDP, ("Max-Forwards: 70", "Record-Route: <<>>")),
    "a branch of the older kind": invite(_SDP, ("branch=z9hG4bKx", "branch=x")),
    "no branch": invite(_SDP, (";branch=z9hG4bKx", "")),
    "a Call-ID that is not UTF-8": invite(_SDP, ("c1@", "\udcff\udcfe@")),
    "a caller that is not UTF-8": invite(_SDP, ("sip:0901234@", "sip:\udcff@")),
    "a caller of other digits": invite(_SDP, ("sip:0901234@", "sip:09０１２３４５６７８@")),
    "a called number of NUL": invite(_SDP, ("sip:0312340000@127.0.0.1 SIP", "sip:%00@x SIP")),
    "a session of one second": invite(
        _SDP, ("Max-Forwards: 70", "Session-Expires: 1\r\nSupported: timer")
    ),
    "a session of words": invite(_SDP, ("Max-Forwards: 70", "Session-Expires: soon;refresher=x")),
    "an ACK to nothing": invite(_SDP, ("INVITE sip", "ACK sip"), ("7 INVITE", "7 ACK")),
    "a CANCEL of nothing": invite("", ("INVITE sip", "CANCEL sip"), ("7 INVITE", "7 CANCEL")),
    "a BYE of nothing": invite("", ("INVITE sip", "BYE sip"), ("7 INVITE", "7 BYE")),
    "a PRACK of nothing": invite(
        "", ("INVITE sip", "PRACK sip"), ("7 INVITE", "7 PRACK\r\nRAck: 1 x y")
    ),
    "a NOTIFY of nothing": invite("", ("INVITE sip", "NOTIFY sip"), ("7 INVITE", "7 NOTIFY")),
    "a REGISTER": invite("", ("INVITE sip", "REGISTER sip"), ("7 INVITE", "7 REGISTER")),
    "a REFER": invite(
        "", ("INVITE sip", "REFER sip"), ("7 INVITE", "7 REFER\r\nRefer-To: <sip:0900@x>")
    ),
    "a response without a request": invite(
        _SDP, ("INVITE sip:0312340000@127.0.0.1 SIP/2.0", "SIP/2.0 200 OK")
    ),
    "a response with two Vias": invite(
        _SDP,
        ("INVITE sip:0312340000@127.0.0.1 SIP/2.0", "SIP/2.0 200 OK"),
        (";rport", ";rport, SIP/2.0/UDP 127.0.0.2;branch=z9hG4bKy"),
    ),
}

BOMBS: dict[str, bytes] = {
    **bombs.HEADERS,
    **{name: invite(text) for name, text in bombs.DESCRIPTIONS.items()},
}


def torture() -> dict[str, bytes]:
    """RFC 4475's messages by file name; none where the folder is not there."""
    return {path.name: path.read_bytes() for path in sorted(TORTURE_DIR.glob("*.dat"))}


def everything() -> dict[str, bytes]:
    """All of them, each as if it were the only one."""
    found = {**WELL_FORMED, **MALFORMED, **INVITES, **BOMBS, **torture()}
    return {name: _marked(data, number) for number, (name, data) in enumerate(found.items())}


def _marked(data: bytes, number: int) -> bytes:
    data = re.sub(rb"(z9hG4bK[^;,\s]*)", rb"\1m%d" % number, data)
    return re.sub(rb"(?im)^((?:Call-ID|i)[ \t]*:[ \t]*[^@\s]*)@", rb"\1m%d@" % number, data)
