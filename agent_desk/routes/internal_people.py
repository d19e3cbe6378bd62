"""The command line's door for people who cannot get in."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import internal
from agent_desk.routes.internal import refused
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.rescue import Rescue

blueprint = Blueprint("internal_people", __name__, url_prefix="/internal")
blueprint.register_error_handler(ServiceError, refused)


@blueprint.post("/people/<verb>")
@internal
def rescue(verb: str) -> ResponseReturnValue:
    """Carry out a verb for the `whom` of the payload."""
    desk = current_app.extensions["desk"]
    verbs = Rescue(
        commits=desk.commits,
        clock=desk.clock,
        access=desk.people.access,
        administration=desk.people.administration,
        factors=desk.people.factors,
    ).verbs
    whom = (request.get_json(silent=True) or {}).get("whom")
    if verb not in verbs:
        abort(404)
    if not isinstance(whom, str):
        raise ServiceError("bad-payload", reason="whom")
    return jsonify({"line": verbs[verb](whom)})
