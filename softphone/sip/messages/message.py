"""SIP messages: one datagram in, one `Message` out, and back (RFC 3261 §7).

The parser is our own because those on the shelf refuse what carriers really send (folded headers, a
tab after `Digest`, `SIP/2.0 200` without a reason) or accept what makes a phantom call. Everything
a transaction is matched by (Via, CSeq, From, To, Call-ID) is checked here, once, so that the layers
above never meet a message half understood.
"""

from __future__ import annotations

import re

from softphone.sip.messages.headers import (
    NameAddr,
    SipParseError,
    Via,
    parse_name_addr,
    parse_number,
    parse_params,
    parse_uri,
    parse_via,
    split_quoted,
)

MAX_HEADER_LINES = 200
_MOST_PARTS = 9
_COMPACT = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length",
    "c": "content-type", "f": "from", "s": "subject", "k": "supported", "t": "to", "v": "via",
    "x": "session-expires", "r": "refer-to", "b": "referred-by", "o": "event",
    "u": "allow-events", "a": "accept-contact", "j": "reject-contact",
    "d": "request-disposition", "y": "identity",
}  # fmt: skip
_SPELLING = {
    "call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate",
    "rack": "RAck", "rseq": "RSeq", "min-se": "Min-SE", "mime-version": "MIME-Version",
}  # fmt: skip
_LISTS = frozenset(
    (
        "via", "contact", "route", "record-route", "allow", "supported", "require",
        "unsupported", "path", "service-route", "p-asserted-identity", "accept",
        "proxy-require", "reason",
    )
)  # fmt: skip
_REQUIRED = ("via", "from", "to", "call-id", "cseq")
_OTHER_VERSION = re.compile(r"^SIP/[0-9]{1,3}\.[0-9]{1,3}$", re.IGNORECASE)
_TOKEN = re.compile(r"^[A-Za-z0-9\-.!%*_+`'~]+$")
_CSEQ = re.compile(r"^([0-9]{1,10})[ \t]+(\S+)$")


class BadRequest(SipParseError):
    """A request that must not be acted on but names its sender well enough to be told why.

    `code`: 400, or 505 for another version of SIP.
    """

    def __init__(self, request: Message, code: int, why: str) -> None:
        super().__init__(why)
        self.request, self.code = request, code


class Message:
    """A request (`method`, `uri`) or a response (`code`, `reason`) with headers and a body.

    Header names are kept in lower case in the order written; values are lists of raw lines.
    """

    __slots__ = ("_cseq", "_ends", "_via", "body", "code", "headers", "method", "reason", "uri")

    def __init__(self, method: str = "", uri: str = "", *, code: int = 0, reason: str = "") -> None:
        self.method, self.uri, self.code, self.reason = method, uri, code, reason
        self.headers: dict[str, list[str]] = {}
        self.body = b""
        self._via: Via | None = None
        self._cseq: tuple[int, str] | None = None
        self._ends: tuple[NameAddr, NameAddr] | None = None

    def get(self, name: str, default: str = "") -> str:
        """The first line of a header, or `default`."""
        lines = self.headers.get(name)
        return lines[0] if lines else default

    def values(self, name: str) -> list[str]:
        """All values of a header, comma lists taken apart."""
        lines = self.headers.get(name, [])
        if name in _LISTS:
            return [part for line in lines for part in split_quoted(line, ",")]
        return list(lines)

    def options(self, name: str) -> set[str]:
        """The option tags of Supported, Require or Allow, in lower case."""
        return {value.lower() for value in self.values(name)}

    def add(self, name: str, value: str) -> None:
        if "\r" in value or "\n" in value:
            raise ValueError("a header value must not hold a line break")
        self.headers.setdefault(name.lower(), []).append(value)

    def set(self, name: str, value: str) -> None:
        self.headers.pop(name.lower(), None)
        self.add(name, value)

    def copy_from(self, other: Message, *names: str) -> None:
        for name in names:
            if name in other.headers:
                self.headers[name] = list(other.headers[name])

    @property
    def via(self) -> Via:
        if self._via is None:
            values = self.values("via")
            if not values:
                raise SipParseError("no Via")
            self._via = parse_via(values[0])
        return self._via

    @property
    def branch(self) -> str:
        return self.via.branch

    @property
    def cseq(self) -> tuple[int, str]:
        """(sequence number, method)"""
        if self._cseq is None:
            match = _CSEQ.match(self.get("cseq"))
            if not match:
                raise SipParseError("unreadable CSeq")
            self._cseq = (parse_number(match[1]), match[2])
        return self._cseq

    def _from_and_to(self) -> tuple[NameAddr, NameAddr]:
        if self._ends is None:
            self._ends = (parse_name_addr(self.get("from")), parse_name_addr(self.get("to")))
        return self._ends

    @property
    def call_id(self) -> str:
        return self.get("call-id")

    @property
    def from_tag(self) -> str:
        return self._from_and_to()[0].tag

    @property
    def to_tag(self) -> str:
        return self._from_and_to()[1].tag

    @property
    def contact_uri(self) -> str:
        """The URI of the first usable Contact, or "" when there is none."""
        for value in self.values("contact"):
            try:
                uri = parse_name_addr(value).uri
                parse_uri(uri)
            except SipParseError:
                continue
            return uri
        return ""

    @property
    def record_routes(self) -> list[str]:
        """The Record-Route values in the order written; none at all when one is unreadable."""
        values = self.values("record-route")
        try:
            for value in values:
                parse_uri(parse_name_addr(value).uri)
        except SipParseError:
            return []
        return values

    @property
    def sdp(self) -> str:
        """The body when it is a session description or holds one among its parts, else ""."""
        return _find_sdp(self.get("content-type"), self.body)

    def set_sdp(self, text: str) -> None:
        self.set("content-type", "application/sdp")
        self.body = text.encode()

    @property
    def retry_after_s(self) -> int | None:
        """The seconds of Retry-After (§20.33), or None; its comment and parameters are left."""
        try:
            return parse_number(re.split("[;(]", self.get("retry-after"), maxsplit=1)[0])
        except SipParseError:
            return None

    @property
    def q850(self) -> int | None:
        """The ISDN cause of a Reason header (RFC 3326), or None; 0 is no cause of Q.850."""
        for value in self.values("reason"):
            protocol, _, params = value.partition(";")
            if protocol.strip().lower() != "q.850":
                continue
            for part in split_quoted(params, ";"):
                name, _, cause = part.partition("=")
                cause = cause.strip()
                if name.strip().lower() == "cause" and cause.isascii() and cause.isdigit():
                    return int(cause) or None if len(cause) <= 3 else None
        return None

    def __bytes__(self) -> bytes:
        if self.code:
            lines = [f"SIP/2.0 {self.code} {self.reason}"]
        else:
            lines = [f"{self.method} {self.uri} SIP/2.0"]
        for name, values in self.headers.items():
            if name != "content-length":
                spelled = _spell(name)
                lines.extend(f"{spelled}: {value}" for value in values)
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


def _find_sdp(content_type: str, body: bytes, *, nested: bool = False) -> str:
    """The description in a body, also inside multipart/mixed, as carriers that add ISUP send it."""
    kind, _, params = content_type.partition(";")
    kind = kind.strip().lower()
    if kind == "application/sdp":
        return body.decode("utf-8", "replace")
    boundary = parse_params(params).get("boundary") if kind.startswith("multipart/") else ""
    if not boundary or nested:
        return ""
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    for part in body.split(mark)[1:_MOST_PARTS]:
        head, _, content = part.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
        for line in head.decode("utf-8", "replace").split("\n"):
            name, _, value = line.partition(":")
            if name.strip().lower() in ("content-type", "c"):
                found = _find_sdp(value.strip(), content, nested=True)
                if found:
                    return found
    return ""


def _spell(name: str) -> str:
    return _SPELLING.get(name) or "-".join(part.capitalize() for part in name.split("-"))


def parse(data: bytes) -> Message:
    """Read one datagram. Raises `SipParseError` only; `BadRequest` when it can be answered."""
    data = data.lstrip(b"\r\n")  # RFC 3261 §7.5, and keep-alives glued to a message
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        head, separator, body = data.partition(b"\n\n")
    text = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    if "\n " in text or "\n\t" in text:
        # Unfold. Spaces before the fold stay: looking for them takes minutes where there are many.
        text = re.sub(r"\n[ \t]+", " ", text)
    if "\r" in text:
        raise SipParseError("a carriage return inside a line")
    lines = text.split("\n")
    if len(lines) > MAX_HEADER_LINES:
        raise SipParseError("too many header lines")
    message, version = _start_line(lines[0])
    _read_headers(message, lines[1:])
    if not message.via.host or not message.call_id:
        raise SipParseError("empty Via or Call-ID")
    message.cseq, message.from_tag  # noqa: B018  no later layer meets a broken CSeq, From or To
    try:
        _check(message, version, body)
    except SipParseError as fault:
        if message.code or message.method == "ACK":
            raise  # neither is ever answered
        raise BadRequest(message, 400 if version == "SIP/2.0" else 505, str(fault)) from fault
    return message


def _check(message: Message, version: str, body: bytes) -> None:
    """What a request can still be refused for by an answer, and the body."""
    if version != "SIP/2.0":
        raise SipParseError("another version of SIP")
    message.body = _cut_body(message, body)
    if message.method and message.cseq[1] != message.method:
        raise SipParseError("CSeq names another method")


def _start_line(line: str) -> tuple[Message, str]:
    """The message with its first line read, and the version it says it is in."""
    if line.startswith("SIP/2.0"):
        version, _, rest = line.partition(" ")
        code, _, reason = rest.partition(" ")
        if version != "SIP/2.0" or len(code) != 3 or not 100 <= parse_number(code) <= 699:
            raise SipParseError("bad status line")
        return Message(code=int(code), reason=reason), version
    words = line.split(" ")
    if len(words) != 3 or not words[1] or not _TOKEN.match(words[0]):
        raise SipParseError("bad request line")
    if not _OTHER_VERSION.match(words[2]):
        raise SipParseError("bad version")
    return Message(words[0], words[1]), words[2]


def _read_headers(message: Message, lines: list[str]) -> None:
    headers = message.headers
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            if line.strip():
                raise SipParseError("a header without a colon")
            continue
        name = name.strip().lower()
        headers.setdefault(_COMPACT.get(name, name), []).append(value.strip())
    for name in _REQUIRED:
        if not message.get(name):
            raise SipParseError(f"no {name}")
        if name != "via" and len(headers[name]) > 1:
            raise SipParseError(f"more than one {name}")


def _cut_body(message: Message, body: bytes) -> bytes:
    """Content-Length rules; bytes after it are not ours, fewer than it are a torn datagram."""
    lengths = set(message.headers.get("content-length", []))
    if not lengths:
        return body
    if len(lengths) > 1:
        raise SipParseError("two values of Content-Length")
    length = parse_number(lengths.pop())
    if length > len(body):
        raise SipParseError("the body is shorter than Content-Length")
    return body[:length]
