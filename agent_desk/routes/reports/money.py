"""`/reports/costs`, `/reports/roi`, `/reports/comparison`, `/reports/what-if`: what is done with
money, made beside the desk."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, current_app, request
from werkzeug.datastructures import MultiDict

from agent_desk.forms.money import ComparisonForm, PlanForm, WhatIfForm
from agent_desk.forms.reports import ReportForm
from agent_desk.routes.guards import person
from agent_desk.routes.reports.asking import Question, publish, read_period, service
from agent_desk.routes.reports.frame import page_named
from agent_desk.services.reports.roi_plans import RoiPlans

blueprint = Blueprint("reports_money", __name__)
# Without a period of its own a comparison is of so many days and as many before them.
USUAL_DAYS = 28


def read_comparison() -> Question:
    """Two periods and a campaign; the last four weeks and the four before."""
    last = service().today() - timedelta(days=1)
    first = last - timedelta(days=USUAL_DAYS - 1)
    usual = {
        "from": first,
        "to": last,
        "before_from": first - timedelta(days=USUAL_DAYS),
        "before_to": first - timedelta(days=1),
    }
    given = _given({name: day.isoformat() for name, day in usual.items()})
    return _question(ComparisonForm(given), given)


def read_what_if() -> Question:
    """A period, a campaign, a status, and what is tried; the month so far."""
    today = service().today()
    given = _given(
        {
            **_days(today.replace(day=1), today),
            "code": "",
            "calls_percent": "",
            "rate_points": "",
        }
    )
    return _question(WhatIfForm(given), given)


def read_plan() -> Question:
    """One of the plans; the first by name."""
    plans = plans_service().all()
    given = MultiDict({"plan": request.args.get("plan", "")})
    if not given["plan"] and plans:
        given["plan"] = str(plans[0].id)
    form = PlanForm(given)
    form.offer([(plan.id, plan.name) for plan in plans])
    return Question(form, {"plan": str(given["plan"])})


def plans_service() -> RoiPlans:
    """Plans of return of the running desk."""
    desk = current_app.extensions["desk"]
    return RoiPlans(database=desk.database, commits=desk.commits, clock=desk.clock)


publish(blueprint, page_named("costs"), read_period, template="reports/costs.html")
publish(blueprint, page_named("roi"), read_plan, template="reports/roi.html")
publish(blueprint, page_named("comparison"), read_comparison, template="reports/comparison.html")
publish(blueprint, page_named("what_if"), read_what_if, template="reports/what_if.html")


def _given(usual: dict[str, str]) -> MultiDict[str, str]:
    given = MultiDict({"campaign": "", **usual})
    for key in given:
        if request.args.get(key):
            given[key] = request.args[key]
    return given


def _days(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def _question(form: ReportForm, given: MultiDict[str, str]) -> Question:
    form.offer_campaigns(service().campaigns(person().teams))
    return Question(form, {key: str(given[key]) for key in given})
