"""Session timers (RFC 4028): who refreshes a call, when, and when it counts as dead.

A call whose BYE was lost in a crash would otherwise be billed until somebody notices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from softphone.sip.messages.headers import SipParseError, parse_number, parse_params
from softphone.sip.messages.message import Message

LEAST_S = 90  # §4: no Min-SE below this

Role = Literal["uac", "uas"]  # of the request that carried the header, not of the call


@dataclass(frozen=True)
class SessionInterval:
    """`seconds` between refreshes and who sends them."""

    seconds: int
    refresher: Role | None

    @property
    def header(self) -> str:
        return f"{self.seconds};refresher={self.refresher or 'uac'}"

    def refresh_after(self) -> float:
        """Half the interval (§10)."""
        return self.seconds / 2

    def expires_after(self, *, ours: bool) -> float:
        """When to send BYE: the side that waits gives up a little earlier (§10)."""
        return self.seconds if ours else self.seconds - min(32, self.seconds / 3)


def read_interval(message: Message) -> SessionInterval | None:
    """The Session-Expires of a message, or None when absent or unreadable."""
    value = message.get("session-expires")
    if not value:
        return None
    number, _, rest = value.partition(";")
    try:
        seconds = parse_number(number)
    except SipParseError:
        return None
    if seconds <= 0:
        return None
    refresher = (parse_params(rest).get("refresher") or "").lower()
    known: Role | None = "uac" if refresher == "uac" else "uas" if refresher == "uas" else None
    return SessionInterval(seconds, known)


def agree(request: Message) -> tuple[SessionInterval, dict[str, str]] | None:
    """What we, asked by `request`, keep to, and the headers of the 2xx that say so (§9).

    A proxy may have asked for it in the name of a peer that knows no timers (a proxy names nobody
    to refresh, §8.1): then we refresh, and require nothing.
    """
    interval = read_interval(request)
    if interval is None:
        return None
    if interval.refresher is not None or "timer" in request.options("supported"):
        agreed = SessionInterval(interval.seconds, interval.refresher or "uac")
        return agreed, {"session-expires": agreed.header, "require": "timer"}
    agreed = SessionInterval(interval.seconds, "uas")
    return agreed, {"session-expires": agreed.header}


def read_least(response: Message) -> int | None:
    """The Min-SE of a 422, or None."""
    try:
        return parse_number(response.get("min-se").partition(";")[0])
    except SipParseError:
        return None
