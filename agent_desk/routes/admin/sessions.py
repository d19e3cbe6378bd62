"""`/admin/sessions`: who is logged in, from where; ending a log-in closes its pages at once."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.open_sessions import OpenSessions

blueprint = Blueprint("admin_sessions", __name__)


@blueprint.get("/admin/sessions")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """Live log-ins, newest first."""
    shown = _sessions().page(_after())
    following = None
    if shown.after is not None:
        at, last = shown.after
        following = url_for("admin_sessions.page", at=at.isoformat(), last=last)
    return section_page("sessions", "sessions.html", rows=shown.rows, following=following)


@blueprint.post("/admin/sessions/<session_id>/revoke")
@requires(*ADMINS)
def revoke(session_id: str) -> ResponseReturnValue:
    """End one log-in; one's own ends by logging out."""
    who = person()
    if session_id == who.session_id:
        raise ServiceError("not-yourself")
    _sessions().revoke(session_id, actor=who.username)
    return redirect(url_for("admin_sessions.page"), code=303)


def _sessions() -> OpenSessions:
    sessions: OpenSessions = current_app.extensions["desk"].people.sessions
    return sessions


def _after() -> tuple[datetime, str] | None:
    try:
        at = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return None
    return (at, request.args.get("last", "")) if at.tzinfo is not None else None
