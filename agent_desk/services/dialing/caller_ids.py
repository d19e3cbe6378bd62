"""Which number a customer sees: one of those the trunk may show, and always the same one (R30).

A customer who is called from a new number each time takes it for a fraud, and a desk that changes
numbers to get through blocks is one. So the choice is a function of the customer alone: it stays
while the pool stays, and when a number joins or leaves the pool only those customers change whose
number it was, or now is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence


def numbers_of(text: str) -> tuple[str, ...]:
    """The numbers a campaign names, separated by commas."""
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def choose(customer_id: int, *, campaign: str, trunk: Sequence[str]) -> str:
    """The number for this customer; "" leaves it to the trunk.

    `campaign`: the numbers it names; `trunk`: all the trunk may show, empty when that is not known
    here. The campaign's come first; none of them being the trunk's, the trunk's own are shown: a
    carrier refuses, or bills, a number that is not its customer's.
    """
    wanted = numbers_of(campaign)
    known = {_digits(number) for number in trunk}
    pool = [number for number in wanted if not known or _digits(number) in known] or trunk
    return max(pool, key=lambda number: _score(number, customer_id), default="")


def never_shown(campaign: str, *, trunks: Sequence[str]) -> list[str]:
    """The numbers a campaign names that no trunk may show; none where that is not known here."""
    known = {_digits(number) for number in trunks}
    return [number for number in numbers_of(campaign) if known and _digits(number) not in known]


def _digits(number: str) -> str:
    """0312345678 and +81312345678 are one number."""
    compact = re.sub(r"[^0-9+]", "", number)
    return "+81" + compact[1:] if re.match(r"0[1-9]", compact) else compact


def _score(number: str, customer_id: int) -> bytes:
    return hashlib.sha256(f"{_digits(number)} {customer_id}".encode()).digest()
