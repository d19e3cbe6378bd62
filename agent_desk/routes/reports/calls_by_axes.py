"""`/reports/analysis`, `/reports/heat-map` and `/reports/trend`: calls by any axes, and the calls
behind a line."""

from __future__ import annotations

from flask import Blueprint, request

from agent_desk.forms.reports import ReportForm
from agent_desk.routes.guards import person
from agent_desk.routes.reports.asking import Question, given_period, publish, service
from agent_desk.routes.reports.frame import page_named
from agent_desk.services.reports.call_questions import BETWEEN, MOST_FILTERS, ONLY

blueprint = Blueprint("reports_calls_by_axes", __name__)

_SEVERAL = ("by", "metric")
_MOST_VALUES = 50


def read_calls() -> Question:
    """A period, `by`, `metric`, `sort`, `step` and filters `only.<axis>`; today when no day is
    named.

    `only-axis` and `only-value` are a filter as the page's form says it.
    """
    given = given_period()
    form = ReportForm(given)
    form.offer_campaigns(service().campaigns(person().teams))
    params = {key: str(given[key]) for key in ("from", "to", "campaign")}
    for key in _SEVERAL:
        if named := [each for each in request.args.getlist(key) if each]:
            params[key] = BETWEEN.join(named[:_MOST_VALUES])
    for key in ("sort", "step"):
        if request.args.get(key):
            params[key] = request.args[key]
    for key in sorted(request.args)[: MOST_FILTERS * 4]:
        if key.startswith(ONLY):
            params[key] = BETWEEN.join(request.args.getlist(key)[:_MOST_VALUES])
    if axis := request.args.get("only-axis"):
        key, value = f"{ONLY}{axis}", request.args.get("only-value", "").strip()
        params[key] = BETWEEN.join([*([params[key]] if key in params else []), value])
    return Question(form, params)


for _page in ("analysis", "heat_map", "trend", "calls_behind"):
    publish(blueprint, page_named(_page), read_calls)
