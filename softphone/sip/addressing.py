"""How numbers and caller ids are written towards a trunk: national or +E.164, From and identity."""

from __future__ import annotations

import re
from typing import Literal

NumberFormat = Literal["national", "e164"]
IdentityHeader = Literal["P-Asserted-Identity", "P-Preferred-Identity", "none"]

_DIALABLE = re.compile(r"^\+?[0-9*#]{1,32}$")
_JAPAN = "+81"


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


def caller_headers(
    caller_id: str, *, domain: str, number_format: NumberFormat, identity: IdentityHeader
) -> tuple[str, dict[str, str]]:
    """(URI for From, identity headers). A caller id that is no number (an account) stays as it is.

    Raises UnusableNumber when it could break out of the header.
    """
    if not caller_id:
        return f"sip:anonymous@{domain}", {}
    try:
        user = user_part(caller_id, number_format)
    except UnusableNumber:
        if not re.match(r"^[A-Za-z0-9_.+-]{1,64}$", caller_id):
            raise
        user = caller_id
    uri = f"sip:{user}@{domain}"
    return uri, {} if identity == "none" else {identity.lower(): f"<{uri}>"}
