"""How numbers and caller ids are written towards a trunk: national or +E.164, From and identity.

A desk that withholds its number is refused by many telephones and taken for a fraud by the rest, so
`privacy="id"` (RFC 3325) is never chosen here: only a trunk that was set up so does it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

NumberFormat = Literal["national", "e164"]
IdentityHeader = Literal["P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID", "none"]
Privacy = Literal["", "none", "id"]  # "": no Privacy header

_DIALABLE = re.compile(r"^\+?[0-9*#]{1,32}$")
_JAPAN = "+81"
_ANONYMOUS = "anonymous@anonymous.invalid"  # RFC 3323 §4.1.1.3


class UnusableNumber(ValueError):
    """The number holds something that cannot be dialed."""


def user_part(number: str, number_format: NumberFormat) -> str:
    """The user part of a SIP URI: +81312345678 → 0312345678 on a national trunk, and back.

    Numbers in another form (short codes, foreign numbers) stay as given. Raises UnusableNumber.
    """
    compact = re.sub(r"[-() ]", "", number)
    if not _DIALABLE.match(compact):
        raise UnusableNumber("not a dialable number")
    if number_format == "national" and compact.startswith(_JAPAN):
        compact = "0" + compact.removeprefix(_JAPAN)
    elif number_format == "e164" and re.match(r"^0[1-9]", compact):
        compact = _JAPAN + compact[1:]
    return compact.replace("#", "%23")


def shown_number(wanted: str, allowed: Sequence[str], *, called: str) -> str:
    """The caller id a trunk shows: the one wanted if the trunk may show it, else one of its own.

    One called number always sees the same one of `allowed`, and keeps it when others come or go.
    """
    if not allowed or _e164(wanted) in map(_e164, allowed):
        return wanted

    def score(number: str) -> bytes:
        return hashlib.sha256(f"{number} {called}".encode()).digest()

    return max(allowed, key=score)


def _e164(number: str) -> str:
    try:
        return user_part(number, "e164")
    except UnusableNumber:
        return number


def caller_headers(
    caller_id: str,
    *,
    domain: str,
    number_format: NumberFormat,
    identity: IdentityHeader,
    privacy: Privacy = "",
    scheme: str = "sip",
) -> tuple[str, dict[str, str]]:
    """(URI for From, identity headers). A caller id that is no number (an account) stays as it is.

    Raises UnusableNumber when it could break out of the header.
    """
    if not caller_id:
        return f"{scheme}:anonymous@{domain}", {}
    try:
        user = user_part(caller_id, number_format)
    except UnusableNumber:
        if not re.match(r"^[A-Za-z0-9_.+-]{1,64}$", caller_id):
            raise
        user = caller_id
    uri = f"{scheme}:{user}@{domain}"
    headers: dict[str, str] = {"privacy": privacy} if privacy else {}
    hidden = privacy == "id"
    if identity == "Remote-Party-ID":
        secrecy = "full" if hidden else "off"
        headers[identity.lower()] = f"<{uri}>;party=calling;screen=yes;privacy={secrecy}"
    elif identity != "none":
        headers[identity.lower()] = f"<{uri}>"
    return f"{scheme}:{_ANONYMOUS}" if hidden else uri, headers
