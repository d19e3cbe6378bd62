"""Liveness, readiness and metrics, for machines."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, abort, current_app, jsonify, request
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
    """Database and gateways: 200 when people can work, 503 with what is missing.

    `trunks_down` names the trunks no call can use; why is for this machine alone, as it may name
    the carrier.
    """
    desk = current_app.extensions["desk"]
    missing = desk.not_ready()
    down = {trunk_id: why if _is_here() else "" for trunk_id, why in desk.trunks_down().items()}
    status = 200 if not missing else 503
    return jsonify({"ready": not missing, "missing": missing, "trunks_down": down}), status


@blueprint.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Prometheus text, for this machine or whoever shows the worker's key: how busy a house is,
    and how well its lines do, is not for everybody who can reach the log-in page."""
    desk = current_app.extensions["desk"]
    if not _is_here() and not desk.worker_key_fits(request.headers.get("Authorization")):
        abort(403)
    text, content_type = desk.metrics.render()
    return Response(text, content_type=content_type)


def _is_here() -> bool:
    """Whether the asker (behind a trusted proxy: the one it names) is on this machine."""
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
