"""`/floor/views`: ways of looking at the floor, each kept by the one who uses it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import person, requires
from agent_desk.services.seat.floor_views import FloorViews, read_view

blueprint = Blueprint("floor_views", __name__)
LEADS = ("lead", "manager", "admin")


def own_views() -> list[dict[str, Any]]:
    """Those of whoever asks, by name."""
    return [asdict(each) for each in _service().of(person().user_id)]


@blueprint.post("/floor/views")
@requires(*LEADS)
def keep() -> ResponseReturnValue:
    """Keep what the page shows under a name; answered, as by the others, with all there are."""
    _service().keep(read_view(request.get_json(silent=True)), user_id=person().user_id)
    return jsonify(own_views()), 201


@blueprint.post("/floor/views/<int:view_id>")
@requires(*LEADS)
def change(view_id: int) -> ResponseReturnValue:
    """Another name, or another look under the same."""
    view = read_view(request.get_json(silent=True))
    _service().change(view_id, view, user_id=person().user_id)
    return jsonify(own_views())


@blueprint.post("/floor/views/<int:view_id>/remove")
@requires(*LEADS)
def remove(view_id: int) -> ResponseReturnValue:
    """Forget it."""
    _service().remove(view_id, user_id=person().user_id)
    return jsonify(own_views())


def _service() -> FloorViews:
    found: FloorViews = current_app.extensions["desk"].calls.floor_views
    return found
