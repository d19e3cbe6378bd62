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
# fmt: off
PREFECTURES = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県",
    "福島県", "茨城県", "栃木県", "群馬県", "埼玉県", "千葉県",
    "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県",
    "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県",
    "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県",
    "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県",
    "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)
# fmt: on


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
