"""The write door of our own worker and command line: rows of an import, what became of recordings.

Guarded by a key that only processes with the desk's secret can make; never for people. Refusals
are `{"error": {"id", "message", "details"}}`, as on the sockets.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import DEFAULT, translate
from agent_desk.routes.guards import internal
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.campaigns.messages import Wording
from agent_desk.services.dialing.draining import under_way
from agent_desk.services.dialing.safe_harbours import LONGEST_TEXT, Heard
from agent_desk.services.errors import ServiceError
from agent_desk.services.recordings.listening import RecordingService
from agent_desk.store.records.recordings import Verified

blueprint = Blueprint("internal", __name__, url_prefix="/internal")


@blueprint.errorhandler(ServiceError)
def refused(error: ServiceError) -> ResponseReturnValue:
    """A refusal the worker understands."""
    message = translate(f"error.{error.error_id}", locale=DEFAULT, **error.details)
    told = {"id": error.error_id, "message": message, "details": dict(error.details)}
    return jsonify({"error": told}), http_status(error.error_id)


@blueprint.post("/drain")
@internal
def drain() -> ResponseReturnValue:
    """Start no more calls (`on`), or begin again; what is under way."""
    told = _told()
    if not isinstance(told.get("on"), bool):
        raise ServiceError("bad-payload", reason="on")
    desk = current_app.extensions["desk"]
    if told["on"]:
        desk.draining.begin()
    else:
        desk.draining.end()
    return jsonify(asdict(under_way(desk.commits.floor)))


@blueprint.post("/keys/step")
@internal
def rotate_keys() -> ResponseReturnValue:
    """Seal some rows anew; what was done."""
    return jsonify(asdict(current_app.extensions["desk"].customers.rotation.step()))


@blueprint.post("/do-not-call")
@internal
def block() -> ResponseReturnValue:
    """Put `number` on the do-not-call list for `reason`."""
    told = _told()
    number, reason = _text(told, "number"), _text(told, "reason")
    current_app.extensions["desk"].do_not_call.block_number(number, reason=reason, actor="cli")
    return jsonify({"ok": True})


@blueprint.post("/do-not-call/lift")
@internal
def lift() -> ResponseReturnValue:
    """Take `number` off the do-not-call list."""
    number = _text(_told(), "number")
    current_app.extensions["desk"].do_not_call.lift_number(number, actor="cli")
    return jsonify({"ok": True})


@blueprint.post("/safe-harbours")
@internal
def approve_safe_harbour() -> ResponseReturnValue:
    """Approve the recording with this hash for abandoned calls of `campaign`, as `by`."""
    told = _told()
    heard = Heard(_text(told, "sha256"), _whole(told, "duration_ms"), _whole(told, "lead_ms"))
    current_app.extensions["desk"].safe_harbours.approve(
        _text(told, "campaign"),
        heard,
        _text(told, "text", longest=LONGEST_TEXT),
        actor=_text(told, "by"),
        brought_by=_text(told, "brought_by"),
    )
    return jsonify({"ok": True})


@blueprint.post("/safe-harbours/withdraw")
@internal
def withdraw_safe_harbour() -> ResponseReturnValue:
    """Approve no recording for abandoned calls of `campaign` any more, as `by`."""
    told = _told()
    harbours = current_app.extensions["desk"].safe_harbours
    harbours.withdraw(_text(told, "campaign"), actor=_text(told, "by"))
    return jsonify({"ok": True})


@blueprint.post("/messages")
@internal
def approve_message() -> ResponseReturnValue:
    """Approve the recording with this hash for answering machines of `campaign`, as `by`."""
    told = _told()
    heard = Heard(_text(told, "sha256"), _whole(told, "duration_ms"), _whole(told, "lead_ms"))
    text = _text(told, "text", longest=LONGEST_TEXT)
    current_app.extensions["desk"].messages.approve(
        _text(told, "campaign"),
        heard,
        Wording(text, _text(told, "name"), _text(told, "number")),
        actor=_text(told, "by"),
        brought_by=_text(told, "brought_by"),
    )
    return jsonify({"ok": True})


@blueprint.post("/messages/withdraw")
@internal
def withdraw_message() -> ResponseReturnValue:
    """Let nothing be left on answering machines of `campaign` any more, as `by`."""
    told = _told()
    messages = current_app.extensions["desk"].messages
    messages.withdraw(_text(told, "campaign"), actor=_text(told, "by"))
    return jsonify({"ok": True})


@blueprint.post("/recordings/<call_id>/verified")
@internal
def verified(call_id: str) -> ResponseReturnValue:
    """A recording was opened to its end; its Opus is there."""
    told = _told()
    size = _whole(told, "opus_size_bytes")
    found = Verified(_text(told, "opus_path"), _text(told, "opus_sha256"), size)
    _recordings().verified(call_id, found)
    return jsonify({"ok": True})


@blueprint.post("/recordings/<call_id>/damaged")
@internal
def damaged(call_id: str) -> ResponseReturnValue:
    """A recording is not what the gateway closed; `reason` says in which way."""
    _recordings().damaged(call_id, _text(_told(), "reason"))
    return jsonify({"ok": True})


@blueprint.post("/recordings/<call_id>/delete")
@internal
def begin_deletion(call_id: str) -> ResponseReturnValue:
    """May its files be removed now?"""
    _recordings().begin_deletion(call_id)
    return jsonify({"ok": True})


@blueprint.post("/recordings/<call_id>/deleted")
@internal
def certify_deletion(call_id: str) -> ResponseReturnValue:
    """They are removed."""
    _recordings().certify_deletion(call_id)
    return jsonify({"ok": True})


def _recordings() -> RecordingService:
    service: RecordingService = current_app.extensions["desk"].recordings
    return service


def _told() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise ServiceError("bad-payload", reason="an object is needed")
    return body


def _whole(told: dict[str, Any], name: str) -> int:
    value = told.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ServiceError("bad-payload", reason=name)
    return value


def _text(told: dict[str, Any], name: str, *, longest: int = 200) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise ServiceError("bad-payload", reason=name)
    return value
