"""`/reports`: figures per operator and the funnel. `/reports/me`: those of whoever asks."""

from __future__ import annotations

from flask import Blueprint, g, request

from agent_desk.routes.reports.asking import Question, publish, read_period
from agent_desk.routes.reports.frame import page_named
from agent_desk.services.reports import headings
from agent_desk.services.reports.closed_report import NOW

blueprint = Blueprint("reports", __name__)


def read_operators() -> Question:
    """A period and perhaps a campaign; of a closed month perhaps the `figures` of now."""
    question = read_period()
    figures = {"figures": NOW} if request.args.get("figures") == NOW else {}
    return Question(question.form, {**question.params, **figures})


publish(blueprint, page_named("operators"), read_operators)
publish(blueprint, page_named("me"), read_operators)


@blueprint.app_template_global()
def away_name(reason: str) -> str:
    """What people call a reason to be away; the code itself for one without a name."""
    return headings.away_name(reason, g.locale)
