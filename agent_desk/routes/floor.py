"""`/floor`: the leads' page; everything on it arrives by socket.

A lead's own audio leg needs relay credentials as an operator's does: with the page, and afresh.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from agent_desk.routes.floor_views import own_views
from agent_desk.routes.guards import person, requires
from agent_desk.services.running.ice_servers import servers_for

blueprint = Blueprint("floor", __name__)


@blueprint.get("/floor")
@requires("lead", "manager", "admin")
def page() -> ResponseReturnValue:
    """The empty floor; seats in scope come through `/floor`'s socket."""
    servers = _ice_servers() if person().role in ("lead", "admin") else []
    desk = current_app.extensions["desk"]
    return render_template(
        "floor.html",
        ice_servers_json=orjson.dumps(servers).decode(),
        message_teams=desk.calls.seat_messages.teams(person().teams),
        floor_views=own_views(),
    )


@blueprint.get("/floor/ice-servers")
@requires("lead", "admin")
def ice_servers() -> ResponseReturnValue:
    """Fresh relay credentials for a page that has been open longer than its own are good for."""
    answer = jsonify(_ice_servers())
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _ice_servers() -> list[dict[str, Any]]:
    desk = current_app.extensions["desk"]
    return servers_for(person().username, desk.config.ice_servers, now=desk.clock.real_now())
