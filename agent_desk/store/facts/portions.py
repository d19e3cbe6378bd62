"""What a pass has read of one kind of rows: columns to be written, and how far it is read now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agent_desk.store.facts import months
from agent_desk.store.facts.layout import TABLES
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.words import Words

LATE_US = 20_000_000  # a lease may be committed so much later than another that began after it

Values = Mapping[str, Sequence[Any]]
Part = tuple[str, str, dict[str, Column]]  # table, month, columns


@dataclass(frozen=True)
class Portion:
    """`changes` are fields of the manifest; `whole` says that nothing was left to read."""

    parts: list[Part]
    count: int
    whole: bool
    changes: dict[str, Any] = field(default_factory=dict)


def columns(table: str, values: Values, words: Words) -> dict[str, Column]:
    """Values of every column of a table, words as codes."""
    return {
        name: np.array(
            words.codes(fact.words, values[name]) if fact.words else values[name], fact.dtype
        )
        for name, fact in TABLES[table].items()
    }


def month_of(instant: int) -> str:
    """The month of an instant."""
    return months.of_day(months.day_number(instant))
