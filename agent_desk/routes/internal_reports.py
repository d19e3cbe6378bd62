"""The door at which the process that makes reports fetches its work and hands it in.

Guarded and refused as `internal.py` is; never for people. What is handed in is passed on as it is.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import internal
from agent_desk.routes.internal import refused
from agent_desk.routes.reports.waiting import browser_gone
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.making import Asked
from agent_desk.services.reports.requests import LANES, Answer, Request, Requests

blueprint = Blueprint("internal_reports", __name__, url_prefix="/internal/reports")
blueprint.register_error_handler(ServiceError, refused)


@blueprint.post("/next")
@internal
def next_request() -> ResponseReturnValue:
    """Wait for work in the `lane` for `poller` of the process `boot`; {} when there is none."""
    told = _told()
    if told.get("lane") not in LANES:
        raise ServiceError("bad-payload", reason="lane")
    found = _requests().next(
        told["lane"], boot=_text(told, "boot"), poller=_text(told, "poller"), gone=browser_gone()
    )
    return jsonify({} if found is None else _plain(found))


@blueprint.post("/<request_id>/progress")
@internal
def progress(request_id: str) -> ResponseReturnValue:
    """How far it is, in words; whether it is still `wanted`."""
    told = _told()
    share, words = told.get("share"), told.get("words")
    if not isinstance(share, int | float) or not isinstance(words, str):
        raise ServiceError("bad-payload", reason="share")
    wanted = _requests().progress(request_id, min(1.0, max(0.0, float(share))), words[:200])
    return jsonify({"wanted": wanted})


@blueprint.post("/<request_id>/answer")
@internal
def answer(request_id: str) -> ResponseReturnValue:
    """The fragment itself, or `?file=`: the name of a file in the folder of reports."""
    file = request.args.get("file", "")
    if "/" in file or file.startswith("."):
        raise ServiceError("bad-payload", reason="file")
    made = Answer(
        body=b"" if file else request.get_data(cache=False),
        file=file,
        rows=request.args.get("rows", 0, type=int),
        as_of=request.args.get("as_of", "")[:40],
        replaced=request.args.get("replaced", 0, type=int),
    )
    return jsonify({"wanted": _requests().answer(request_id, made)})


@blueprint.post("/<request_id>/fail")
@internal
def fail(request_id: str) -> ResponseReturnValue:
    """It could not be made."""
    _requests().fail(request_id, _text(_told(), "error_id"))
    return jsonify({"ok": True})


def _plain(found: Request) -> dict[str, Any]:
    return {"id": found.id, "form": found.form, **told_of(found.asked)}


def told_of(asked: Asked) -> dict[str, Any]:
    """What is asked, with the scope it is asked in."""
    return {
        "kind": asked.kind,
        "params": dict(asked.params),
        "teams": None if asked.teams is None else sorted(asked.teams),
        "user_id": asked.user_id,
        "username": asked.username,
        "role": asked.role,
        "locale": asked.locale,
        "now": asked.now.isoformat(),
    }


def _requests() -> Requests:
    found: Requests = current_app.extensions["desk"].reports.requests
    return found


def _told() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise ServiceError("bad-payload", reason="an object is needed")
    return body


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 60:
        raise ServiceError("bad-payload", reason=name)
    return value
