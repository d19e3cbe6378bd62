"""Where people live, in the few forms a hold can name: prefecture, city, postcode, number prefix.

A customer's row has keyed hashes of the first three; two spellings of one place must give one hash.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from agent_desk.services.errors import ServiceError
from agent_desk.store.sealing import Sealer

PREFECTURE, CITY, POSTCODE, NUMBER_PREFIX = "prefecture", "city", "postcode", "number_prefix"
KINDS = (PREFECTURE, CITY, POSTCODE, NUMBER_PREFIX)
POSTCODE_AREA = 3  # digits of a postcode that name a region
LONGEST = 60


@dataclass(frozen=True)
class Area:
    """A place in normal form, and its keyed hash."""

    value: str
    key: str


def read(sealer: Sealer, kind: str, text: str) -> Area:
    """What somebody wrote; ServiceError area-unusable. A postcode has 7 digits or its first 3."""
    if kind not in KINDS:
        raise ServiceError("area-unusable", reason="kind")
    value = _prefix(text) if kind == NUMBER_PREFIX else plain(kind, text)
    if value is None:
        raise ServiceError("area-unusable", reason=kind)
    return Area(value, sealer.area_key(kind, value))


def plain(kind: str, text: str) -> str | None:
    """The normal form of a prefecture, city or postcode; None for what is none."""
    value = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if kind == POSTCODE:
        digits = value.removeprefix("〒").replace("-", "").replace("ー", "")
        whole = digits.isdecimal() and len(digits) in (POSTCODE_AREA, 7)
        return digits if whole else None
    return value if 1 <= len(value) <= LONGEST else None


def _prefix(text: str) -> str | None:
    """The beginning of Japanese numbers, two digits at least after the 0, as in E.164."""
    value = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", text))
    if value.startswith("0"):
        value = "+81" + value[1:]
    return value if re.fullmatch(r"\+81[1-9][0-9]{0,5}", value, re.ASCII) else None
