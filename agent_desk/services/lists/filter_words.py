"""Filters in words, and what one version says that another does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent_desk.store.lists.filter_grammar import FIELDS, Condition, Group, parse

Translate = Callable[..., str]


@dataclass(frozen=True)
class Changed:
    """What a version of a filter has and the one before had not, and the other way round."""

    added: Sequence[str]
    taken: Sequence[str]


class FilterWords:
    """`fields` as `FilterChoices.fields` gives them: labels of fields, operators and values."""

    def __init__(self, fields: Sequence[Mapping[str, Any]], t: Translate) -> None:
        self._labels = {each["name"]: each["label"] for each in fields}
        self._ops = {
            (each["name"], op["value"]): op["label"] for each in fields for op in each["ops"]
        }
        self._options = {
            (each["name"], option["value"]): str(option["label"])
            for each in fields
            for option in each["options"]
        }
        self._t = t

    def lines(self, definition: Mapping[str, Any]) -> list[str]:
        """How the parts are joined, and each part; definitions as they were saved."""
        group = parse(definition)
        return [self._mode(group), *(self._part(part) for part in group.parts)]

    def changed(self, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Changed:
        """Between two versions; None: there was none before."""
        old, new = Counter([] if before is None else self.lines(before)), Counter(self.lines(after))
        return Changed(list((new - old).elements()), list((old - new).elements()))

    def _mode(self, group: Group) -> str:
        return self._t("admin.filter.all" if group.every else "admin.filter.any")

    def _part(self, part: Condition | Group) -> str:
        if isinstance(part, Group):
            word = "filter.words.and" if part.every else "filter.words.or"
            parts = self._joined(word, [self._part(each) for each in part.parts])
            return self._t("filter.words.group", mode=self._mode(part), parts=parts)
        values = self._joined("filter.words.or", [self._value(part, each) for each in part.values])
        label = self._labels[part.field]
        field = f"{label} {part.column}" if part.column else label
        if isinstance(part.values[0], bool):
            return self._t("filter.words.flag", field=field, value=values)
        op = self._ops[part.field, part.op]
        kind = "number" if FIELDS[part.field].kind == "number" else "choice"
        return self._t(f"filter.words.{kind}", field=field, op=op, value=values)

    def _joined(self, word: str, parts: Sequence[str]) -> str:
        together, *rest = parts or [""]
        for part in rest:
            together = self._t(word, first=together, second=part)
        return together

    def _value(self, part: Condition, value: Any) -> str:
        if isinstance(value, bool):
            return self._t("admin.filter.yes" if value else "admin.filter.no")
        if isinstance(value, int) and (part.field, value) not in self._options:
            return f"{value:,}"
        return self._options.get((part.field, value), str(value))
