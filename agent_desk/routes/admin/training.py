"""`/admin/training`: preparing practice for new operators (A66)."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import RUNNERS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.training import Training

blueprint = Blueprint("admin_training", __name__)


@blueprint.get("/admin/training")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The campaigns in scope, and which can be practised."""
    shown = _training().overview(person().teams)
    return section_page("training", "training.html", campaigns=shown)


@blueprint.post("/admin/training/<int:campaign_id>")
@requires(*RUNNERS)
def prepare(campaign_id: int) -> ResponseReturnValue:
    """Copy a campaign for practice."""
    who = person()
    _training().prepare(campaign_id, teams=who.teams, actor=Actor(who.username, who.role))
    return redirect(url_for("admin_training.page"), code=303)


def _training() -> Training:
    training: Training = current_app.extensions["desk"].training
    return training
