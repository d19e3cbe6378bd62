"""The door at which the process that makes reports fetches the mails it is to send, and says how
each ended. Guarded and refused as `internal.py` is; never for people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import internal
from agent_desk.routes.internal import refused
from agent_desk.routes.internal_reports import told_of
from agent_desk.routes.reports.frame import sendables
from agent_desk.services.errors import ServiceError
from agent_desk.services.mailing.handing_out import HandingOut, Report
from agent_desk.services.mailing.tries import RESULTS, Ending

blueprint = Blueprint("internal_mail", __name__, url_prefix="/internal/mail")
blueprint.register_error_handler(ServiceError, refused)
LONGEST_WORD = 40


@blueprint.post("/next")
@internal
def next_mail() -> ResponseReturnValue:
    """What is to be sent now to the process of this `boot`; {} when there is nothing."""
    told = request.get_json(silent=True)
    if not isinstance(told, dict):
        raise ServiceError("bad-payload", reason="an object is needed")
    found = _mail().next(sendables(), boot=_word(told, "boot") or "")
    if found is None:
        return jsonify({})
    return jsonify(
        {
            "id": found.delivery_id,
            "tries": found.tries,
            "asked": told_of(found.asked),
            "form": found.form,
            "address": found.address,
            "message_id": found.message_id,
            "name": found.name,
            "page": found.page,
            "owner": found.owner,
        }
    )


@blueprint.post("/<int:delivery_id>/ended")
@internal
def ended(delivery_id: int) -> ResponseReturnValue:
    """How a try ended: the `result`, in a word the `reason`, the server's `code`."""
    told = request.get_json(silent=True)
    if not isinstance(told, dict):
        raise ServiceError("bad-payload", reason="an object is needed")
    result = told.get("result")
    if result not in RESULTS:
        raise ServiceError("bad-payload", reason="result")
    ending = Ending(result, _word(told, "reason"), _number(told, "code"))
    report = Report(
        kind=_word(told, "kind") or "",
        started_at=_instant(told, "started_at") or current_app.extensions["desk"].clock.now(),
        rows=_number(told, "rows") or 0,
        as_of=_instant(told, "as_of"),
    )
    _mail().ended(delivery_id, _number(told, "tries") or 0, ending, report)
    return jsonify({"ok": True})


def _mail() -> HandingOut:
    found: HandingOut = current_app.extensions["desk"].reports.mail
    return found


def _word(told: dict[str, Any], name: str) -> str | None:
    value = told.get(name)
    if value is not None and not (isinstance(value, str) and 1 <= len(value) <= LONGEST_WORD):
        raise ServiceError("bad-payload", reason=name)
    return value


def _number(told: dict[str, Any], name: str) -> int | None:
    value = told.get(name)
    if value is not None and not (type(value) is int and 0 <= value < 2**31):
        raise ServiceError("bad-payload", reason=name)
    return value


def _instant(told: dict[str, Any], name: str) -> datetime | None:
    value = _word(told, name)
    try:
        return None if value is None else datetime.fromisoformat(value)
    except ValueError:
        raise ServiceError("bad-payload", reason=name) from None
