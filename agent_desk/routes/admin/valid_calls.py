"""`/admin/valid-calls`: what makes a call a valid one, and lists of those who had one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.ids import CampaignId
from agent_desk.forms.filters import ValidCallForm
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.steering import ListSteering
from agent_desk.store.lists.valid_calls import Definition

blueprint = Blueprint("admin_valid_calls", __name__)


@blueprint.get("/admin/valid-calls")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """Each campaign in scope with its definition."""
    return _page()


@blueprint.post("/admin/valid-calls/<int:campaign_id>")
@requires(*RUNNERS)
def define(campaign_id: int) -> ResponseReturnValue:
    """Change the definition, for the calls of today and later or for all."""
    form = ValidCallForm()
    try:
        if not form.validate_on_submit():
            raise ServiceError("valid-call-unusable", field=next(iter(form.errors)))
        definition = Definition(
            tuple(form.statuses.data or ()), form.talk_s.data or 0, form.identity.data
        )
        _steering().define_valid_calls(
            campaign_id, definition, also_past=form.also_past.data, actor=_actor()
        )
    except ServiceError as refused:
        return _refused(campaign_id, refused)
    return redirect(url_for("admin_valid_calls.page"), code=303)


@blueprint.post("/admin/valid-calls/<int:campaign_id>/prospects")
@requires(*RUNNERS)
def prospects(campaign_id: int) -> ResponseReturnValue:
    """A list of everybody who had a valid call, named by campaign and day."""
    desk = current_app.extensions["desk"]
    try:
        facts = desk.book.all().get(CampaignId(campaign_id))
        if facts is None:
            raise ServiceError("not-in-scope")
        day = business_date(desk.clock.now()).isoformat()
        name = translate("admin.valid.list_name", locale=g.locale, campaign=facts.name, day=day)
        list_id = _steering().prospects(campaign_id, name=name, actor=_actor())
    except ServiceError as refused:
        return _refused(campaign_id, refused)
    return redirect(url_for("admin_lists.one", list_id=list_id), code=303)


def _refused(campaign_id: int, refused: ServiceError) -> ResponseReturnValue:
    if refused.error_id == "not-in-scope":
        raise refused
    page = _page(refused=refused, refused_of=campaign_id, given=request.form)
    return page, http_status(refused.error_id)


def _steering() -> ListSteering:
    steering: ListSteering = current_app.extensions["desk"].lists.steering
    return steering


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _page(**values: Any) -> str:
    book = current_app.extensions["desk"].book
    campaigns = [
        (
            line,
            book.get(CampaignId(line.id)).statuses,
            _steering().valid_calls(line.id, actor=_actor()),
        )
        for line in overview().campaigns(person().teams)
    ]
    return section_page("valid_calls", "valid_calls.html", campaigns=campaigns, **values)
