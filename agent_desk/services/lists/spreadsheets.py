"""Cells for files that people open in a spreadsheet."""

from __future__ import annotations

# A Japanese Excel takes the wide ones for the others.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(cell: str) -> str:
    """The cell so that no spreadsheet runs it as a formula (OWASP CSV injection)."""
    return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell


def read_back(cell: str) -> str:
    """What `inert` made of a cell undone: an error file that was put right is imported again."""
    if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS):
        return cell[1:]
    return cell
