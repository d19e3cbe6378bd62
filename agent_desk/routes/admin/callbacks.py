"""`/admin/callbacks`: who is owed a call, by whom, and handing it on or cancelling it."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import RUNNERS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.owed_callbacks import OwedCallbacks
from agent_desk.services.errors import ServiceError

blueprint = Blueprint("admin_callbacks", __name__)


@blueprint.get("/admin/callbacks")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """Open callbacks of the campaigns in scope, soonest first."""
    return _page(None)


@blueprint.post("/admin/callbacks/<int:callback_id>/reassign")
@requires(*RUNNERS)
def reassign(callback_id: int) -> ResponseReturnValue:
    """Give it to an operator of the campaign, or to anybody."""
    user_id = request.form.get("user", type=int)
    try:
        _callbacks().reassign(callback_id, user_id, actor=_actor())
    except ServiceError as refused:
        return _page(refused), http_status(refused.error_id)
    return redirect(url_for("admin_callbacks.page"), code=303)


@blueprint.post("/admin/callbacks/<int:callback_id>/cancel")
@requires(*RUNNERS)
def cancel(callback_id: int) -> ResponseReturnValue:
    """Nobody calls back, and this is why."""
    try:
        _callbacks().cancel(callback_id, reason=request.form.get("reason", ""), actor=_actor())
    except ServiceError as refused:
        return _page(refused), http_status(refused.error_id)
    return redirect(url_for("admin_callbacks.page"), code=303)


def _page(refused: ServiceError | None) -> str:
    found = _callbacks().page(_actor(), cursor=request.args.get("cursor", ""))
    return section_page("callbacks", "callbacks.html", found=found, refused=refused)


def _callbacks() -> OwedCallbacks:
    callbacks: OwedCallbacks = current_app.extensions["desk"].owed_callbacks
    return callbacks


def _actor() -> Actor:
    who = person()
    return Actor(who.username, who.role, who.teams)
