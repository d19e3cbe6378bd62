"""Who calls, and which of our numbers, as an INVITE from the trunk says it: in E.164, or "".

The carrier vouches for P-Asserted-Identity (RFC 3325; only the trunk's own addresses are heard at
all), so it goes before From, which the caller's telephone may write as it likes. A caller who asks
for privacy is nobody, whatever the carrier lets us see.
"""

from __future__ import annotations

import re

from softphone.sip.messages.headers import SipParseError, parse_name_addr, parse_uri, split_quoted
from softphone.sip.messages.message import Message

_PRIVATE = frozenset({"id", "user", "header"})
_PUNCTUATION = re.compile(r"[-.() ]")
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_NATIONAL = re.compile(r"0[1-9]\d{7,9}", re.ASCII)
_FROM_ABROAD = re.compile(r"010([1-9]\d{6,13})", re.ASCII)
_BARE = re.compile(r"81[1-9]\d{8,9}", re.ASCII)


def calling_number(invite: Message) -> str:
    """The caller's number; "" when it is withheld or is none."""
    wishes = {wish.strip().lower() for wish in invite.get("privacy").split(";")}
    if wishes & _PRIVATE:
        return ""
    asserted = split_quoted(", ".join(invite.values("p-asserted-identity")), ",")
    for value in (*asserted, invite.get("from")):
        number = to_e164(user_of(value))
        if number:
            return number
    return ""


def called_number(invite: Message) -> str:
    """Our number that was called.

    The request URI may name our account instead, as to every Contact that was registered: the
    carrier may then say in P-Called-Party-ID (RFC 7315 §4.2) what was dialed, else To tells.
    """
    dialed = to_e164(user_of(invite.get("p-called-party-id")))
    return dialed or to_e164(user_of(invite.uri)) or to_e164(user_of(invite.get("to")))


def user_of(value: str) -> str:
    """The user part of a sip: URI, or the number of a tel: URI, in a name-addr or alone."""
    try:
        uri = parse_name_addr(value).uri
        if uri.lower().startswith("tel:"):
            return uri[4:].partition(";")[0]
        return parse_uri(uri).user.partition(";")[0]
    except SipParseError:
        return ""


def to_e164(user: str) -> str:
    """+81…, 81…, 0… (Japanese) and 010… (abroad) as E.164; "" for what is no such number."""
    digits = _PUNCTUATION.sub("", user)
    if _E164.fullmatch(digits):
        return digits
    abroad = _FROM_ABROAD.fullmatch(digits)
    if abroad:
        return f"+{abroad[1]}"
    if _NATIONAL.fullmatch(digits):
        return f"+81{digits[1:]}"
    return f"+{digits}" if _BARE.fullmatch(digits) else ""
