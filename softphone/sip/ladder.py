"""What was said on the wire about each call, kept while it lives, and told without who was called.

Every message passes here, at 150 attempts a second, so keeping one is a look for its Call-ID and an
append. What may be read of it is made later, when somebody asks or the call is over: the first
line and the headers that explain a failure. Numbers keep their last two digits; names, digests and
keys are left out, and so is every header that is not named here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from softphone.sip.transactions import Address, Send

MOST_MESSAGES = 120
# No message of a call is longer; what is, is not worth its memory.
_MOST_OCTETS = 8192

_OUR_CALL_ID = b"\nCall-ID: "
_ANY_CALL_ID = re.compile(rb"\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]+)", re.IGNORECASE)

# Headers that are told, by every spelling; those with an address in them lose its name and number.
_PLAIN = {
    b"call-id": "Call-ID", b"i": "Call-ID", b"cseq": "CSeq", b"via": "Via", b"v": "Via",
    b"reason": "Reason", b"retry-after": "Retry-After", b"session-expires": "Session-Expires",
    b"x": "Session-Expires", b"warning": "Warning",
}  # fmt: skip
_ADDRESSED = {
    b"from": "From", b"f": "From", b"to": "To", b"t": "To", b"contact": "Contact",
    b"m": "Contact", b"refer-to": "Refer-To", b"r": "Refer-To",
}  # fmt: skip
_USER = re.compile(r"(sips?:)([^@>,\s]*)@|(tel:)([^>,\s]*)", re.IGNORECASE)
_USER_ENDS = re.compile(r"[;:]")
_DISPLAY = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^<>",;:]*)\s*(?=<)')
# Eight digits or more that are not part of a token: a number in a text.
_NUMBER = re.compile(r"(?<![0-9A-Za-z.])\+?\d[\d\-]{6,}\d(?![0-9A-Za-z.])")


class Passed(NamedTuple):
    """One message as it passed: when, in which direction, from or to whom."""

    at: datetime
    sent: bool
    peer: Address
    data: bytes


# What keeps the messages of a call that is over, by the desk's call id.
Keep = Callable[[str, list[Passed]], None]


class Ladders:
    """The messages of the dialogs that are open, by SIP Call-ID; a call may have several."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        keep: Keep = lambda call_id, passed: None,
    ) -> None:
        self._now = now
        self._keep = keep
        self._open: dict[bytes, tuple[str, list[Passed]]] = {}
        self._newest: tuple[bytes, Passed] | None = None

    def begin(self, sip_call_id: str, call_id: str) -> None:
        """Keep what passes under this Call-ID; `call_id` is the desk's.

        For a call that came in, the INVITE that is being handled is its first message.
        """
        key = _octets(sip_call_id)
        newest, self._newest = self._newest, None
        first = [newest[1]] if newest is not None and newest[0] == key else []
        self._open[key] = (call_id, first)

    def end(self, sip_call_id: str) -> None:
        """The dialog is over: hand its messages on."""
        kept = self._open.pop(_octets(sip_call_id), None)
        if kept is not None and kept[1]:
            self._keep(*kept)

    def live(self, call_id: str) -> list[Passed]:
        """What has passed so far in the open dialogs of a call, in order."""
        found = [kept for known, kept in self._open.values() if known == call_id]
        return sorted((each for kept in found for each in kept), key=lambda passed: passed.at)

    def sending(self, send: Send) -> Send:
        """`send`, with each message noted as it leaves."""

        def note_and_send(data: bytes, address: Address) -> None:
            self._note(data, address, sent=True)
            send(data, address)

        return note_and_send

    def received(self, data: bytes, source: Address) -> None:
        """Note a message that arrived."""
        self._note(data, source, sent=False)

    def _note(self, data: bytes, peer: Address, *, sent: bool) -> None:
        if len(data) > _MOST_OCTETS:
            return
        key = _call_id_of(data)
        kept = self._open.get(key)
        if kept is None:
            if not sent:
                self._newest = (key, Passed(self._now(), sent, peer, data))
        elif len(kept[1]) < MOST_MESSAGES:
            kept[1].append(Passed(self._now(), sent, peer, data))


def _octets(sip_call_id: str) -> bytes:
    """As it was on the wire, where it need not be text."""
    return sip_call_id.encode("utf-8", "surrogateescape")


def _call_id_of(data: bytes) -> bytes:
    at = data.find(_OUR_CALL_ID)
    if at >= 0:
        start = at + len(_OUR_CALL_ID)
        return data[start : data.find(b"\r", start)]
    found = _ANY_CALL_ID.search(data)
    return found[1].strip() if found else b""


def describe(data: bytes) -> str:
    """What may be read of a message: lines, without line breaks at the end."""
    head, _, body = data.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
    lines = head.split(b"\n")
    told = [_first_line(lines[0])]
    via_told = False
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        name = name.strip().lower()
        spelled = _ADDRESSED.get(name)
        if spelled is not None:
            told.append(f"{spelled}: {_hide_person(_text(value))}")
            continue
        spelled = _PLAIN.get(name)
        if spelled is None or (spelled == "Via" and via_told):
            continue
        via_told = via_told or spelled == "Via"
        told.append(f"{spelled}: {_hide_numbers(_text(value))}")
    if body.startswith(b"v=0"):
        told.append(_describe_audio(body))
    return "\n".join(told)


def _text(raw: bytes) -> str:
    return raw.strip().decode("utf-8", "replace")


def _first_line(line: bytes) -> str:
    text = _text(line)
    return _hide_numbers(text if text.startswith("SIP/") else _USER.sub(_hide_user, text))


def _hide_person(value: str) -> str:
    """An address header without the display name, and the number's end only."""
    bare = _DISPLAY.sub("", value, count=1) if "<" in value else value
    return _hide_numbers(_USER.sub(_hide_user, bare))


def _hide_user(found: re.Match[str]) -> str:
    scheme, user = found[1] or found[3], _USER_ENDS.split(found[2] or found[4] or "")[0]
    shown = f"**{user[-2:]}" if user[-2:].isdigit() else "***"
    return f"{scheme}{shown}@" if found[1] else f"{scheme}{shown}"


def _hide_numbers(value: str) -> str:
    return _NUMBER.sub(lambda found: f"**{found[0][-2:]}", value)


def _describe_audio(body: bytes) -> str:
    """One line for a session description: where audio goes, codecs, direction; no keys."""
    host, media, names, direction, sealed = "", "", [], "sendrecv", False
    for raw in body.split(b"\n"):
        kind, value = raw[:2], _text(raw[2:])
        if kind == b"c=":
            host = value.rpartition(" ")[2]
        elif kind == b"m=":
            media = " ".join(value.split()[:3])
        elif raw.startswith(b"a=rtpmap:"):
            names.append(value.partition(" ")[2])
        elif raw.startswith(b"a=crypto:"):
            sealed = True
        elif value in ("sendonly", "recvonly", "inactive"):
            direction = value
    words = ["SDP:", media, host, *names, direction, *(["crypto"] if sealed else [])]
    return " ".join(word for word in words if word)
