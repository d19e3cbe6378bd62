"""How the product sends mail: DESK_SMTP_URL and DESK_MAIL_FROM, read and checked together.

The URL holds a password: no fault ever shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from config_reader import Reader, is_loopback

Security = Literal["none", "starttls", "tls"]
PORTS: dict[Security, int] = {"none": 25, "starttls": 587, "tls": 465}
# What goes behind "@" of an address and of a Message-ID.
ADDRESS = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
    r"@(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+)"
)
_HOW = "Write it as smtp://user:password@host:587?starttls=1 or smtps://user:password@host"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in, and who it is from."""

    host: str
    port: int
    security: Security
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def domain(self) -> str:
        """That of the sender, in which Message-IDs are made."""
        return self.sender.rpartition("@")[2]


def read_mail(read: Reader) -> MailServer | None:
    """The server, or None when no mail is sent; faults are kept by `read`."""
    sender = read.text("DESK_MAIL_FROM")
    if sender and not ADDRESS.fullmatch(sender):
        read.fault("DESK_MAIL_FROM", "is not a mail address", "Write one such as desk@example.jp")
        sender = ""
    url = read.text("DESK_SMTP_URL")
    if not url:
        return None
    if not read.text("DESK_MAIL_FROM"):
        read.fault(
            "DESK_MAIL_FROM",
            "is not set, and mail needs a sender",
            "Write the address reports come from, such as desk@example.jp",
        )
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        read.fault("DESK_SMTP_URL", "is not a URL", _HOW)
        return None
    security = _security(read, parts, options)
    if security is None or not sender:
        return None
    return MailServer(
        host=parts.hostname or "",
        port=port or PORTS[security],
        security=security,
        sender=sender,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _security(read: Reader, parts: SplitResult, options: dict[str, str]) -> Security | None:
    """How the way is protected; None when the URL cannot be used, and that is a fault."""
    for wrong, problem, remedy in _problems(parts, options):
        if wrong:
            read.fault("DESK_SMTP_URL", problem, remedy)
            return None
    if parts.scheme == "smtps":
        return "tls"
    return "starttls" if options.get("starttls") == "1" else "none"


def _problems(parts: SplitResult, options: dict[str, str]) -> Sequence[tuple[bool, str, str]]:
    """(whether it is wrong, what, what to do), the first that holds counts."""
    plain = parts.scheme == "smtp" and options.get("starttls", "0") == "0"
    return (
        (
            parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.port == 0,
            "is not a URL this setting takes",
            _HOW,
        ),
        (
            parts.path not in ("", "/") or not set(options) <= {"starttls"} or bool(parts.fragment),
            "says more than a server can be told",
            "Only ?starttls=1 may follow the port",
        ),
        (
            options.get("starttls", "0") not in ("0", "1"),
            "has a starttls that is neither 0 nor 1",
            "Write ?starttls=1",
        ),
        (
            parts.scheme == "smtps" and "starttls" in options,
            "asks for starttls, and smtps:// is encrypted from the first byte",
            "Leave ?starttls out, or write smtp://",
        ),
        (
            bool(parts.username) != bool(parts.password),
            "has a user name or a password alone",
            "Write both or neither",
        ),
        (
            plain and bool(parts.password) and not is_loopback(parts.hostname or ""),
            "would show its password to the network",
            "Add ?starttls=1 or write smtps://",
        ),
    )
