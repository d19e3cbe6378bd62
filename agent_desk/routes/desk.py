"""`/desk`: the operator's page; everything on it arrives by socket."""

from __future__ import annotations

import orjson
from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import requires

blueprint = Blueprint("desk", __name__)


@blueprint.get("/desk")
@requires("operator")
def page() -> ResponseReturnValue:
    """The page and its settings; no customer's data is in it."""
    ice = orjson.dumps(current_app.extensions["desk"].config.ice_servers or []).decode()
    return render_template("desk.html", ice_servers_json=ice)
