"""The filters of a report on calls, as people read them: on the page, on paper and in workbooks.

Whoever holds a printout has no address to look at: a figure of some of the calls must say of which.
"""

from __future__ import annotations

from collections.abc import Callable

from agent_desk.catalogue import catalogue, translate
from agent_desk.services.reports import call_questions
from agent_desk.services.reports.call_questions import CallQuestion
from agent_desk.services.reports.making import TEXT, Asked, Cell, Column, Made, Table
from agent_desk.store.facts.axes import FIELD
from agent_desk.store.facts.people import AREA

BETWEEN = "・"
# Axes whose words are codes of the product; `<family>.<code>` in the catalogue.
FAMILIES = {
    "outcome": "outcome",
    "identity": "identity",
    "weekday": "weekday",
    "counterpart": "counterpart",
    "delinquency": "delinquency",
    "verdict": "verdict",
}


def axis_name(code: str, locale: str) -> str:
    """What an axis is called; a field of the files by its own name."""
    if code.startswith(FIELD):
        name = code.removeprefix(FIELD)
        if name.startswith(AREA):
            return translate(f"report.area.{name.removeprefix(AREA)}", locale=locale)
        return name
    return translate(f"report.axis.{code}", locale=locale)


def namer(axis: str, locale: str) -> Callable[[str], str]:
    """What a word of the axis is called."""
    family = FAMILIES.get(axis)
    words = catalogue(locale)

    def named(word: str) -> str:
        if not word:
            return translate("report.nothing", locale=locale)
        if axis == "hour":
            return translate("report.hour_of", locale=locale, n=int(word))
        if axis == "ended_by":
            return words.get(f"report.ended_by.{word}", word)
        return words.get(f"{family}.{word}", word) if family else word

    return named


def said(asked: Asked) -> list[tuple[str, str]]:
    """(name of the axis, the values that enter) of each filter; ServiceError `bad-payload`."""
    return [
        (axis_name(axis, asked.locale), _values(axis, wanted, asked.locale))
        for axis, wanted in call_questions.filters(asked).items()
    ]


def with_the_way_out(question: CallQuestion, locale: str) -> list[tuple[str, str, str, str]]:
    """(axis, its name, the values, the address without it) of each filter that holds."""
    return [
        (
            axis,
            axis_name(axis, locale),
            _values(axis, wanted, locale),
            call_questions.address(
                question, {key: each for key, each in question.only.items() if key != axis}
            ),
        )
        for axis, wanted in question.only.items()
    ]


def table(made: Made) -> Table:
    """Those of a report, as a sheet of its own."""
    columns = [Column("filter_axis", TEXT), Column("filter_values", TEXT)]
    rows: list[list[Cell]] = [[name, values] for name, values in made.filters]
    return Table(columns, rows, "report.filters", in_csv=False)


def _values(axis: str, wanted: frozenset[str], locale: str) -> str:
    return BETWEEN.join(namer(axis, locale)(value) for value in sorted(wanted))
