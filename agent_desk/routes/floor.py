"""`/floor`: the leads' page; everything on it arrives by socket."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import requires

blueprint = Blueprint("floor", __name__)


@blueprint.get("/floor")
@requires("lead", "manager", "admin")
def page() -> ResponseReturnValue:
    """The empty floor; seats in scope come through `/floor`'s socket."""
    return render_template("floor.html")
