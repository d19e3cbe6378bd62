"""What a call costs: a pure function of its row, of the kind of its number and of a tariff (I16).

Nothing here is stored with a call but which tariff it was leased under; what it cost is worked out
whenever somebody asks, and comes out the same, because a version of a tariff never changes once it
is in force. Carriers price to a tenth of a yen per begun unit of time, so money is counted in sen
(1/100 yen, integers): nothing is rounded before a bill is added up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# What is paid for talking: each begun unit; one price for each call that was answered; a monthly
# fee that covers the first seconds of each call; a monthly fee that covers everything.
KINDS = ("metered", "per_call", "allowance", "unlimited")
# What the monthly fee per head is counted by: machines, seats at once, or people with a login.
BASES = ("terminal", "booth", "id")
LINES = ("fixed", "mobile")
LABELS = frozenset({"work", "other"})  # kinds of numbers that say whose they are, not what
SEN = 100  # a yen
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Rate:
    """`price_sen` for each begun `unit_s` seconds; with `per_call`, for each answered call."""

    price_sen: int
    unit_s: int


@dataclass(frozen=True)
class Terms:
    """One version of a tariff. Monthly fees are in yen; tax is in them or not, as they are meant.

    `seat_yen` is charged per `billed_by` (one of `BASES`); `included_s` are the seconds of each
    call that the fee of an `allowance` covers.
    """

    kind: str
    fixed: Rate
    mobile: Rate
    basic_yen: int = 0
    seat_yen: int = 0
    billed_by: str = "booth"
    included_s: int = 0


@dataclass(frozen=True)
class Version:
    """Terms and the first Japanese day they are in force on."""

    from_on: date
    terms: Terms


def version_on(versions: Sequence[Version], day: date) -> Version | None:
    """The newest version that had begun on this day; None before the first."""
    begun = [version for version in versions if version.from_on <= day]
    return max(begun, key=lambda version: version.from_on, default=None)


def line_of(phone_kind: str | None) -> str:
    """By which of the two rates a number is charged; only mobile numbers have their own."""
    return "mobile" if phone_kind == "mobile" else "fixed"


def line_of_number(e164: str) -> str:
    """The rate of a number whose kind is a label (at work, other) and says nothing of the line.

    Japanese mobile numbers are 060, 070, 080 and 090 (電気通信番号計画).
    """
    return "mobile" if re.fullmatch(r"\+81[6-9]0\d{8}", e164) else "fixed"


def connected_s(answered_at: datetime | None, ended_at: datetime | None) -> int | None:
    """Begun seconds of the connection; None for a call nobody answered, or that still lasts.

    What was answered and ended at once lasted one second: the carrier counts it.
    """
    if answered_at is None or ended_at is None:
        return None
    return max(1, -((answered_at - ended_at) // _SECOND))


def charge_sen(terms: Terms, line: str, seconds: int | None) -> int:
    """What one outbound call costs, in sen; `seconds` as `connected_s` counts them.

    A call that was not answered costs nothing under any tariff.
    """
    if seconds is None or terms.kind == "unlimited":
        return 0
    rate = terms.mobile if line == "mobile" else terms.fixed
    if terms.kind == "per_call":
        return rate.price_sen
    beyond = seconds - (terms.included_s if terms.kind == "allowance" else 0)
    return _units(max(0, beyond), rate.unit_s) * rate.price_sen


def yen_text(sen: int) -> str:
    """An amount as people write it: 7.8, 1,234.56, 22,000."""
    whole, rest = divmod(abs(sen), SEN)
    part = f".{rest:02d}".rstrip("0") if rest else ""
    return f"{'-' if sen < 0 else ''}{whole:,}{part}"


def _units(seconds: int, unit_s: int) -> int:
    """Begun units."""
    return -(-seconds // unit_s)
