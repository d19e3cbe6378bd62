"""The grammar of SIP header values: lists, parameters, quoted strings, name-addr, URI, Via.

Read tolerantly: trunks send commas inside realms, upper-case parameters, tabs and folded lines, and
a reader that refuses them loses calls. What cannot be understood raises `SipParseError`, nothing
else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Params = dict[str, str | None]


class SipParseError(ValueError):
    """The text is not SIP that can be acted on."""


def split_quoted(value: str, separator: str) -> list[str]:
    """Split on `separator` outside quoted strings and <...>; empty parts are left out."""
    if separator not in value:
        return [value.strip()] if value.strip() else []
    if '"' not in value and "<" not in value:
        return [part for part in map(str.strip, value.split(separator)) if part]
    parts: list[str] = []
    start = 0
    for index in _bare_positions(value, separator):
        parts.append(value[start:index].strip())
        start = index + 1
    parts.append(value[start:].strip())
    return [part for part in parts if part]


def _bare_positions(value: str, wanted: str) -> list[int]:
    """Where `wanted` stands outside quotes and angle brackets."""
    found = []
    quoted = escaped = False
    angle = 0
    for index, char in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char == wanted and not angle:
            found.append(index)
        elif char == "<":
            angle += 1
        elif char == ">":
            angle = max(0, angle - 1)
    return found


def unquote(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == '"' and value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def quote(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_params(text: str) -> Params:
    """`;a=1;lr` → {"a": "1", "lr": None}; names in lower case, a repeated one keeps its first."""
    params: Params = {}
    for part in split_quoted(text, ";"):
        name, equals, value = part.partition("=")
        params.setdefault(name.strip().lower(), unquote(value) if equals else None)
    return params


def parse_number(text: str, *, most: int = 2**32 - 1) -> int:
    """A plain ASCII whole number of at most ten digits."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 10) or int(text) > most:
        raise SipParseError(f"not a number in range: {text[:20]!r}")
    return int(text)


@dataclass(frozen=True)
class NameAddr:
    """`"display" <uri>;params` of From, To, Contact, Route and Record-Route."""

    display: str
    uri: str
    params: Params = field(default_factory=dict)

    @property
    def tag(self) -> str:
        return self.params.get("tag") or ""


def parse_name_addr(value: str) -> NameAddr:
    """Read a name-addr or addr-spec; the `<` is looked for outside the quoted display name."""
    begin = value.find("<")
    if '"' in value:  # hardly ever, and each message has several of these
        begin = next(iter(_bare_positions(value, "<")), -1)
    if begin >= 0:
        end = value.find(">", begin)
        if end < 0:
            raise SipParseError("unterminated <uri>")
        display = unquote(value[:begin])
        return NameAddr(display, value[begin + 1 : end].strip(), parse_params(value[end + 1 :]))
    if '"' in value:
        raise SipParseError("a quoted string without a URI")
    uri, _, rest = value.partition(";")  # addr-spec form: the parameters belong to the header
    return NameAddr("", uri.strip(), parse_params(rest))


_URI = re.compile(
    r"^(sips?):(?:([^@]*)@)?(\[[0-9A-Fa-f:.]+\]|[^\[\]@:;?<>\s]+)(?::([0-9]{1,5}))?((?:;[^?]*)?)(?:\?.*)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SipUri:
    """A sip: or sips: URI; `port` is None when not written."""

    user: str
    host: str
    port: int | None
    params: Params = field(default_factory=dict)


def parse_uri(text: str) -> SipUri:
    match = _URI.match(text.strip())
    if not match:
        raise SipParseError(f"not a SIP URI: {text[:60]!r}")
    port = int(match[4]) if match[4] else None
    if port is not None and not 0 < port < 65536:
        raise SipParseError("port out of range")
    user = (match[2] or "").partition(":")[0]
    return SipUri(user, match[3].strip("[]"), port, parse_params(match[5]))


_VIA = re.compile(
    r"^SIP\s*/\s*[0-9]\.[0-9]\s*/\s*([A-Za-z0-9\-.!%*_+`'~]+)\s+(\[[^\]]+\]|[^\s:;]+)(?:\s*:\s*([0-9]{1,5}))?\s*(;.*)?$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Via:
    """One Via value: where a response goes, and the branch that names its transaction.

    `transport` is in upper case: UDP, TCP, TLS, …
    """

    host: str
    port: int | None
    params: Params
    transport: str = "UDP"

    @property
    def reliable(self) -> bool:
        """Whether the transport itself repeats what was lost."""
        return self.transport != "UDP"

    @property
    def branch(self) -> str:
        return self.params.get("branch") or ""


def parse_via(value: str) -> Via:
    match = _VIA.match(value)
    if not match:
        raise SipParseError("unreadable Via")
    port = int(match[3]) if match[3] else None
    if port is not None and not 0 < port < 65536:
        raise SipParseError("Via port out of range")
    return Via(match[2], port, parse_params(match[4] or ""), match[1].upper())
