"""The language of filters: closed, typed, and the only thing a person can say about customers.

A filter is a group: `{"all": […]}` or `{"any": […]}` of conditions and groups. A condition is
`{"field": …, "op": …, "value": …}`; what values a field takes, `FIELDS` says. Nothing else is
understood, so whatever a page or another system sends can at worst be refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MOST_CONDITIONS = 30
MOST_VALUES = 50
DEEPEST = 3
LONGEST_TEXT = 100
LARGEST_NUMBER = 10**12

Kind = Literal["flag", "number", "codes", "ids", "texts", "column"]


class BadFilter(Exception):
    """What was sent is no filter; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Field:
    """What may be asked of one attribute. `codes`: the words it takes, none: any word."""

    kind: Kind
    codes: tuple[str, ...] = ()


OPS: Mapping[Kind, tuple[str, ...]] = {
    "flag": ("is",),
    "number": ("at_least", "at_most"),
    "codes": ("is", "is_not"),
    "ids": ("is", "is_not"),
    "texts": ("is", "is_not"),
    "column": ("is", "is_not"),
}
FIELDS: Mapping[str, Field] = {
    # history
    "contacted": Field("flag"),
    "last_outcome": Field("codes"),
    "attempts": Field("number"),
    "last_attempt_days": Field("number"),
    "status": Field("codes"),
    "valid_call": Field("ids"),
    "callback": Field("flag"),
    # money
    "past_delinquency": Field("flag"),
    "delinquency": Field("codes", ("d1_30", "d31_90", "d91")),
    "overdue_days": Field("number"),
    "debt_yen": Field("number"),
    "promise": Field("codes", ("open", "kept", "broken")),
    # who and where
    "column": Field("column"),
    "prefecture": Field("texts"),
    "city": Field("texts"),
    "postcode": Field("texts"),
    "phone_kind": Field("codes", ("mobile", "fixed", "ip", "work", "other")),
    "vip": Field("flag"),
    "registered_days": Field("number"),
    # where they stand
    "list": Field("ids"),
    "product": Field("ids"),
    "held": Field("flag"),
    "blocked": Field("flag"),
}


@dataclass(frozen=True)
class Condition:
    """One question. `values`: a bool, a number, or words; `column` names the file's column."""

    field: str
    op: str
    values: tuple[Any, ...]
    column: str = ""


@dataclass(frozen=True)
class Group:
    """All of the parts must hold, or any of them; a group of nothing holds for everybody."""

    every: bool
    parts: tuple[Condition | Group, ...]


def parse(data: object) -> Group:
    """What JSON says; `BadFilter` for whatever is no filter."""
    seen = [0]
    return _group(data, 1, seen)


def to_json(group: Group) -> dict[str, Any]:
    """Back to what `parse` takes, in one form."""
    return {"all" if group.every else "any": [_part_json(part) for part in group.parts]}


def _part_json(part: Condition | Group) -> dict[str, Any]:
    if isinstance(part, Group):
        return to_json(part)
    single = FIELDS[part.field].kind in ("flag", "number")
    said: dict[str, Any] = {"field": part.field, "op": part.op}
    said["value"] = part.values[0] if single else list(part.values)
    return {**said, "column": part.column} if part.column else said


def _group(data: object, depth: int, seen: list[int]) -> Group:
    if depth > DEEPEST:
        raise BadFilter("too-deep")
    if not isinstance(data, Mapping) or set(data) not in ({"all"}, {"any"}):
        raise BadFilter("not-a-group")
    (word, parts), *_ = data.items()
    if not isinstance(parts, list):
        raise BadFilter("not-a-group")
    return Group(word == "all", tuple(_part(part, depth, seen) for part in parts))


def _part(data: object, depth: int, seen: list[int]) -> Condition | Group:
    if isinstance(data, Mapping) and "field" not in data:
        return _group(data, depth + 1, seen)
    seen[0] += 1
    if seen[0] > MOST_CONDITIONS:
        raise BadFilter("too-many")
    return _condition(data)


def _condition(data: object) -> Condition:
    if not isinstance(data, Mapping) or not set(data) <= {"field", "op", "value", "column"}:
        raise BadFilter("not-a-condition")
    name, op = data.get("field"), data.get("op")
    field = FIELDS.get(name) if isinstance(name, str) else None
    if field is None:
        raise BadFilter("field-unknown")
    if op not in OPS[field.kind]:
        raise BadFilter("operator-unknown")
    column = data.get("column", "")
    if (field.kind == "column") is not bool(column) or not _is_text(column, empty=True):
        raise BadFilter("column-needed")
    return Condition(str(name), str(op), _values(field, data.get("value")), str(column).strip())


def _values(field: Field, value: object) -> tuple[Any, ...]:
    if field.kind == "flag":
        if not isinstance(value, bool):
            raise BadFilter("value-unusable")
        return (value,)
    if field.kind == "number":
        if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
            raise BadFilter("value-unusable")
        return (value,)
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise BadFilter("value-unusable")
    if len(value) > MOST_VALUES or not all(_fits(field, each) for each in value):
        raise BadFilter("value-unusable")
    return tuple(dict.fromkeys(value))


def _fits(field: Field, value: object) -> bool:
    if field.kind == "ids":
        return type(value) is int and 0 < value < 2**62
    return _is_text(value) and (not field.codes or value in field.codes)


def _is_text(value: object, *, empty: bool = False) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and (empty or bool(value.strip()))
