"""The STUN and TURN servers a page may use, with credentials that are worth nothing tomorrow.

A relay's own secret never leaves the desk. What a page gets is the user name `expiry:seat` and, as
its password, the base64 HMAC-SHA1 of that name under the secret: coturn's `use-auth-secret`, called
the TURN REST API. The relay checks both without asking anybody. The hash is the relay's choice,
not ours; as a keyed hash it stands, though SHA-1 alone does not.

Relays know real time, so business time plays no part.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

# A shift and its overtime. A page that is open longer asks again when it is refused.
TTL_S = 12 * 3600
OUR_OWN = frozenset({"secret", "ttl_s"})


def servers_for(
    seat_id: str, servers: Sequence[Mapping[str, Any]], *, now: datetime
) -> list[dict[str, Any]]:
    """RTCIceServer objects for one seat's page, from those of the setting `ICE_SERVERS`.

    An entry with a `secret` gets credentials for `ttl_s` seconds from `now`, real time; every
    other entry is passed on as it stands.
    """
    return [_for_page(server, seat_id, now) for server in servers]


def _for_page(server: Mapping[str, Any], seat_id: str, now: datetime) -> dict[str, Any]:
    shown = {name: value for name, value in server.items() if name not in OUR_OWN}
    secret = server.get("secret")
    if secret is not None:
        expiry = int(now.timestamp()) + int(server.get("ttl_s", TTL_S))
        username = f"{expiry}:{seat_id}"
        digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
        shown |= {"username": username, "credential": base64.b64encode(digest).decode()}
    return shown
