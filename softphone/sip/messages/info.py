"""Keys pressed, as some PBXs and phones send them: INFO with a body of its own (not RFC 4733)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from softphone.sip.messages.message import Message

_USUAL_MS = 160
_MOST_MS = 10_000
# Within a line, and never over an empty one: a body of nothing else must cost nothing.
_SIGNAL = re.compile(
    r"^[ \t]*Signal[ \t]*=[ \t]*([0-9*#A-D]|1[0-5])[ \t]*\r?$", re.MULTILINE | re.IGNORECASE
)
_DURATION = re.compile(
    r"^[ \t]*Duration[ \t]*=[ \t]*([0-9]{1,6})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE
)
_EVENTS = "0123456789*#ABCD"  # RFC 4733 §3.2: some write the event's number instead of its key


@dataclass(frozen=True)
class Digit:
    """One key and how long it was held."""

    key: str
    duration_ms: int


def read_digit(request: Message) -> Digit | None:
    """The key of an INFO with `application/dtmf-relay` or `application/dtmf`, else None."""
    kind = request.get("content-type").partition(";")[0].strip().lower()
    text = request.body.decode("utf-8", "replace")
    if kind == "application/dtmf":
        key = text.strip().upper()
        return Digit(key, _USUAL_MS) if len(key) == 1 and key in _EVENTS else None
    signal = _SIGNAL.search(text)
    if kind != "application/dtmf-relay" or not signal:
        return None
    key = signal[1].upper()
    duration = _DURATION.search(text)
    held = int(duration[1]) if duration else _USUAL_MS
    return Digit(_EVENTS[int(key)] if len(key) == 2 else key, min(held, _MOST_MS))
