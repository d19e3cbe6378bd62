"""The command line's door to tokens of other systems."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import internal
from agent_desk.routes.internal import refused
from agent_desk.services.api.requests import TOKEN_REQUESTS
from agent_desk.services.errors import ServiceError
from agent_desk.services.told import Told

blueprint = Blueprint("internal_tokens", __name__, url_prefix="/internal/tokens")
blueprint.register_error_handler(ServiceError, refused)


@blueprint.post("/<any(make, revoke):name>")
@internal
def ask(name: str) -> ResponseReturnValue:
    """Make or end a token."""
    service = current_app.extensions["desk"].tokens
    return jsonify(TOKEN_REQUESTS[name](service, Told(request.get_json(silent=True)))), 201
