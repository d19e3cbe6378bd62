"""What of a SIP header may be read by whoever looks at a call: never a number, a name or a key.

Addresses are not cleaned but built anew from the parts that may be told: scheme, the number's last
two digits, host and port, transport, tag. Whatever else a trunk writes around them (display names,
headers hidden in a URI, parameters of its own) has no way in. Texts keep their words and lose what
may be a number. Every reader here is linear in its input.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

_URI = re.compile(r"\b(sips?|tel):([^\s<>\"]*)", re.IGNORECASE)
_USER_ENDS = re.compile(r"[;:]")
_HOST = re.compile(r"[0-9A-Za-z._\-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_URI_PARAMETER = re.compile(r";(transport=[a-z]{2,4}|user=phone|lr)(?![^;?])", re.IGNORECASE)
_PARAMETER = re.compile(r";[ \t]*(tag=[0-9A-Za-z.!%*_+`'~\-]{1,200}|expires=\d{1,10})(?![^;,\s])")
_METHOD = re.compile(r"[A-Z]{1,20}")
_SEQUENCE = re.compile(r"\d{1,10}[ \t]+[A-Z]{1,20}")
_TOKEN = re.compile(r"[0-9A-Za-z._/+\-]{1,40}")

# In a text: seven digits or more, however they are set apart.
_IN_TEXT = re.compile(r"\+?\d(?:[ \-.()/\u2010-\u2015\u30fc\uff0d]{0,2}\d){6,}")
# In an identifier: a number as it is dialled in Japan wherever it stands; others by themselves.
_IN_TOKEN = re.compile(
    r"(?:\+?81|0)\d{8,11}|(?<!\d)\d{7,40}(?=@)|(?<![0-9A-Za-z.])\+?\d[\d\-]{6,40}\d(?![0-9A-Za-z.])"
)
_HIDDEN = "***"


def first_line(line: str) -> str:
    """`INVITE sip:**78@host SIP/2.0`, or the status line with its reason."""
    if line.startswith("SIP/2.0 "):
        return f"SIP/2.0 {text(line[8:11])}{text(line[11:])}".rstrip()
    method, _, rest = line.partition(" ")
    shown = method if _METHOD.fullmatch(method) else _HIDDEN
    return f"{shown} {_addresses(rest.rpartition(' ')[0])} SIP/2.0"


def address(value: str) -> str:
    """A header that holds addresses (From, To, Contact, Refer-To): each of them, and the tag."""
    told = ", ".join(f"<{found}>" for found in _each_address(value)) or _HIDDEN
    after = value.rpartition(">")[2] if ">" in value else value
    parameters = "".join(f";{found}" for found in _PARAMETER.findall(after))
    return told + identifier(parameters)


def identifier(value: str) -> str:
    """A Call-ID, a Via, a tag: as it is, but for the numbers some trunks put into them."""
    return _IN_TOKEN.sub(_end_of, value)


def text(value: str) -> str:
    """Words of a trunk, such as a reason: without numbers; IPv4 addresses stay."""
    return _IN_TEXT.sub(lambda found: found[0] if _is_ip(found[0]) else _end_of(found), value)


def quoted_texts(value: str) -> str:
    """A header of parameters among which are texts (Reason, Warning)."""
    parts = value.split('"')
    return '"'.join(text(part) if at % 2 else identifier(part) for at, part in enumerate(parts))


def sequence(value: str) -> str:
    """A CSeq: a number that counts messages, and a method."""
    return value if _SEQUENCE.fullmatch(value) else _HIDDEN


def tokens(values: list[str]) -> list[str]:
    """Those that are nothing but a short token."""
    return [identifier(value) for value in values if _TOKEN.fullmatch(value)]


def _addresses(value: str) -> str:
    return ", ".join(_each_address(value)) or _HIDDEN


def _each_address(value: str) -> list[str]:
    return [_one(found[1].lower(), found[2]) for found in _URI.finditer(value)]


def _one(scheme: str, rest: str) -> str:
    if scheme == "tel":
        return f"tel:{_user(rest.partition('?')[0])}"
    user, at, host = rest.rpartition("@") if "@" in rest else ("", "", rest)
    place, _, parameters = host.partition("?")[0].partition(";")
    shown = re.sub(r"\d{7,}", _end_of, place) if _HOST.fullmatch(place) else _HIDDEN
    kept = "".join(f";{each}" for each in _URI_PARAMETER.findall(f";{parameters}"))
    return f"{scheme}:{_user(user)}@{shown}{kept}" if at else f"{scheme}:{shown}{kept}"


def _user(user: str) -> str:
    end = _USER_ENDS.split(user)[0][-2:]
    return f"**{end}" if end.isascii() and end.isdigit() else _HIDDEN


def _end_of(found: re.Match[str]) -> str:
    return f"**{found[0][-2:]}"


def _is_ip(found: str) -> bool:
    try:
        ip_address(found)
    except ValueError:
        return False
    return True
