"""What a number in a workbook's cell looks like to a person: a date, a padded code, or a number.

Excel keeps dates as days since 1900 and a number without its zeros; only the cell's format says
which. A format made of zeros and hyphens shows leading zeros, so they are given back. A telephone
number typed into a plain cell has lost its zero for good: it stays lost here, and the row is
refused later with that reason, for the number one would guess belongs to somebody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NO_CODE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_LETTERS = re.compile(r"[ymdhsge年月日]", re.IGNORECASE)
_ZEROS = re.compile(r"[0\-() ]*0[0\-() ]*")
_FIRST, _FIRST_1904 = datetime(1899, 12, 30, tzinfo=UTC), datetime(1904, 1, 1, tzinfo=UTC)
_LAST_SERIAL = 2_958_466  # the day after 9999-12-31
_LONGEST_NUMBER = 40


class CellFormats:
    """The formats of a workbook, filled by its styles part, element by element."""

    def __init__(self) -> None:
        self.from_1904 = False
        self._codes: dict[str, str] = {}
        self._ids: list[str] = []
        self._in_cells = False
        self._kinds: dict[str, str] = {}

    def element(self, tag: str, of: Mapping[str, str]) -> None:
        """One element of `xl/styles.xml`."""
        if tag == "numFmt":
            self._codes[of.get("numFmtId", "")] = of.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            self._in_cells = tag == "cellXfs"
        elif tag == "xf" and self._in_cells:
            self._ids.append(of.get("numFmtId", "0"))

    def shown(self, value: str, style: str) -> str:
        """A number as the cell of this style shows it; what is no number stays as it is."""
        if not value or len(value) > _LONGEST_NUMBER:
            return value
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value
        if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
            return value
        if style not in self._kinds:
            self._kinds[style] = self._kind(style)
        kind = self._kinds[style]
        if kind == "date" and 0 <= number < _LAST_SERIAL:
            return self._date(number)
        whole = number == number.to_integral_value()
        if kind not in ("", "date") and whole and number >= 0:
            return _padded(int(number), kind)
        return str(int(number)) if whole else format(number.normalize(), "f")

    def _kind(self, style: str) -> str:
        """`date`, a pattern of zeros, or nothing."""
        index = int(style) if style.isdecimal() else 0
        format_id = self._ids[index] if index < len(self._ids) else "0"
        code = self._codes.get(format_id)
        if code is None:
            return "date" if format_id.isdecimal() and int(format_id) in _BUILT_IN_DATES else ""
        first = code.split(";")[0]
        plain = re.sub(r"\\(.)", r"\1", first.replace('"', ""))
        if _ZEROS.fullmatch(plain) and plain.count("0") > 1:
            return plain
        return "date" if _DATE_LETTERS.search(_NO_CODE.sub("", first)) else ""

    def _date(self, serial: Decimal) -> str:
        days = int(serial)
        first = _FIRST_1904 if self.from_1904 else _FIRST
        if not self.from_1904 and days < 60:  # Excel believes that 1900 was a leap year
            first += timedelta(days=1)
        seconds = int((serial - days) * 86_400 + Decimal("0.5"))
        try:
            at = first + timedelta(days=days, seconds=seconds)
        except OverflowError:
            return str(serial)
        return at.date().isoformat() if seconds == 0 else at.strftime("%Y-%m-%d %H:%M:%S")


def _padded(number: int, pattern: str) -> str:
    """The digits in the zeros of a pattern, from the right; further ones go in front."""
    digits = str(number).rjust(pattern.count("0"), "0")
    out: list[str] = []
    rest = list(digits)
    for place in reversed(pattern):
        out.append(rest.pop() if place == "0" else place)
    return "".join(rest) + "".join(reversed(out))
