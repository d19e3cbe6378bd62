"""`/admin/record-fields`: what operators see and write of a customer, campaign by campaign."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.admin.typed import beside
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.record_fields import ACCESS, RecordFieldSettings
from agent_desk.services.errors import ServiceError
from agent_desk.store.records.fields import FieldRow

blueprint = Blueprint("admin_record_fields", __name__)


@blueprint.get("/admin/record-fields")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The fields of one campaign, the first in scope by default."""
    campaigns = overview().campaigns(person().teams)
    if not campaigns:
        return section_page("record_fields", "record_fields.html", campaigns=[], chosen=None)
    return _page(request.args.get("campaign", type=int) or campaigns[0].id)


@blueprint.post("/admin/record-fields/<int:campaign_id>")
@requires(*RUNNERS)
def save(campaign_id: int) -> ResponseReturnValue:
    """Set a field up, change it, take it out or move it."""
    name, do = request.form.get("name", ""), request.form.get("do", "put")
    try:
        if do == "remove":
            _fields().remove(campaign_id, name, actor=_actor())
        elif do in ("up", "down"):
            _move(campaign_id, name, -1 if do == "up" else 1)
        else:
            access = request.form.get("access", "")
            row = FieldRow(name, access, request.form.get("required") == "yes")
            _fields().put(campaign_id, row, actor=_actor())
    except ServiceError as refused:
        if refused.error_id == "not-in-scope":
            raise
        return _page(campaign_id, _located(refused)), http_status(refused.error_id)
    return redirect(url_for("admin_record_fields.page", campaign=campaign_id), code=303)


def _move(campaign_id: int, name: str, by: int) -> None:
    order = [row.name for row in _fields().all(campaign_id, actor=_actor())]
    if name not in order:
        abort(404)
    place = order.index(name)
    if 0 <= place + by < len(order):
        order[place], order[place + by] = order[place + by], order[place]
        _fields().arrange(campaign_id, order, actor=_actor())


def _located(refused: ServiceError) -> ServiceError:
    """A refusal of the new field's form, told where it is about."""
    reason = refused.details.get("reason", "")
    is_new = "is_new" in request.form and reason in ("name", "access", "required")
    return beside(refused, {"field-unusable": reason}) if is_new else refused


def _page(campaign_id: int, refused: ServiceError | None = None) -> str:
    return section_page(
        "record_fields",
        "record_fields.html",
        campaigns=overview().campaigns(person().teams),
        chosen=campaign_id,
        fields=_fields().all(campaign_id, actor=_actor()),
        unused=_fields().unused(campaign_id, actor=_actor()),
        access=ACCESS,
        refused=refused,
        given=request.form,
    )


def _fields() -> RecordFieldSettings:
    settings: RecordFieldSettings = current_app.extensions["desk"].record_fields
    return settings


def _actor() -> Actor:
    who = person()
    return Actor(who.username, who.role, who.teams)
