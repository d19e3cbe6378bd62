"""docs/number-plan.md says what the code does: the table, the counts and the test block."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from softphone.practice_carrier.number_plan import CELLS, TEST_NUMBERS

PAGE = (Path(__file__).parents[3] / "docs" / "number-plan.md").read_text(encoding="utf-8")


def test_the_page_prints_the_table_of_last_two_digits() -> None:
    rows = re.findall(r"^\| \*\*\d\*\* \|(.*)\|$", PAGE, flags=re.MULTILINE)
    assert tuple(row.replace("|", "").replace(" ", "") for row in rows) == CELLS


def test_the_page_counts_the_cells_of_each_kind() -> None:
    counts = dict(re.findall(r"^\| ([A-Z]) \| (\d+) \|", PAGE, flags=re.MULTILINE))
    assert {letter: int(count) for letter, count in counts.items()} == Counter("".join(CELLS))


def test_the_page_lists_every_scripted_test_number() -> None:
    listed = re.findall(r"^\| 90(\d\d) \|", PAGE, flags=re.MULTILINE)
    assert listed == sorted(TEST_NUMBERS)
