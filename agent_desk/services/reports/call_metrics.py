"""The dictionary of figures about calls: each one's sums, unit, and what it is divided by.

Names and formulas stand in the catalogue, as `report.<code>` and `report.formula.<code>`: the page
prints the formula under each column. All of them come from attempts that are over
(`store/facts/pivot.py` names the sums); nothing is estimated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_desk.services.reports.making import COUNT, MS, NUMBER, SECONDS, SHARE, YEN, Cell

_Z = 1.959964  # of a 95 % interval
FEW = 30  # a share of fewer says little


@dataclass(frozen=True)
class CallMetric:
    """`numerator` and `denominator` are sums; `scale` makes the unit of what they are in."""

    code: str
    unit: str
    numerator: str
    denominator: str | None = None
    scale: float = 1.0

    @property
    def sums(self) -> tuple[str, ...]:
        """What has to be added up for it."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)

    @property
    def is_share(self) -> bool:
        """Whether it is so many of so many, and so has an interval."""
        return self.unit == SHARE

    def value(self, sums: Mapping[str, int]) -> Cell:
        """The figure; None where there is nothing to divide by."""
        told = sums[self.numerator]
        if self.denominator is None:
            return told if self.scale == 1.0 else told * self.scale
        cases = sums[self.denominator]
        return None if not cases else told / cases * self.scale

    def columns(self, sums: Mapping[str, Sequence[int]]) -> list[Sequence[Cell]]:
        """Of many groups at once: the figure, and of a share both ends of its interval."""
        told = sums[self.numerator]
        if self.denominator is None:
            return [told if self.scale == 1.0 else [each * self.scale for each in told]]
        both = list(zip(told, sums[self.denominator], strict=True))
        scale = self.scale
        found: list[Sequence[Cell]] = [
            [each / cases * scale if cases else None for each, cases in both]
        ]
        if self.is_share:
            ends = [wilson(each, cases) if cases else (None, None) for each, cases in both]
            found += [[low for low, _ in ends], [high for _, high in ends]]
        return found

    def cases(self, sums: Mapping[str, int]) -> int:
        """On how many cases it rests."""
        return sums[self.denominator or self.numerator]

    def interval(self, sums: Mapping[str, int]) -> tuple[float, float] | None:
        """Where the share lies with 95 %; None for what is no share of anything."""
        if not self.is_share or self.denominator is None or not sums[self.denominator]:
            return None
        return wilson(sums[self.numerator], sums[self.denominator])


def wilson(told: int, cases: int) -> tuple[float, float]:
    """Wilson's interval of a share, which holds for few cases and near 0 and 1 too."""
    share, square = told / cases, _Z * _Z
    middle = share + square / (2 * cases)
    spread = _Z * math.sqrt(share * (1 - share) / cases + square / (4 * cases * cases))
    low, high = (middle - spread), (middle + spread)
    below = 1 + square / cases
    return max(0.0, low / below), min(1.0, high / below)


_EVERY = (
    CallMetric("m_attempts", COUNT, "attempts"),
    CallMetric("m_answered", COUNT, "answered"),
    CallMetric("m_answer_rate", SHARE, "answered", "attempts"),
    CallMetric("m_bridged", COUNT, "bridged"),
    CallMetric("m_contacts", COUNT, "status:contact"),
    CallMetric("m_contact_rate", SHARE, "status:contact", "attempts"),
    CallMetric("m_contact_of_answered", SHARE, "status:contact", "answered"),
    CallMetric("m_first_contact_rate", SHARE, "first_contacts", "first_attempts"),
    CallMetric("m_verified", COUNT, "verified"),
    CallMetric("m_verified_rate", SHARE, "verified", "attempts"),
    CallMetric("m_valid", COUNT, "valid"),
    CallMetric("m_valid_rate", SHARE, "valid", "status:contact"),
    CallMetric("m_valid_of_attempts", SHARE, "valid", "attempts"),
    CallMetric("m_payment_dates", COUNT, "status:payment_date"),
    CallMetric("m_payment_date_rate", SHARE, "status:payment_date", "status:contact"),
    CallMetric("m_payment_date_of_verified", SHARE, "status:payment_date", "verified"),
    CallMetric("m_promises", COUNT, "promises"),
    CallMetric("m_promised_yen", YEN, "promised_yen"),
    CallMetric("m_promised_yen_each", YEN, "promised_yen", "promises"),
    CallMetric("m_abandoned", COUNT, "abandoned"),
    CallMetric("m_abandon_rate", SHARE, "abandoned", "live_answers"),
    CallMetric("m_bridge_avg_ms", MS, "bridge_ms", "bridged"),
    CallMetric("m_talk_s", SECONDS, "talk_ms", scale=0.001),
    CallMetric("m_talk_avg_s", SECONDS, "talk_ms", "bridged", scale=0.001),
    CallMetric("m_hold_avg_s", SECONDS, "hold_ms", "bridged", scale=0.001),
    CallMetric("m_wrap_avg_s", SECONDS, "wrap_ms", "bridged", scale=0.001),
    CallMetric("m_contacts_per_hour_talk", NUMBER, "status:contact", "talk_ms", scale=3_600_000),
)
CALL_METRICS: Mapping[str, CallMetric] = {each.code: each for each in _EVERY}
USUAL = ("m_attempts", "m_contacts", "m_contact_rate", "m_valid", "m_valid_rate", "m_payment_dates")
