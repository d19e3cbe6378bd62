"""The report on costs: what the period cost line by line, what each unit of work cost, who was at
work, what was got back, and what it would cost to leave a contract today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import measures
from agent_desk.services.reports.comparison import Figure
from agent_desk.services.reports.contracts import Contract
from agent_desk.services.reports.corrections import corrections
from agent_desk.services.reports.cost_inputs import contracts_of
from agent_desk.services.reports.costs import UNITS, Costs, Rates, per_unit
from agent_desk.services.reports.making import (
    COUNT,
    DAY,
    NUMBER,
    SECONDS,
    SHARE,
    TEXT,
    YEN,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.money import (
    Measured,
    costs_of,
    measure,
    rates_in_force,
)
from agent_desk.services.reports.money_asked import (
    may_see_costs,
    out_of_facts,
    question,
    require_campaign,
)
from agent_desk.services.reports.money_words import number_of, unit_of, written
from agent_desk.services.reports.recovery import FEW

_WORDS = "money.progress.pricing"


@dataclass(frozen=True)
class Shown:
    """A figure as the page writes it, with the cases it rests on."""

    code: str
    value: str
    unit: str
    n: int | None
    source: str
    few: bool


@dataclass(frozen=True)
class Found:
    """All the page shows."""

    measured: Measured
    costs: Costs
    rates: Sequence[Rates]
    contracts: Sequence[Contract]


def make(asked: Asked, ground: Ground) -> Made:
    """Params: from, to, campaign. ServiceError not-allowed for who may not see wages."""
    if not may_see_costs(asked.role):
        raise ServiceError("not-allowed")
    wanted = out_of_facts(question(asked), ground)
    with ground.database.read() as session:
        campaign = require_campaign(session, asked)
        measured = measure(session, wanted)
        costs = costs_of(session, measured, lambda share: ground.tell(share, _WORDS))
        found = Found(measured, costs, rates_in_force(session, wanted), contracts_of(session))
        later = corrections(session, asked, (wanted.start, wanted.end))
    tables = [
        _costs(found, asked.locale),
        _units(found, asked.locale),
        _measures(found, asked.locale),
        _staff(found),
        _contracts(found, asked),
    ]
    return Made(
        tables=tables,
        as_of=wanted.as_of,
        template="costs.html",
        values={
            "costs": costs,
            "rates": found.rates,
            "units": _units_shown(found, asked.locale),
            "figures": _figures_shown(found, asked.locale),
            "campaign": campaign,
            "few": FEW,
        },
        corrections=later,
    )


def _costs(found: Found, locale: str) -> Table:
    costs = found.costs
    rows: list[Sequence[Cell]] = [
        (
            _labour_name(line.band, line.holiday, locale),
            line.time.total_seconds(),
            line.wage_yen,
            line.percent / 100,
            line.yen,
        )
        for line in costs.labour
    ]
    others = {"calls": costs.calls_yen, "fees": costs.fees_yen, "monthly": costs.monthly_yen}
    rows += [
        (translate(f"money.line.{code}", locale=locale), None, None, None, yen)
        for code, yen in others.items()
    ]
    return Table(
        title="money.table.costs",
        columns=[
            Column("money_item", TEXT),
            Column("money_time", SECONDS),
            Column("money_wage", YEN),
            Column("money_premium", SHARE),
            Column("money_yen", YEN),
        ],
        rows=rows,
        total=(
            translate("money.line.total", locale=locale),
            sum(line.time.total_seconds() for line in costs.labour),
            None,
            None,
            costs.total_yen,
        ),
    )


def _labour_name(band: str, holiday: bool, locale: str) -> str:
    key = f"money.band.{band}" if not holiday else f"money.holiday_band.{band}"
    return translate(key, locale=locale)


def _units(found: Found, locale: str) -> Table:
    achieved = found.measured.achieved
    prices = per_unit(found.costs, achieved)
    return Table(
        title="money.table.units",
        columns=[
            Column("money_item", TEXT),
            Column("money_n", COUNT),
            Column("money_each", NUMBER),
            Column("money_unit", TEXT),
            Column("money_formula", TEXT),
        ],
        rows=[
            (
                translate(f"money.measure.per_{unit}", locale=locale),
                achieved.cases(unit),
                number_of(prices[unit], measures.YEN),
                unit_of(measures.YEN, locale),
                translate(f"money.formula.per_{unit}", locale=locale),
            )
            for unit in UNITS
        ],
    )


def _units_shown(found: Found, locale: str) -> list[Shown]:
    achieved = found.measured.achieved
    return [
        Shown(
            code=f"per_{unit}",
            value=written(price, measures.YEN),
            unit=unit_of(measures.YEN, locale),
            n=achieved.cases(unit),
            source="costs",
            few=achieved.cases(unit) < FEW,
        )
        for unit, price in per_unit(found.costs, achieved).items()
    ]


def _figures(found: Found) -> list[tuple[str, str, Figure]]:
    """(code, unit, figure): every measure, and the sums of the costs."""
    measured = [
        (code, each.unit, each.figure(found.measured)) for code, each in measures.MEASURES.items()
    ]
    sums = [
        (code, measures.YEN, Figure(float(getattr(found.costs, code))))
        for code in measures.COST_MEASURES
    ]
    return measured + sums


def _figures_shown(found: Found, locale: str) -> list[Shown]:
    return [
        Shown(
            code=code,
            value=written(figure.value, unit),
            unit=unit_of(unit, locale),
            n=figure.n,
            source=measures.source_of(code),
            few=figure.n is not None and figure.n < FEW,
        )
        for code, unit, figure in _figures(found)
    ]


def _measures(found: Found, locale: str) -> Table:
    return Table(
        title="money.table.measures",
        columns=[
            Column("money_item", TEXT),
            Column("money_value", NUMBER),
            Column("money_unit", TEXT),
            Column("money_n", COUNT),
            Column("money_formula", TEXT),
            Column("money_source", TEXT),
        ],
        rows=[
            (
                translate(f"money.measure.{code}", locale=locale),
                number_of(figure.value, unit),
                unit_of(unit, locale),
                figure.n,
                translate(f"money.formula.{code}", locale=locale),
                translate(f"money.source.{measures.source_of(code)}", locale=locale),
            )
            for code, unit, figure in _figures(found)
        ],
    )


def _staff(found: Found) -> Table:
    staff = found.measured.staff
    dials = sum(day.dials for day in staff)
    days = found.measured.operator_days
    login = sum(day.logged_in.total_seconds() for day in staff)
    staffed = sum(day.staffed.total_seconds() for day in staff)
    return Table(
        title="money.table.staff",
        columns=[
            Column("staff_day", DAY),
            Column("staff_peak", COUNT),
            Column("staff_mean", NUMBER),
            Column("staff_operators", COUNT),
            Column("staff_login", SECONDS),
            Column("staff_dials", COUNT),
            Column("staff_dials_each", NUMBER),
        ],
        rows=[
            (
                day.day,
                day.peak,
                day.mean,
                day.operators,
                day.logged_in.total_seconds(),
                day.dials,
                day.dials_each,
            )
            for day in staff
        ],
        total=(
            None,
            max((day.peak for day in staff), default=0),
            login / staffed if staffed else None,
            days,
            login,
            dials,
            dials / days if days else None,
        ),
    )


def _contracts(found: Found, asked: Asked) -> Table:
    today = business_date(asked.now)
    return Table(
        title="money.table.contracts",
        columns=[
            Column("contract_name", TEXT),
            Column("contract_begun", DAY),
            Column("contract_ends", DAY),
            Column("contract_setup", YEN),
            Column("contract_monthly", YEN),
            Column("contract_whole", YEN),
            Column("contract_left", COUNT),
            Column("contract_leaving", YEN),
        ],
        rows=[
            (
                each.name,
                each.begun_on,
                each.ends_on,
                each.setup_yen,
                each.monthly_yen,
                each.whole_yen,
                each.months_left(today),
                each.cost_of_leaving(today),
            )
            for each in found.contracts
        ],
    )
