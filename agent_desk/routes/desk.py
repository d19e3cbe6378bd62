"""`/desk`: the operator's page; everything on it arrives by socket.

Relay credentials come with the page, and again on request: they expire.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import person, requires
from agent_desk.services.running.ice_servers import servers_for

blueprint = Blueprint("desk", __name__)


@blueprint.get("/desk")
@requires("operator")
def page() -> ResponseReturnValue:
    """The page and its settings; no customer's data is in it."""
    return render_template("desk.html", ice_servers_json=orjson.dumps(_ice_servers()).decode())


@blueprint.get("/desk/ice-servers")
@requires("operator")
def ice_servers() -> ResponseReturnValue:
    """Fresh relay credentials for a page that has been open longer than its own are good for."""
    answer = jsonify(_ice_servers())
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _ice_servers() -> list[dict[str, Any]]:
    desk = current_app.extensions["desk"]
    return servers_for(person().username, desk.config.ice_servers, now=desk.clock.real_now())
