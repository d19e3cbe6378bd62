"""The report on two periods: every measure before and after, and how much it moved (A12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent_desk.catalogue import translate
from agent_desk.services.reports import measures
from agent_desk.services.reports.comparison import Compared
from agent_desk.services.reports.corrections import corrections
from agent_desk.services.reports.making import (
    COUNT,
    NUMBER,
    SHARE,
    TEXT,
    Asked,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.measures import compared, costs_compared, source_of
from agent_desk.services.reports.money import Question, costs_of, measure
from agent_desk.services.reports.money_asked import (
    may_see_costs,
    out_of_facts,
    question,
    require_campaign,
)
from agent_desk.services.reports.money_words import number_of, percent, unit_of, written
from agent_desk.services.reports.recovery import FEW
from agent_desk.store.unit_of_work import Session

_WORDS = "money.progress.measuring"
COLUMNS = (
    Column("money_item", TEXT),
    Column("money_before", NUMBER),
    Column("money_before_n", COUNT),
    Column("money_after", NUMBER),
    Column("money_after_n", COUNT),
    Column("money_unit", TEXT),
    Column("money_change", NUMBER),
    Column("money_change_unit", TEXT),
    Column("money_relative", SHARE),
    Column("money_formula", TEXT),
    Column("money_source", TEXT),
    Column("money_note", TEXT),
)


@dataclass(frozen=True)
class Row:
    """One measure as the page writes it."""

    code: str
    before: str
    before_n: int | None
    after: str
    after_n: int | None
    unit: str
    change: str
    change_unit: str
    relative: str
    source: str
    few: bool
    by_day: bool


def make(asked: Asked, ground: Ground) -> Made:
    """Params: from and to (after), before_from and before_to, campaign. Costs are told to those
    who may see wages."""
    before, after = question(asked, "before_from", "before_to"), question(asked)
    periods = out_of_facts(before, ground), out_of_facts(after, ground)
    with ground.database.read() as session:
        campaign = require_campaign(session, asked)
        found = _found(session, periods, ground, costs=may_see_costs(asked.role))
        later = corrections(session, asked, *((each.start, each.end) for each in periods))
    lengths = [len(each.days) for each in periods]
    return Made(
        tables=[
            Table(
                columns=COLUMNS,
                rows=[_cells(each, asked.locale) for each in found],
                title="money.table.comparison",
            )
        ],
        as_of=min(each.as_of for each in periods),
        template="comparison.html",
        values={
            "rows": [_row(each, asked.locale) for each in found],
            "before": periods[0],
            "after": periods[1],
            "lengths": lengths,
            "few": FEW,
            "campaign": campaign,
            "costs": may_see_costs(asked.role),
        },
        corrections=later,
    )


def _found(
    session: Session, periods: Sequence[Question], ground: Ground, *, costs: bool
) -> list[Compared]:
    first, second = (measure(session, each) for each in periods)
    ground.tell(0.2, _WORDS)
    found = compared(first, second)
    if costs:
        before = costs_of(session, first, lambda share: ground.tell(0.2 + 0.4 * share, _WORDS))
        after = costs_of(session, second, lambda share: ground.tell(0.6 + 0.4 * share, _WORDS))
        found += costs_compared((first, before), (second, after))
    return found


def _cells(each: Compared, locale: str) -> tuple[str | float | int | None, ...]:
    return (
        translate(f"money.measure.{each.code}", locale=locale),
        number_of(each.before.value, each.unit),
        each.before.n,
        number_of(each.after.value, each.unit),
        each.after.n,
        unit_of(each.unit, locale),
        number_of(each.absolute, _precise(each)),
        unit_of(each.unit, locale, change=True),
        each.relative,
        translate(f"money.formula.{each.code}", locale=locale),
        translate(f"money.source.{source_of(each.code)}", locale=locale),
        _note(each, locale),
    )


def _precise(each: Compared) -> str:
    """The unit the change is written in: of a day's mean, a tenth of a case says something."""
    return measures.HOURS if each.by_day and each.unit == measures.COUNT else each.unit


def _note(each: Compared, locale: str) -> str:
    notes = [name for name, so in (("few", each.few), ("by_day", each.by_day)) if so]
    return " ".join(translate(f"money.note.{name}", locale=locale, n=FEW) for name in notes)


def _row(each: Compared, locale: str) -> Row:
    return Row(
        code=each.code,
        before=written(each.before.value, each.unit),
        before_n=each.before.n,
        after=written(each.after.value, each.unit),
        after_n=each.after.n,
        unit=unit_of(each.unit, locale),
        change=written(each.absolute, _precise(each), signed=True),
        change_unit=unit_of(each.unit, locale, change=True),
        relative=percent(each.relative, signed=True),
        source=source_of(each.code),
        few=each.few,
        by_day=each.by_day,
    )
