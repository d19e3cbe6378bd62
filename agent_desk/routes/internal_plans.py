"""The command line's door to the strategy table and to what campaigns have of their own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import internal
from agent_desk.routes.internal import refused
from agent_desk.services.errors import ServiceError
from agent_desk.services.strategy.calling_plan import CallingPlanService
from agent_desk.services.strategy.table import StrategyService

blueprint = Blueprint("internal_plans", __name__, url_prefix="/internal")
blueprint.register_error_handler(ServiceError, refused)
ACTOR = "cli"


@blueprint.post("/strategy")
@internal
def edit_strategy() -> ResponseReturnValue:
    """The next version, made of version `base`, with `classes` and `payments`."""
    service: StrategyService = current_app.extensions["desk"].strategy
    edition = service.edit(**read_table(request.get_json(silent=True)), actor=ACTOR)
    return jsonify(edition.to_plain()), 201


@blueprint.post("/retries")
@internal
def set_retry() -> ResponseReturnValue:
    """The waits (`retry`) of the `campaign` of this name."""
    retry = _field("retry", dict)
    _plans().set_retry(_field("campaign", str), retry, actor=ACTOR)
    return jsonify({"ok": True})


@blueprint.post("/vip-operators")
@internal
def name_vip_operators() -> ResponseReturnValue:
    """Who (`usernames`) is shown the VIP customers of the `campaign` of this name."""
    usernames = [str(each) for each in _field("usernames", list)]
    _plans().name_vip_operators(_field("campaign", str), usernames, actor=ACTOR)
    return jsonify({"ok": True})


@blueprint.post("/human-share")
@internal
def set_human_share() -> ResponseReturnValue:
    """Whether (`on`) the `campaign` of this name leaves its share to the AI."""
    _plans().set_human_share_only(_field("campaign", str), _field("on", bool), actor=ACTOR)
    return jsonify({"ok": True})


def read_table(told: object) -> dict[str, Any]:
    """`base`, `classes` and `payments` of a strategy table as an editor sends it."""
    table = told if isinstance(told, dict) else {}
    base, classes, payments = (table.get(name) for name in ("base", "classes", "payments"))
    rows = (classes, payments)
    if not isinstance(base, int) or isinstance(base, bool):
        raise ServiceError("bad-payload", reason="base")
    for name, each in zip(("classes", "payments"), rows, strict=True):
        if not isinstance(each, list) or not all(isinstance(row, dict) for row in each):
            raise ServiceError("bad-payload", reason=name)
    return {"base": base, "classes": classes, "payments": payments}


def _field(name: str, kind: type) -> Any:
    told = request.get_json(silent=True)
    value = told.get(name) if isinstance(told, dict) else None
    if not isinstance(value, kind):
        raise ServiceError("bad-payload", reason=name)
    return value


def _plans() -> CallingPlanService:
    desk = current_app.extensions["desk"]
    return CallingPlanService(database=desk.database, commits=desk.commits, clock=desk.clock)
