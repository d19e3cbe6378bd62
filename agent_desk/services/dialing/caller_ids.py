"""Which number a customer sees: one of those the trunk may show, and always the same one (R30).

A customer who is called from a new number each time takes it for a fraud, and a desk that changes
numbers to get through blocks is one. So the choice is a function of the customer alone: it stays
while the pool stays, and when a number joins or leaves the pool only those customers change whose
number it was, or now is.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence

from agent_desk.services.rules.areas import PREFECTURES

ByArea = Sequence[Sequence[str]]  # of area and number


def numbers_of(text: str) -> tuple[str, ...]:
    """The numbers a campaign names, separated by commas."""
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def area_of(text: str) -> str | None:
    """A prefecture by its whole name, or the beginning of numbers as in E.164; None: no area."""
    area = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    if area in PREFECTURES:
        return area
    return "+81" + area[1:] if re.fullmatch(r"0[1-9][0-9]{0,4}", area, re.ASCII) else None


def local(by_area: ByArea, *, called: str, lives_in: Callable[[str], bool]) -> str:
    """The numbers a campaign shows in this customer's area; "" where it has none for it.

    `called`: the number in E.164; an area code says where a fixed line is, the longest most
    exactly. `lives_in`: whether the customer's address is in a prefecture; mobiles have no area.
    """
    named = [(area_of(area) or "", number) for area, number in by_area]
    prefixes = [each for each in named if each[0].startswith("+") and called.startswith(each[0])]
    if prefixes:
        return max(prefixes, key=lambda each: len(each[0]))[1]
    here = (number for area, number in named if area in PREFECTURES and lives_in(area))
    return next(here, "")


def choose(customer_id: int, *, campaign: str, trunk: Sequence[str], here: str = "") -> str:
    """The number for this customer; "" leaves it to the trunk.

    `campaign`: the numbers it names; `here`: the one of the customer's area, which comes first;
    `trunk`: all the trunk may show, empty when that is not known here. None of them being the
    trunk's, the trunk's own are shown: a carrier refuses, or bills, a number that is not its
    customer's.
    """
    known = {e164(number) for number in trunk}
    if here and (not known or e164(here) in known):
        return here
    wanted = numbers_of(campaign)
    pool = [number for number in wanted if not known or e164(number) in known] or trunk
    return max(pool, key=lambda number: _score(number, customer_id), default="")


def e164(number: str) -> str:
    """0312345678 and +81312345678 are one number; what is no Japanese number stays as it is."""
    compact = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", number))
    return "+81" + compact[1:] if re.match(r"0[1-9]", compact) else compact


def _score(number: str, customer_id: int) -> bytes:
    return hashlib.sha256(f"{e164(number)} {customer_id}".encode()).digest()
