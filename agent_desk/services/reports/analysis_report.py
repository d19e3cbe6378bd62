"""Calls by any axes together, with any figures: what B26 and B27 ask for.

One to three axes make the lines; every figure is a column, shares with the interval they lie in.
Names come from the data; what codes of the product mean is said in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from agent_desk.services.reports import call_filters, call_questions
from agent_desk.services.reports.call_figures import corrected, groups
from agent_desk.services.reports.call_filters import axis_name, namer
from agent_desk.services.reports.call_metrics import CALL_METRICS, FEW, CallMetric
from agent_desk.services.reports.call_questions import MOST_AXES, CallQuestion
from agent_desk.services.reports.making import SHARE, TEXT, Asked, Cell, Column, Ground, Made, Table
from agent_desk.store.facts import axes
from agent_desk.store.facts.axes import FIELD
from agent_desk.store.facts.pivot import AT_ONCE, Group, Groups

USUAL_AXES = ("list",)
SHOWN = 500  # lines on the page; files have all of them
IN_ORDER = frozenset({*axes.TIMES, *axes.NUMBERS})


def make(asked: Asked, ground: Ground) -> Made:
    """Lines by the axes `by`, columns by `metric`; `sort` names the figure they are ordered by,
    times and numbers are in their order without it."""
    question = call_questions.read(asked, by=USUAL_AXES)
    facts, found = groups(asked, ground, question, by=question.by)
    ordered = _ordered(found, question, asked.params.get("sort", ""))
    table = _table(question, ordered, asked.locale)
    shown = ordered[:SHOWN]
    values = {
        "question": question,
        "table": Table(table.columns, table.rows[:SHOWN], table.title, table.total),
        "behind": [call_questions.address(question, _narrowed(question, group)) for group in shown],
        "left_out": max(0, len(ordered) - SHOWN),
        "few": [_few(group, question.metrics) for group in shown],
        "filters": call_filters.with_the_way_out(question, asked.locale),
        "axes": [(code, axis_name(code, asked.locale)) for code in axes.CODES],
        "fields": [
            (f"{FIELD}{name}", axis_name(f"{FIELD}{name}", asked.locale)) for name in facts.fields()
        ],
        "metrics": CALL_METRICS.values(),
        "sort": asked.params.get("sort", ""),
        "most_axes": MOST_AXES,
        "few_cases": FEW,
    }
    later = corrected(asked, ground, question)
    return Made([table], facts.as_of, "analysis.html", values, corrections=later)


def _ordered(found: Groups, question: CallQuestion, sort: str) -> Groups:
    """By a figure, highest first; else times and numbers by themselves, names by the first
    figure."""
    metric = next((each for each in question.metrics if each.code == sort), None)
    if metric is None and all(axis in IN_ORDER for axis in question.by):
        return found
    by = metric or question.metrics[0]
    return found.highest_first(by.numerator, by.denominator)


class Lines(Sequence[Sequence[Cell]]):
    """The lines of the table, spelt out as they are asked for: a file has all of them, a page some
    hundred of a million."""

    def __init__(self, groups: Groups, question: CallQuestion, locale: str) -> None:
        self._groups, self._metrics = groups, question.metrics
        self._named = [namer(axis, locale) for axis in question.by]

    def __len__(self) -> int:
        return len(self._groups)

    @overload
    def __getitem__(self, place: int) -> Sequence[Cell]: ...

    @overload
    def __getitem__(self, place: slice) -> list[Sequence[Cell]]: ...

    def __getitem__(self, place: int | slice) -> Sequence[Cell] | list[Sequence[Cell]]:
        if isinstance(place, int):
            return self[place : place + 1 or None][0]
        columns: list[Sequence[Cell]] = []
        for axis, name in enumerate(self._named):
            words = self._groups.words(axis, place)
            known = {word: name(word) for word in {*words}}
            columns.append([known[word] for word in words])
        sums = self._groups.added(place)
        for metric in self._metrics:
            columns += metric.columns(sums)
        lines: list[Sequence[Cell]] = list(zip(*columns, strict=True))
        return lines

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for first in range(0, len(self), AT_ONCE):
            yield from self[first : first + AT_ONCE]


def _table(question: CallQuestion, ordered: Groups, locale: str) -> Table:
    columns = [Column("axis", TEXT, axis_name(axis, locale)) for axis in question.by]
    for metric in question.metrics:
        columns.append(Column(metric.code, metric.unit))
        if metric.is_share:
            columns += [Column("share_low", SHARE), Column("share_high", SHARE)]
    total: list[Cell] | None = None
    # A call is counted under each of its statuses.
    if "status" not in question.by and len(ordered):
        every = {name: [added] for name, added in ordered.totals().items()}
        told = [cell for metric in question.metrics for (cell,) in metric.columns(every)]
        total = [*([""] * len(question.by)), *told]
    return Table(columns, Lines(ordered, question, locale), "reports.analysis", total)


def _few(group: Group, metrics: Sequence[CallMetric]) -> bool:
    """Whether a share of the line rests on too little to say much."""
    return any(metric.is_share and 0 < metric.cases(group.sums) < FEW for metric in metrics)


def _narrowed(question: CallQuestion, group: Group) -> dict[str, frozenset[str]]:
    """The filters by which only the calls of this line are left."""
    return question.only | {
        axis: frozenset({word}) for axis, word in zip(question.by, group.names, strict=True)
    }
