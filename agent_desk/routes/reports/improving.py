"""`/reports/ranking`, `/reports/hang-ups`, `/reports/hints`, `/reports/scores`: what could be done
better, and by what one sees it."""

from __future__ import annotations

from flask import Blueprint, request

from agent_desk.forms.listening_report import WeeksForm
from agent_desk.routes.reports.asking import Question, publish, read_period
from agent_desk.routes.reports.calls_by_axes import read_calls
from agent_desk.routes.reports.frame import page_named
from agent_desk.services.listening_audits.results import SPANS

blueprint = Blueprint("reports_improving", __name__)


def read_weeks() -> Question:
    """The last weeks; eight without a word."""
    given = {"weeks": request.args.get("weeks") or str(SPANS[1])}
    form = WeeksForm(data=given)
    form.weeks.choices = [(str(each), str(each)) for each in SPANS]
    return Question(form, given)


publish(blueprint, page_named("ranking"), read_calls)
publish(blueprint, page_named("hang_ups"), read_period)
publish(blueprint, page_named("hints"), read_period)
publish(blueprint, page_named("scores"), read_weeks, template="reports/scores.html")
