"""`/admin/strategy`: how often customers are called by class of delinquency, and by whom (A34)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.dialer.strategy import (
    BUILT_IN,
    CLASSES,
    HARD_WEEKLY_CALLS,
    MOST_PAYMENT_RULES,
    Strategy,
)
from agent_desk.routes.admin import typed
from agent_desk.routes.admin.frame import READERS_OF_STRATEGY, REGULATORS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.strategy.outlook import OutlookService
from agent_desk.services.strategy.table import StrategyService

blueprint = Blueprint("admin_strategy", __name__)
SPARE_RULES = 2  # empty lines for further rules
MOST_PAYMENTS = 999


@blueprint.get("/admin/strategy")
@requires(*READERS_OF_STRATEGY)
def page() -> ResponseReturnValue:
    """The table in force and every version before it."""
    return _page(saved=request.args.get("saved", type=int))


@blueprint.post("/admin/strategy")
@requires(*REGULATORS)
def save() -> ResponseReturnValue:
    """Make the next version."""
    try:
        made = _service().edit(**_read(), actor=person().username)
    except ServiceError as refused:
        return _refused(refused)
    return redirect(url_for("admin_strategy.page", saved=made.strategy.version), code=303)


@blueprint.post("/admin/strategy/preview")
@requires(*REGULATORS)
def preview() -> ResponseReturnValue:
    """What the table would mean, before it is made: nothing is written."""
    actor = Actor(person().username, person().role, person().teams)
    try:
        made = _service().read_as_next(**_read())
        now = _service().current().strategy
        found = _outlook().of(now, made, actor=actor)
    except ServiceError as refused:
        return _refused(refused)
    return _page(given=request.form, outlook=found)


@blueprint.post("/admin/strategy/restore")
@requires(*REGULATORS)
def restore() -> ResponseReturnValue:
    """What an older version said, as the next one."""
    version, base = (request.form.get(name, -1, type=int) for name in ("version", "base"))
    try:
        made = _service().restore(version, base=base, actor=person().username)
    except ServiceError as refused:
        return _page(refused=refused), http_status(refused.error_id)
    return redirect(url_for("admin_strategy.page", saved=made.strategy.version), code=303)


def _read() -> dict[str, Any]:
    """The table as it was typed, in the form `StrategyService.edit` takes; ServiceError of the
    field that is wrong."""
    classes = [
        {
            "delinquency": code,
            "weekly_calls": _between(f"weekly_calls-{code}", 0, HARD_WEEKLY_CALLS),
            "ai_percent": _between(f"ai_percent-{code}", 0, 100),
        }
        for code in CLASSES
    ]
    payments: dict[int, int] = {}
    for n in range(MOST_PAYMENT_RULES):
        names = (f"on_time-{n}", f"fewer-{n}")
        if not any(request.form.get(name, "").strip() for name in names):
            continue  # an empty line is no rule
        count = _between(names[0], 1, MOST_PAYMENTS)
        if count in payments:
            raise ServiceError("strategy-payments-twice", field=names[0])
        payments[count] = _between(names[1], 0, HARD_WEEKLY_CALLS)
    rules = [{"on_time": count, "fewer": fewer} for count, fewer in payments.items()]
    return {
        "base": request.form.get("base", -1, type=int),
        "classes": classes,
        "payments": rules,
    }


def _between(name: str, least: int, most: int) -> int:
    value = typed.number(name)
    if value is None or not least <= value <= most:
        raise ServiceError("strategy-number", field=name, least=least, most=most)
    return value


def _refused(refused: ServiceError) -> ResponseReturnValue:
    return _page(refused=refused, given=request.form), http_status(refused.error_id)


def _page(*, given: Mapping[str, str] | None = None, **values: Any) -> str:
    history = _service().history()
    current = history[0][0].strategy
    return section_page(
        "strategy",
        "strategy.html",
        current=current,
        history=history,
        base=current.version if given is None else given.get("base"),
        cells=_cells(current) if given is None else given,
        lines=_lines(current, given),
        built_in=BUILT_IN.version,
        may_edit=person().role in REGULATORS,
        hardest=HARD_WEEKLY_CALLS,
        most_payments=MOST_PAYMENTS,
        **values,
    )


def _lines(current: Strategy, given: Mapping[str, str] | None) -> int:
    """How many lines for rules: as many as were sent, whatever holds by now."""
    if given is None:
        return min(MOST_PAYMENT_RULES, len(current.payment_rules) + SPARE_RULES)
    sent = (n for n in range(MOST_PAYMENT_RULES) if {f"on_time-{n}", f"fewer-{n}"} & given.keys())
    return max(sent, default=-1) + 1


def _cells(strategy: Strategy) -> dict[str, object]:
    """What stands in the form's fields."""
    cells: dict[str, object] = {}
    for row in strategy.rows:
        cells[f"weekly_calls-{row.delinquency}"] = row.weekly_calls
        cells[f"ai_percent-{row.delinquency}"] = row.ai_percent
    for n, rule in enumerate(strategy.payment_rules):
        cells[f"on_time-{n}"], cells[f"fewer-{n}"] = rule.on_time, rule.fewer
    return cells


def _service() -> StrategyService:
    service: StrategyService = current_app.extensions["desk"].strategy
    return service


def _outlook() -> OutlookService:
    desk = current_app.extensions["desk"]
    return OutlookService(
        database=desk.database, filters=desk.lists.filters, clock=desk.clock, hub=desk.hub
    )
