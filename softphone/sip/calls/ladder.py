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

from softphone.sip.messages import redaction
from softphone.sip.transport.transactions import Address, Send

MOST_MESSAGES = 120
# No message of a call is longer; what is, is not worth its memory.
_MOST_OCTETS = 8192

_OUR_CALL_ID = b"\nCall-ID: "
_ANY_CALL_ID = re.compile(rb"\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]+)", re.IGNORECASE)

# Headers that are told, by every spelling, and how each is made fit to be read.
_TOLD: dict[bytes, tuple[str, Callable[[str], str]]] = {
    spelling: (name, tell)
    for name, spellings, tell in (
        ("Call-ID", (b"call-id", b"i"), redaction.identifier),
        ("CSeq", (b"cseq",), redaction.sequence),
        ("Via", (b"via", b"v"), redaction.identifier),
        ("Reason", (b"reason",), redaction.quoted_texts),
        ("Warning", (b"warning",), redaction.quoted_texts),
        ("Retry-After", (b"retry-after",), redaction.text),
        ("Session-Expires", (b"session-expires", b"x"), redaction.text),
        ("From", (b"from", b"f"), redaction.address),
        ("To", (b"to", b"t"), redaction.address),
        ("Contact", (b"contact", b"m"), redaction.address),
        ("Refer-To", (b"refer-to", b"r"), redaction.address),
    )
    for spelling in spellings
}
# A header may go on in the next line (RFC 3261 §7.3.1).
_FOLD = re.compile(rb"\n[ \t]+")


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
    lines = _FOLD.sub(b" ", head).split(b"\n")
    told = [redaction.first_line(_text(lines[0]))]
    via_told = False
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        known = _TOLD.get(name.strip().lower())
        if known is None or (known[0] == "Via" and via_told):
            continue
        spelled, tell = known
        via_told = via_told or spelled == "Via"
        told.append(f"{spelled}: {tell(_text(value))}")
    if body.startswith(b"v=0"):
        told.append(_describe_audio(body))
    return "\n".join(told)


def _text(raw: bytes) -> str:
    return raw.strip().decode("utf-8", "replace")


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
    words = [*media.split(), host, *names, direction, *(["crypto"] if sealed else [])]
    return " ".join(["SDP:", *redaction.tokens(words)])
