"""`/reports/timeline`, `/reports/promises`, `/reports/compliance`, `/reports/dialer`,
`/reports/satisfaction`: the day's work and the rules of calling, made beside the desk.

An operator opens the timeline and sees their own line in it (`asking.asked`).
"""

from __future__ import annotations

import calendar
from datetime import timedelta

from flask import Blueprint, current_app, request
from werkzeug.datastructures import MultiDict

from agent_desk.forms.operations_reports import (
    DialerForm,
    PromisesForm,
    SatisfactionForm,
    TimelineForm,
)
from agent_desk.forms.reports import ReportForm
from agent_desk.routes.guards import person
from agent_desk.routes.reports.asking import Question, publish, read_period, service
from agent_desk.routes.reports.frame import page_named
from agent_desk.services.reports.choices import ReportChoices
from agent_desk.services.reports.dialer_figures import AXES
from agent_desk.services.reports.promises_kept import BYS, SHARES

blueprint = Blueprint("reports_operations", __name__)


def read_timeline() -> Question:
    """A day and perhaps a person; today and everybody one may see."""
    given = _given({"day": service().today().isoformat(), "person": "", "limit": ""})
    form = TimelineForm(given)
    who = person()
    form.offer([] if who.role == "operator" else _choices().operators(who.teams))
    return Question(form, _params(given))


def read_promises() -> Question:
    """Promises by their due dates; those of this month."""
    today = service().today()
    last = calendar.monthrange(today.year, today.month)[1]
    given = _given(
        {
            "from": today.replace(day=1).isoformat(),
            "to": today.replace(day=last).isoformat(),
            "campaign": "",
            "operator": "",
            "product": "",
            "by": BYS[0],
            "share": str(SHARES[0]),
        }
    )
    form = PromisesForm(given)
    teams = person().teams
    form.offer(_choices().operators(teams), _choices().products(teams))
    return _of_period(form, given)


def read_dialer() -> Question:
    """A period, by one axis or two; today by day."""
    today = service().today().isoformat()
    given = _given({"from": today, "to": today, "campaign": "", "by": AXES[0], "and": ""})
    return _of_period(DialerForm(given), given)


def read_satisfaction() -> Question:
    """Scores of a period, by default of the last seven days; whose, and of which score the calls
    below are."""
    today = service().today()
    given = _given(
        {
            "from": (today - timedelta(days=6)).isoformat(),
            "to": today.isoformat(),
            "campaign": "",
            "operator": "",
            "by": "day",
            "score": "",
        }
    )
    form = SatisfactionForm(given)
    form.offer(_choices().operators(person().teams))
    return _of_period(form, given)


publish(blueprint, page_named("timeline"), read_timeline, template="reports/timeline.html")
publish(blueprint, page_named("promises"), read_promises, template="reports/promises.html")
publish(blueprint, page_named("compliance"), read_period, template="reports/operations.html")
publish(blueprint, page_named("dialer"), read_dialer, template="reports/dialer.html")
publish(
    blueprint, page_named("satisfaction"), read_satisfaction, template="reports/satisfaction.html"
)


def _given(usual: dict[str, str]) -> MultiDict[str, str]:
    given = MultiDict(usual)
    for key in usual:
        if request.args.get(key):
            given[key] = request.args[key]
    return given


def _of_period(form: ReportForm, given: MultiDict[str, str]) -> Question:
    form.offer_campaigns(service().campaigns(person().teams))
    return Question(form, _params(given))


def _params(given: MultiDict[str, str]) -> dict[str, str]:
    return {key: str(given[key]) for key in given}


def _choices() -> ReportChoices:
    return ReportChoices(database=current_app.extensions["desk"].database)
