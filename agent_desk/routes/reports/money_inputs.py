"""What people type for the reports on money: `/reports/costs/rates` and `/reports/roi/plans`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin import typed
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.reports.frame import framed
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.contracts import Contract
from agent_desk.services.reports.cost_inputs import (
    CONTRACT_LIMITS,
    RATE_LIMITS,
    CostInputs,
    in_range,
)
from agent_desk.services.reports.costs import Rates
from agent_desk.services.reports.money_asked import COST_READERS, COST_WRITERS
from agent_desk.services.reports.roi import KINDS, SOURCES, YEARS, Item, Periods, Plan
from agent_desk.services.reports.roi_plans import MOST_ITEMS, MOST_YEN, RoiPlans

blueprint = Blueprint("reports_money_inputs", __name__)
WEEKDAYS = range(7)
SPARE_ITEMS = 3  # empty lines for further items
PERIOD_DAYS = ("before_from", "before_to", "after_from", "after_to")
# What stands in the form before anybody has typed anything: the law's least premiums, Sundays off.
FIRST = {"night_percent": 25, "holiday_percent": 35, "holiday_weekdays": 0b100_0000}


@blueprint.get("/reports/costs/rates")
@requires(*COST_READERS)
def rates() -> ResponseReturnValue:
    """Wages, premiums and monthly costs; and the contracts."""
    return _rates_page(chosen=request.args.get("contract", ""))


@blueprint.post("/reports/costs/rates")
@requires(*COST_WRITERS)
def save_rates() -> ResponseReturnValue:
    """Make the next version."""
    try:
        _inputs().save_rates(_read_rates(), actor=person().username)
    except ServiceError as refused:
        return _rates_page(refused=refused, given=request.form), http_status(refused.error_id)
    return redirect(url_for("reports_money_inputs.rates", saved="rates"), code=303)


@blueprint.post("/reports/costs/contracts")
@requires(*COST_WRITERS)
def save_contract() -> ResponseReturnValue:
    """A new contract, the next version of one, or its end."""
    try:
        ended = "retire" in request.form
        _inputs().save_contract(_read_contract(), retired=ended, actor=person().username)
    except ServiceError as refused:
        page = _rates_page(contract_refused=refused, contract_given=request.form)
        return page, http_status(refused.error_id)
    return redirect(url_for("reports_money_inputs.rates", saved="contract"), code=303)


@blueprint.get("/reports/roi/plans")
@requires(*COST_READERS)
def plans() -> ResponseReturnValue:
    """The plans, and the form for another one or for the next version of `plan`."""
    plan_id = request.args.get("plan", type=int)
    return _plans_page(None if plan_id is None else _plans().one(plan_id))


@blueprint.post("/reports/roi/plans")
@requires(*COST_WRITERS)
def save_plan() -> ResponseReturnValue:
    """A new plan, the next version of one, or its end."""
    plan_id = request.form.get("plan", type=int)
    known = None if plan_id is None else _plans().one(plan_id)
    try:
        made = _save_plan(known)
    except ServiceError as refused:
        page = _plans_page(known, refused=refused, given=request.form)
        return page, http_status(refused.error_id)
    if made is None:
        return redirect(url_for("reports_money_inputs.plans"), code=303)
    return redirect(url_for("reports_money.roi", plan=made), code=303)


def _save_plan(known: Plan | None) -> int | None:
    items, periods, actor = _read_items(), _read_periods(), person().username
    if known is None:
        return _plans().create(request.form.get("name", ""), items, periods, actor=actor)
    base = request.form.get("version", -1, type=int)
    read = Plan(known.id, known.name, base, known.items)
    ended = "retire" in request.form
    _plans().save(read, items, periods, retired=ended, actor=actor)
    return None if ended else known.id


def _read_rates() -> Rates:
    weekdays = sum(1 << day for day in WEEKDAYS if request.form.get(f"weekday-{day}"))
    numbers: dict[str, Any] = {
        name: in_range(typed.number(name), *limits, field=name)
        for name, limits in RATE_LIMITS.items()
        if name != "holiday_weekdays"
    }
    return Rates(
        version=request.form.get("version", -1, type=int),
        from_on=typed.day("from_on"),
        holiday_weekdays=weekdays,
        national=bool(request.form.get("national")),
        **numbers,
    )


def _read_contract() -> Contract:
    numbers: dict[str, Any] = {
        name: in_range(typed.number(name), *limits, field=name)
        for name, limits in CONTRACT_LIMITS.items()
    }
    return Contract(
        name=request.form.get("name", ""),
        version=request.form.get("version", -1, type=int),
        begun_on=typed.day("begun_on"),
        **numbers,
    )


def _read_items() -> list[Item]:
    """The lines that were filled in."""
    found = []
    for place in range(MOST_ITEMS):
        name = request.form.get(f"name-{place}", "").strip()
        amounts = [request.form.get(f"{cell}-{place}", "").strip() for cell in ("yen", "step_yen")]
        if not name and not any(each not in ("", "0") for each in amounts):
            continue  # an empty line is no item
        found.append(
            Item(
                kind=request.form.get(f"kind-{place}", ""),
                name=name,
                yen=_amount(f"yen-{place}"),
                from_year=in_range(
                    _amount(f"from_year-{place}") or 1, 1, YEARS, f"from_year-{place}"
                ),
                step_yen=_amount(f"step_yen-{place}"),
                source=request.form.get(f"source-{place}", ""),
            )
        )
    return found


def _read_periods() -> Periods | None:
    if not any(request.form.get(name) for name in PERIOD_DAYS):
        return None
    return Periods(*(typed.day(name) for name in PERIOD_DAYS))


def _amount(name: str) -> int:
    """Whole yen, below nought too; nothing typed is nought. ServiceError money-number."""
    text = request.form.get(name, "").strip().replace(",", "") or "0"
    try:
        found = int(text) if text.isascii() and len(text) <= 16 else None
    except ValueError:
        found = None
    return in_range(found, -MOST_YEN, MOST_YEN, name)


def _rates_page(
    *,
    given: Mapping[str, str] | None = None,
    contract_given: Mapping[str, str] | None = None,
    chosen: str = "",
    **values: Any,
) -> str:
    inputs = _inputs()
    versions, contracts = inputs.rates(), inputs.contracts()
    newest = versions[-1] if versions else None
    known = next((each for each in contracts if each.name == chosen), None)
    today = inputs.today()
    cells = _rate_cells(newest, today) if given is None else given
    return framed(
        "cost_rates",
        "reports/cost_rates.html",
        versions=versions[::-1],
        contracts=contracts,
        today=today,
        cells=cells,
        contract_cells=_contract_cells(known, today) if contract_given is None else contract_given,
        weekdays=WEEKDAYS,
        limits=RATE_LIMITS,
        contract_limits=CONTRACT_LIMITS,
        may_edit=person().role in COST_WRITERS,
        saved=request.args.get("saved", ""),
        **values,
    )


def _rate_cells(newest: Rates | None, today: date) -> dict[str, object]:
    """What stands in the fields: what holds, from today on."""
    told = FIRST if newest is None else vars(newest)
    cells: dict[str, object] = {name: told.get(name, 0) for name in RATE_LIMITS}
    cells |= {"from_on": today.isoformat(), "version": 0 if newest is None else newest.version}
    if newest is None or newest.national:
        cells["national"] = "1"
    weekdays = int(told["holiday_weekdays"])
    return cells | {f"weekday-{day}": "1" for day in WEEKDAYS if weekdays >> day & 1}


def _contract_cells(known: Contract | None, today: date) -> dict[str, object]:
    if known is None:
        return {"version": 0, "begun_on": today.isoformat(), "early_percent": 100}
    cells = {name: getattr(known, name) for name in ("name", "version", *CONTRACT_LIMITS)}
    return cells | {"begun_on": known.begun_on.isoformat()}


def _plans_page(
    known: Plan | None, *, given: Mapping[str, str] | None = None, **values: Any
) -> str:
    cells = _plan_cells(known) if given is None else given
    filled = len(known.items) if known is not None else 0
    if given is not None:
        filled = sum(1 for place in range(MOST_ITEMS) if given.get(f"name-{place}"))
    return framed(
        "roi_plans",
        "reports/roi_plans.html",
        plans=_plans().all(),
        plan=known,
        history=[] if known is None else _plans().history(known.id),
        cells=cells,
        lines=min(MOST_ITEMS, filled + SPARE_ITEMS),
        kinds=KINDS,
        sources=SOURCES,
        years=YEARS,
        may_edit=person().role in COST_WRITERS,
        **values,
    )


def _plan_cells(known: Plan | None) -> dict[str, object]:
    if known is None:
        return {}
    cells: dict[str, object] = {"version": known.version}
    for place, item in enumerate(known.items):
        cells |= {f"{name}-{place}": value for name, value in vars(item).items()}
    if known.periods is not None:
        cells |= {name: day.isoformat() for name, day in vars(known.periods).items()}
    return cells


def _inputs() -> CostInputs:
    desk = current_app.extensions["desk"]
    return CostInputs(database=desk.database, commits=desk.commits, clock=desk.clock)


def _plans() -> RoiPlans:
    desk = current_app.extensions["desk"]
    return RoiPlans(database=desk.database, commits=desk.commits, clock=desk.clock)
