"""`/admin/thresholds`: after how long leads are told of a seat's state, and of a talk."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import PLANNERS, section_page
from agent_desk.routes.admin.typed import number
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat.alert_rules import DEFAULTS, MOST_S, Limit
from agent_desk.services.seat.thresholds import FloorThresholds

blueprint = Blueprint("admin_thresholds", __name__)


@blueprint.get("/admin/thresholds")
@requires(*PLANNERS)
def page() -> ResponseReturnValue:
    """What holds now."""
    return _page()


@blueprint.post("/admin/thresholds")
@requires(*PLANNERS)
def set_thresholds() -> ResponseReturnValue:
    """Set them all; open pages follow at once."""
    who = person()
    try:
        wanted = {each: _limit(each) for each in DEFAULTS}
        _thresholds().set(wanted, actor=Actor(who.username, who.role, who.teams))
    except ServiceError as refused:
        return _page(refused), http_status(refused.error_id)
    return redirect(url_for("admin_thresholds.page"), code=303)


def _limit(subject: str) -> Limit:
    try:
        return Limit(number(f"{subject}_long") or 0, number(f"{subject}_too_long") or 0)
    except ServiceError as refused:  # told in the row, whichever of its two it is
        raise ServiceError(refused.error_id, field=subject) from None


def _thresholds() -> FloorThresholds:
    thresholds: FloorThresholds = current_app.extensions["desk"].calls.thresholds
    return thresholds


def _page(refused: ServiceError | None = None) -> str:
    return section_page(
        "thresholds",
        "thresholds.html",
        limits=_thresholds().limits,
        defaults=DEFAULTS,
        most=MOST_S,
        refused=refused,
        given=request.form,
    )
