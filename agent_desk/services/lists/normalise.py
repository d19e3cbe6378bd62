"""One spelling for what lists hold in many: telephone numbers, names, kana, dates, amounts.

Each function answers the normal form or raises `BadValue` with a stable reason; the reasons are
`import.reason.<code>` in the catalogue. Nothing is guessed: a number that lost its leading zero in
a spreadsheet is refused, for the number one would guess belongs to somebody.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

import phonenumbers

from agent_desk.dialer.calling_rules import dialable_form

_HYPHENS = dict.fromkeys(map(ord, "-‐‑‒–—―−ー－()（） \u3000\t."), None)
_PRACTICE = re.compile(r"0[6-9]00\d{7}")
_MOBILE = re.compile(r"0[789]0[1-9]\d{7}", re.ASCII)
_SERVICE = re.compile(r"1\d{2,3}")
_PREMIUM = re.compile(r"0(570|990)\d+")
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925, "大正": 1911}
_DATE = re.compile(
    r"(?P<era>令和|平成|昭和|大正|[RHS])?(?P<y>\d{1,4}|元)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
)
_DATE_DIGITS = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_AMOUNT = re.compile(r"[¥\\]?(\d{1,3}(?:,\d{3})+|\d+)円?")
_HIRAGANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
MAX_YEN = 10**12


class BadValue(Exception):
    """The value cannot be used; `reason` is stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Number:
    """A telephone number in E.164 and what kind it is (`models/customers.py` names the kinds)."""

    e164: str
    kind: str


def number(text: str, *, practice: bool) -> Number:
    """A Japanese telephone number; `practice` lets the unassigned 090-0… of the demo pass.

    Reasons: number-missing, number-malformed, number-leading-zero, number-emergency,
    number-premium, number-abroad, number-unassigned (rule R57).
    """
    # Some write '090… so that a spreadsheet keeps the zero.
    plain = unicodedata.normalize("NFKC", text).translate(_HYPHENS).removeprefix("'")
    if not plain:
        raise BadValue("number-missing")
    if not re.fullmatch(r"\+?\d+", plain, re.ASCII):
        raise BadValue("number-malformed")
    if plain.startswith("+81"):
        plain = "0" + plain[3:].removeprefix("0")
    if plain.startswith(("+", "010", "00")):
        raise BadValue("number-abroad")
    if _SERVICE.fullmatch(plain):
        raise BadValue("number-emergency")
    if not plain.startswith("0"):
        raise BadValue("number-leading-zero" if len(plain) in (9, 10) else "number-malformed")
    if _PREMIUM.fullmatch(plain):
        raise BadValue("number-premium")
    return _japanese(plain, practice=practice)


def _japanese(plain: str, *, practice: bool) -> Number:
    e164 = "+81" + plain[1:]
    if _PRACTICE.fullmatch(plain):
        if not practice:
            raise BadValue("number-unassigned")
        return Number(e164, "mobile")
    if _MOBILE.fullmatch(plain) and dialable_form(e164, practice=practice):
        return Number(e164, "mobile")  # what the library says too, after 80 µs
    parsed = phonenumbers.parse(plain, "JP")
    if not phonenumbers.is_valid_number(parsed) or not dialable_form(e164, practice=practice):
        raise BadValue("number-malformed")
    kinds = {
        phonenumbers.PhoneNumberType.MOBILE: "mobile",
        phonenumbers.PhoneNumberType.FIXED_LINE: "fixed",
        phonenumbers.PhoneNumberType.VOIP: "ip",
    }
    return Number(e164, kinds.get(phonenumbers.number_type(parsed), "other"))


def national(e164: str) -> str:
    """A number as people here write it."""
    return "0" + e164[3:] if e164.startswith("+81") else e164


def name(text: str) -> str:
    """A name for keys and comparisons: full-width forms unified, no spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def shown(text: str) -> str:
    """A name or word as people will read it: trimmed, one kind of space, no control characters."""
    plain = "".join(c for c in text if unicodedata.category(c) != "Cc" or c in "\t\n")
    return re.sub(r"\s+", " ", plain.replace("\u3000", " ")).strip()


def kana(text: str) -> str:
    """A reading in full-width katakana without spaces or dots; reason kana-malformed."""
    wide = unicodedata.normalize("NFKC", text).translate(_HIRAGANA)
    plain = re.sub(r"[\s・.]", "", wide)
    if plain and not re.fullmatch(r"[ァ-ヺーA-Za-z0-9&'-]+", plain):
        raise BadValue("kana-malformed")
    return plain


def day(text: str, *, reason: str) -> date | None:
    """A date in any usual spelling, era names included; None for nothing, else `reason`."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if not plain:
        return None
    found = _DATE_DIGITS.fullmatch(plain) or _DATE.fullmatch(plain)
    if found is None:
        raise BadValue(reason)
    parts = found.groupdict()
    year = 1 if parts["y"] == "元" else int(parts["y"])
    if parts.get("era"):
        year += _ERAS[parts["era"]]
    try:
        return date(year, int(parts["m"]), int(parts["d"]))
    except ValueError:
        raise BadValue(reason) from None


def yen(text: str) -> int | None:
    """Whole yen; None for nothing; reason amount-malformed."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if not plain:
        return None
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise BadValue("amount-malformed")
    amount = int(found.group(1).replace(",", ""))
    if amount > MAX_YEN:
        raise BadValue("amount-malformed")
    return amount


def days(text: str) -> int | None:
    """A number of days; None for nothing; reason days-malformed."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).removesuffix("日")
    if not plain:
        return None
    if not re.fullmatch(r"\d{1,5}", plain, re.ASCII):
        raise BadValue("days-malformed")
    return int(plain)


def last4(text: str) -> str | None:
    """The last four digits of a member number; None when there are fewer."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    return digits[-4:] if len(digits) >= 4 else None
