"""Which calls of a week are listened to: at random, and so that anybody can draw them again.

The seed of a week follows from its Monday and a key nobody who is listened to has, so it is settled
before the first call of the week and no second draw would give another. Calls are put in the order
of a hash over seed and call; whoever has the seed and the calls' ids gets the same order by hand.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable
from datetime import date


def seed_of(key: bytes, monday: date) -> str:
    """The seed of the week that begins on this Monday, as hex."""
    told = f"listening audit {monday.isoformat()}"
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def place_of(seed: str, call_id: str) -> str:
    """What a call's place in the order goes by: SHA-256 over `<seed>:<call id>`, as hex."""
    return hashlib.sha256(f"{seed}:{call_id}".encode()).hexdigest()


def draw(seed: str, call_ids: Iterable[str], count: int) -> list[str]:
    """The first `count` of one operator's calls in the drawn order; all when there are fewer."""
    return sorted(call_ids, key=lambda call_id: place_of(seed, call_id))[:count]


def next_after(seed: str, call_ids: Iterable[str], last_hash: str) -> str | None:
    """The call that follows a place in the order; None when no other is left."""
    rest = [call_id for call_id in call_ids if place_of(seed, call_id) > last_hash]
    return min(rest, key=lambda call_id: place_of(seed, call_id), default=None)


def for_second(seed: str, call_ids: Collection[str], percent: int) -> frozenset[str]:
    """Which drawn calls a second person hears too: that share of all of them, rounded up."""
    count = -(-len(call_ids) * percent // 100)
    return frozenset(draw(f"{seed}:second", call_ids, count))
