"""Messages whose reading could take seconds, in which every call of the gateway would be silent."""

from __future__ import annotations

from tests.softphone.sip.torture import PLAIN

OCTETS = 60_000  # as much as a datagram carries

SDP = (
    "v=0\r\no=- 9 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


def _header(line: bytes) -> bytes:
    return PLAIN.replace(b"Max-Forwards: 70", line)


def _via(value: bytes) -> bytes:
    return PLAIN.replace(b"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport", value)


HEADERS: dict[str, bytes] = {
    "spaces in a folded header": _header(b"X: a\r\n b" + b" " * OCTETS),
    "nothing but folds": _header(b"X: a" + b"\r\n " * (OCTETS // 3)),
    "spaces after the host of Via": _via(b"SIP/2.0/UDP h" + b" " * OCTETS + b"x"),
    "spaces inside the version of Via": _via(b"SIP" + b" " * OCTETS + b"x"),
    "an endless quoted string": _header(b'Contact: "' + b'\\"' * (OCTETS // 2)),
    "commas": _header(b"Contact: " + b"," * OCTETS),
    "many Contacts": _header(b"Contact: " + b"<x>," * (OCTETS // 4)),
    "opening brackets": _header(b"Contact: " + b"<" * OCTETS),
    "many routes": _header(b"Record-Route: " + b"<sip:a;lr>," * (OCTETS // 11)),
    "many parameters": _header(b"Contact: <sip:a@b>" + b";a=b" * (OCTETS // 4)),
    "an endless cause": _header(b"Reason: Q.850;cause=" + b"9" * OCTETS),
    "an endless user": PLAIN.replace(b"sip:desk@", b"sip:" + b"a" * OCTETS + b"@", 1),
    "spaces in CSeq": PLAIN.replace(b"7 OPTIONS", b"7" + b" " * OCTETS + b"\1"),
    "boundaries": PLAIN.replace(
        b"Content-Length: 0\r\n\r\n",
        b"Content-Type: multipart/mixed;boundary=a\r\n\r\n" + b"--a" * (OCTETS // 3),
    ),
}

# More digits than Python reads as a number (4,300) behind zeros that look small.
_LONG = "0000" + "9" * 5000

DESCRIPTIONS: dict[str, str] = {
    "payloads without end": SDP.replace("RTP/AVP 0", "RTP/AVP " + "9 " * 20_000 + "0")
    + "a=rtpmap:77 x/8000\r\n" * 1000,
    "attributes without end": SDP + "a=x\r\n" * (OCTETS // 5),
    "sections without end": SDP + "m=audio 4 RTP/AVP 0\r\n" * (OCTETS // 22),
    "a payload of five thousand digits": SDP.replace("RTP/AVP 0", f"RTP/AVP {_LONG} 0")
    + f"a=rtpmap:{_LONG} PCMU/8000\r\n",
    "a telephone-event of five thousand digits": SDP.replace("RTP/AVP 0", f"RTP/AVP 0 {_LONG}")
    + f"a=rtpmap:{_LONG} telephone-event/8000\r\n",
    "an RTCP port of five thousand digits": SDP + f"a=rtcp:00{_LONG}\r\n",
    "a crypto line of spaces": SDP + "a=crypto:1 " + " " * OCTETS + "x\r\n",
    "a crypto line of words": SDP + "a=crypto:1 " + "x " * (OCTETS // 2) + "\r\n",
}

KEYS: dict[str, bytes] = {
    "empty lines": b"\n" * OCTETS,
    "spaces": b" " * OCTETS,
    "a signal without end": b"Signal=" + b" \n" * (OCTETS // 2),
    "durations": b"Signal=1\n" + b"Duration = \n" * (OCTETS // 12),
}


def offers(browser: str) -> dict[str, str]:
    """Offers no browser makes, of `browser`'s own."""
    audio = next(line for line in browser.splitlines() if line.startswith("m=audio"))
    return {
        "64 KiB of attributes": browser + "a=x:" + "y" * (65_000 - len(browser)) + "\r\n",
        "more than 64 KiB": browser + "a=x\r\n" * 20_000,
        "a thousand candidates": browser
        + "".join(f"a=candidate:{n} 1 udp 1 192.0.2.1 {n} typ host\r\n" for n in range(1000)),
        "a thousand sections": browser + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 1000,
        "a thousand audio sections": browser + f"{audio}\r\n" * 1000,
        "ten thousand payloads": browser.replace(audio, audio + " 9" * 10_000)
        + "a=rtpmap:77 x/8000\r\n" * 2000,
        "a payload of five thousand digits": browser.replace(audio, f"{audio} {_LONG}")
        + f"a=rtpmap:{_LONG} PCMU/8000\r\n",
        "control characters": browser.replace("a=mid:0", "a=mid:0\x00\x1b[2J"),
        "another line in the name": browser.replace("a=mid:0", "a=mid:0\x0ba=candidate:1"),
        "half a surrogate": browser.replace("a=mid:0", "a=mid:\ud800"),
        "a password of nothing": browser.replace("a=ice-pwd:", "a=ice-pwd: \r\na=was:"),
    }
