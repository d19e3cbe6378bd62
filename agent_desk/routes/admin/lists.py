"""`/admin/lists`: every list, who calls it and how far it has come; rank, share, pause, anew."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.filters import ListForm
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.steering import ListSteering

blueprint = Blueprint("admin_lists", __name__)


@blueprint.get("/admin/lists")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The lists in scope."""
    settings = _steering().settings(actor=_actor())
    counted = overview().lists(None)
    rows = [(row, settings[row.list_id]) for row in counted if row.list_id in settings]
    return section_page("lists", "lists.html", lists=rows)


@blueprint.get("/admin/lists/<int:list_id>")
@requires(*RUNNERS)
def one(list_id: int) -> ResponseReturnValue:
    """One list: how it is run, and who of it may be tried anew."""
    return _one(list_id)


@blueprint.post("/admin/lists/<int:list_id>")
@requires(*RUNNERS)
def change(list_id: int) -> ResponseReturnValue:
    """Set rank, share and pause."""
    form = ListForm()
    try:
        if not form.validate_on_submit():
            _steering().tried_out(list_id, actor=_actor())  # whether it is theirs comes first
            raise ServiceError("list-unusable", field=next(iter(form.errors)))
        _steering().change(
            list_id,
            priority=form.priority.data or 0,
            mix=form.mix.data,
            paused=form.paused.data,
            actor=_actor(),
        )
    except ServiceError as refused:
        if refused.error_id == "list-unknown":
            raise
        return _one(list_id, refused=refused, given=request.form), http_status(refused.error_id)
    return redirect(url_for("admin_lists.one", list_id=list_id), code=303)


@blueprint.post("/admin/lists/<int:list_id>/<any(pause, resume):verb>")
@requires(*RUNNERS)
def pause(list_id: int, verb: str) -> ResponseReturnValue:
    """Call nobody of it until it is resumed, or go on."""
    now = _steering().settings(actor=_actor()).get(list_id)
    if now is None:
        raise ServiceError("list-unknown")
    _steering().change(
        list_id, priority=now.priority, mix=now.mix, paused=verb == "pause", actor=_actor()
    )
    return redirect(url_for("admin_lists.page"), code=303)


@blueprint.post("/admin/lists/<int:list_id>/recycle")
@requires(*RUNNERS)
def recycle(list_id: int) -> ResponseReturnValue:
    """Try those anew who used up their tries with these outcomes."""
    try:
        count = _steering().recycle(list_id, request.form.getlist("outcome"), actor=_actor())
    except ServiceError as refused:
        if refused.error_id == "list-unknown":
            raise
        return _one(list_id, refused_anew=refused), http_status(refused.error_id)
    return _one(list_id, recycled=count)


def _steering() -> ListSteering:
    steering: ListSteering = current_app.extensions["desk"].lists.steering
    return steering


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _one(list_id: int, **values: Any) -> str:
    tried_out = _steering().tried_out(list_id, actor=_actor())
    settings = _steering().settings(actor=_actor())[list_id]
    counts = next(row for row in overview().lists(None) if row.list_id == list_id)
    return section_page(
        "lists",
        "list.html",
        settings=settings,
        counts=counts,
        tried_out=tried_out,
        origins=current_app.extensions["desk"].imports.of_list(list_id),
        **values,
    )
