"""`/people/<username>`: one person's days. An operator sees their own and nobody else's (B30)."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import person, requires
from agent_desk.services.people.own_figures import OwnFigures

blueprint = Blueprint("people", __name__)


@blueprint.get("/people/<username>")
@requires()
def page(username: str) -> ResponseReturnValue:
    """The person's newest days, within the scope of whoever asks."""
    desk = current_app.extensions["desk"]
    figures = OwnFigures(database=desk.database, clock=desk.clock).of(username, who=person())
    return render_template("person.html", figures=figures)
