"""Responses to requests of the peer: headers copied as RFC 3261 §8.2.6 wants, reason phrases."""

from __future__ import annotations

from softphone.sip.messages.headers import split_quoted
from softphone.sip.messages.message import Message
from softphone.sip.transport.transactions import Address

ALLOWED = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK"
_KNOWN = frozenset(
    (*ALLOWED.split(", "), "REGISTER", "SUBSCRIBE", "NOTIFY", "MESSAGE", "REFER", "PUBLISH")
)
SUPPORTED = frozenset({"timer", "100rel"})  # what may stand in the peer's Require
REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 410: "Gone", 415: "Unsupported Media Type",
    416: "Unsupported URI Scheme", 420: "Bad Extension",
    422: "Session Interval Too Small", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 484: "Address Incomplete",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
    491: "Request Pending", 500: "Server Internal Error", 501: "Not Implemented",
    503: "Service Unavailable", 504: "Server Time-out", 505: "Version Not Supported",
    600: "Busy Everywhere", 603: "Decline",
}  # fmt: skip


def build_reply(
    request: Message, code: int, *, source: Address, to_tag: str = "", reason: str = ""
) -> Message:
    """A response to `request`. `to_tag` is added when the request had none and code is not 100."""
    reply = Message(code=code, reason=reason or REASONS.get(code, "Unknown"))
    reply.headers["via"] = _noted_vias(request, source)
    reply.copy_from(request, "from", "to", "call-id", "cseq")
    if code < 300:
        reply.copy_from(request, "record-route")
    if to_tag and code > 100 and not request.to_tag:
        reply.set("to", f"{request.get('to')};tag={to_tag}")
    return reply


def missing_extensions(request: Message) -> dict[str, str]:
    """The headers of a 420 for a request that requires what we have not, or nothing."""
    missing = request.options("require") - SUPPORTED
    return {"unsupported": ", ".join(sorted(missing))} if missing else {}


def refusal_of(method: str) -> int:
    """405 for a method that exists and is not for us, 501 for one nobody has heard of (§21.5.2)."""
    return 405 if method in _KNOWN else 501


def _noted_vias(request: Message, source: Address) -> list[str]:
    """The Via values with what RFC 3581 and §18.2.1 make the server note in the first."""
    top, *rest = request.values("via")
    via = request.via
    if "rport" in via.params and via.params["rport"] is None:
        top = _with_port(top, source[1])
    if via.host != source[0] and "received" not in via.params:
        top += f";received={source[0]}"
    return [top, *rest]


def _with_port(via: str, port: int) -> str:
    parts = split_quoted(via, ";")
    return ";".join(f"rport={port}" if part.lower() == "rport" else part for part in parts)
