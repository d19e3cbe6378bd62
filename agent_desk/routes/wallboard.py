"""`/wallboard`: the page of screens on walls, and the ticket a link is traded for.

The link's secret stands in the address behind `#`, which no browser sends; it comes here once, in
the body of a request, and opens nothing but its own socket.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import public
from agent_desk.routes.limits import limiter
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.wallboards import session_of

blueprint = Blueprint("wallboard", __name__)
NAMESPACE = "/wallboard"


def _failed(response: Response) -> bool:
    """Only what opens nothing uses up the rate: many screens may stand behind one address."""
    return response.status_code != 200


@blueprint.get("/wallboard")
@public
def page() -> ResponseReturnValue:
    """The empty screen; figures come by socket, for who has a link."""
    return render_template("wallboard.html")


@blueprint.post("/wallboard/tickets")
@public
@limiter.limit("20 per minute", deduct_when=_failed)
def tickets() -> ResponseReturnValue:
    """A one-time ticket for the socket, for a link that is in force."""
    desk = current_app.extensions["desk"]
    link = desk.people.wallboards.holder_of((request.get_json(silent=True) or {}).get("secret"))
    if link is None:
        raise ServiceError("wallboard-unknown")
    ticket = desk.tickets.issue(0, session_of(link.id), namespace=NAMESPACE)
    return jsonify({"tickets": {NAMESPACE: ticket}, "name": link.name})
