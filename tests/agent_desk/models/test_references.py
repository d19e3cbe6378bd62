"""Rows that may go: whoever refers to them is found by an index, not by reading whole tables."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, UniqueConstraint

from agent_desk.models.tables import METADATA

# What is taken back with an import, erased or forgotten.
MAY_GO = ("customers", "phones", "debts", "list_entries")
REFERRING = sorted(
    (
        key.parent
        for table in METADATA.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in MAY_GO
    ),
    key=str,
)


@pytest.mark.parametrize("column", REFERRING, ids=str)
def test_a_reference_to_what_may_go_has_an_index(column: Column[object]) -> None:
    table = column.table
    whole = [each for each in table.indexes if each.dialect_options["sqlite"]["where"] is None]
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    first = [next(iter(each.columns)) for each in (*whole, *unique, table.primary_key)]
    assert any(each is column for each in first)
