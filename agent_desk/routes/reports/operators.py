"""`/reports`: figures per operator and the funnel. `/reports/me`: those of whoever asks."""

from __future__ import annotations

from flask import Blueprint, g

from agent_desk.routes.reports.asking import publish, read_period
from agent_desk.routes.reports.frame import page_named
from agent_desk.services.reports import headings

blueprint = Blueprint("reports", __name__)

publish(blueprint, page_named("operators"), read_period)
publish(blueprint, page_named("me"), read_period, own=True)


@blueprint.app_template_global()
def away_name(reason: str) -> str:
    """What people call a reason to be away; the code itself for one without a name."""
    return headings.away_name(reason, g.locale)
