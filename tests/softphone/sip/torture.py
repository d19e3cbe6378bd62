"""Messages in the manner of RFC 4475, of our own making: odd but right ones, and wrong ones."""

from __future__ import annotations

_BASE = (
    "OPTIONS sip:desk@198.51.100.7 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport\r\n"
    "Max-Forwards: 70\r\n"
    'From: "A, B" <sip:a@192.0.2.1>;tag=f1\r\n'
    "To: <sip:desk@198.51.100.7>\r\n"
    "Call-ID: c1@192.0.2.1\r\n"
    "CSeq: 7 OPTIONS\r\n"
    "Content-Length: 0\r\n"
    "\r\n"
)


def _with(*changes: tuple[str, str]) -> bytes:
    text = _BASE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode("utf-8", "surrogateescape")


PLAIN = _with()
RESPONSE = _with(("OPTIONS sip:desk@198.51.100.7 SIP/2.0", "SIP/2.0 200 OK"))

WELL_FORMED: dict[str, bytes] = {
    "folded header": _with(("Max-Forwards: 70", "Subject: a\r\n  b\r\n\tc")),
    "compact names": _with(("Via", "v"), ("From", "f"), ("To", "t"), ("Call-ID", "i")),
    "space before the colon": _with(("Via:", "Via  :"), ("CSeq:", "CSeq :")),
    "odd case of names": _with(("From:", "FROM:"), ("CSeq:", "cSEQ:")),
    "line feeds alone": _with(("\r\n", "\n")),
    "blank lines before": b"\r\n\r\n" + PLAIN,
    "status without a reason": RESPONSE.replace(b"200 OK", b"200 "),
    "status without the trailing space": RESPONSE.replace(b"200 OK", b"200"),
    "reason that is not UTF-8": RESPONSE.replace(b"OK", b"\x83I\x83P"),
    "unknown method": _with(("OPTIONS", "N3w.M3th0d_%!")),
    "unknown headers": _with(("Max-Forwards", "X-\u97f3\u58f0")),
    "body without a length": _with(("Content-Length: 0\r\n\r\n", "\r\nabc")),
    "bytes after the body": PLAIN + b"garbage",
    "body that is not UTF-8": _with(
        ("Content-Length: 0\r\n\r\n", "Content-Length: 2\r\n\r\n\udcff\udc80")
    ),
    "tab after the CSeq number": _with(("7 OPTIONS", "7\tOPTIONS")),
    "repeated equal lengths": _with(("Max-Forwards: 70", "Content-Length: 0")),
    "two Vias in one line": _with((";rport", ";rport, SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKy")),
    "escaped quote in the display name": _with(('"A, B"', '"A \\" <B>"')),
    "user part with a hash": _with(("<sip:desk@", "<sip:#31#09012345678@")),
    "largest CSeq": _with(("7 OPTIONS", "4294967295 OPTIONS")),
    "tel URI in To": _with(("<sip:desk@198.51.100.7>\r\n", "<tel:+81312345678>\r\n")),
    "empty header value": _with(("Max-Forwards: 70", "Supported:")),
}

MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "no empty line and no headers": b"OPTIONS sip:a@b SIP/2.0",
    "another protocol": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "version 7": _with(("SIP/2.0\r\nVia", "SIP/7.0\r\nVia")),
    "lower-case version": _with(("SIP/2.0\r\nVia", "sip/2.0\r\nVia")),
    "spaces in the request URI": _with(("sip:desk@198.51.100.7 SIP", "sip:desk@198 .51.100.7 SIP")),
    "two spaces in the request line": _with(("OPTIONS sip", "OPTIONS  sip")),
    "status code 42": RESPONSE.replace(b"200", b"42"),
    "status code 4294967301": RESPONSE.replace(b"200", b"4294967301"),
    "status code 700": RESPONSE.replace(b"200", b"700"),
    "status code in other digits": RESPONSE.replace(b"200", "２００".encode()),
    "no Via": _with(("Via", "X-Via")),
    "no From": _with(("From", "X-From")),
    "no Call-ID": _with(("Call-ID: c1@192.0.2.1", "Call-ID:")),
    "two To": _with(("Max-Forwards: 70", "To: <sip:x@y>")),
    "CSeq of another method": _with(("7 OPTIONS", "7 INVITE")),
    "CSeq too large": _with(("7 OPTIONS", "4294967296 OPTIONS")),
    "CSeq negative": _with(("7 OPTIONS", "-7 OPTIONS")),
    "CSeq without a method": _with(("7 OPTIONS", "7")),
    "negative length": _with(("Content-Length: 0", "Content-Length: -999")),
    "length beyond the datagram": _with(("Content-Length: 0", "Content-Length: 9999")),
    "length of five thousand digits": _with(("Content-Length: 0", "Content-Length: " + "9" * 5000)),
    "two lengths": _with(("Max-Forwards: 70", "Content-Length: 5")),
    "header without a colon": _with(("Max-Forwards: 70", "Max-Forwards 70")),
    "unterminated quote in From": _with(('"A, B"', '"A, B')),
    "unterminated URI in To": _with(("<sip:desk@198.51.100.7>\r\n", "<sip:desk@198.51.100.7\r\n")),
    "carriage return inside a line": _with(("c1@", "c1\r@")),
    "Via port out of range": _with((":5060;branch", ":506000;branch")),
    "a thousand headers": _with(("Max-Forwards: 70", "\r\n".join(["X: y"] * 1000))),
    "a Via of commas": _with(("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport", ",,,")),
}
