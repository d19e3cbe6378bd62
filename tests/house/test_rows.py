"""Rows of acceptance, faults and calling rules the desk answers for have tests of their names.

Rows are those of the requirements: `A10` is shown by `test_a10_…`, or by a JavaScript test whose
title begins with it. What a row asks of conversations with a machine is shown elsewhere.
"""

from __future__ import annotations

import re

import pytest

from tests.house.sources import ROOT

ROWS = (
    *(f"A{n:02}" for n in range(2, 9)),
    *("A12", "A47", "A51", "A52", "A53", "A54", "A55"),
    *("A09", "A10", "A11", "A15", "A22", "A23", "A24", "A25", "A31", "A32", "A33", "A34"),
    *("A48", "A49", "A50"),
    *("A57", "A64", "A66", "A67", "B05", *(f"B{n}" for n in range(11, 20))),
    *(f"B{n}" for n in range(25, 34)),
    "B36",
    *(f"B{n}" for n in range(40, 46)),
    *("F09", "F10", "F11", "F12", "F13", "F17", *(f"F{n}" for n in range(32, 41))),
    *(f"R{n}" for n in range(31, 37)),
    *("R39", "R50", "R54", "R58", "R60"),
)
PYTHON = re.compile(r"def test_((?:[abfr]\d\d_)+)")
JAVASCRIPT = re.compile(r"^test\(\"([ABFR]\d\d)", re.MULTILINE)


def named() -> set[str]:
    """The rows that tests are named for."""
    rows: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for found in PYTHON.findall(path.read_text("utf-8")):
            rows.update(found.upper().strip("_").split("_"))
    for path in (ROOT / "tests/js").rglob("*.test.js"):
        rows.update(JAVASCRIPT.findall(path.read_text("utf-8")))
    return rows


@pytest.fixture(scope="module")
def rows() -> set[str]:
    return named()


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_test_of_its_name(row: str, rows: set[str]) -> None:
    assert row in rows
