"""How figures of mixed units are written in one column: a number, and its unit beside it."""

from __future__ import annotations

from agent_desk.catalogue import translate
from agent_desk.services.reports import measures

# How many decimals say something.
_DIGITS = {
    measures.COUNT: 0,
    measures.YEN: 0,
    measures.RATE: 1,
    measures.HOURS: 1,
    measures.SCORE: 2,
}
NOTHING = "–"
_FEW_YEN = 100  # below, decimals of a yen say something too


def number_of(value: float | None, unit: str) -> float | None:
    """A rate in percent, anything else as it is, rounded to what says something."""
    if value is None:
        return None
    shown = value * 100 if unit == measures.RATE else value
    digits = _DIGITS.get(unit, 1)
    if unit == measures.YEN and abs(shown) < _FEW_YEN and shown != int(shown):
        digits = 3
    return round(shown, digits or None)  # None: to a whole number


def unit_of(unit: str, locale: str, *, change: bool = False) -> str:
    """The unit's word; a change of a rate is told in points."""
    code = "points" if change and unit == measures.RATE else unit
    return translate(f"money.unit.{code}", locale=locale)


def written(value: float | None, unit: str, *, signed: bool = False) -> str:
    """The number as the page shows it; – for none."""
    told = number_of(value, unit)
    if told is None:
        return NOTHING
    digits = _DIGITS.get(unit, 1)
    if unit == measures.YEN and told != int(told):
        digits = 3
    sign = "+" if signed and told > 0 else ""
    return f"{sign}{told:,.{digits}f}".replace("-", "−")


def percent(share: float | None, *, signed: bool = False) -> str:
    """A share in percent with one decimal; – for none."""
    if share is None:
        return NOTHING
    return f"{'+' if signed and share > 0 else ''}{share * 100:,.1f} %".replace("-", "−")
