"""Liveness, readiness and metrics, for machines."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify({"ok": True})


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Database, gateways and trunks: 200 when calls can be made, 503 with what is missing."""
    missing = current_app.extensions["desk"].not_ready()
    status = 200 if not missing else 503
    return jsonify({"ready": not missing, "missing": missing}), status


@blueprint.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Prometheus text; counts only, nobody's data."""
    text, content_type = current_app.extensions["desk"].metrics.render()
    return Response(text, content_type=content_type)
