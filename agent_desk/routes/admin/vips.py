"""`/admin/vips`: campaign by campaign, which operators take the VIP customers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.dialer.ids import CampaignId
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.vips import VipOperators
from agent_desk.services.errors import ServiceError

blueprint = Blueprint("admin_vips", __name__)


@blueprint.get("/admin/vips")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """Each campaign in scope with the operators of its teams in scope."""
    return _page(saved=request.args.get("saved", type=int))


@blueprint.post("/admin/vips/<int:campaign_id>")
@requires(*RUNNERS)
def name(campaign_id: int) -> ResponseReturnValue:
    """Those ticked take the VIPs from now on."""
    try:
        users = request.form.getlist("operators", type=int)  # what is no number is left out
        _vips().name(campaign_id, users, actor=_actor())
    except ServiceError as refused:
        if refused.error_id == "not-in-scope":
            raise
        return _page(refused=refused, refused_of=campaign_id), http_status(refused.error_id)
    return redirect(url_for("admin_vips.page", saved=campaign_id), code=303)


def _page(**values: Any) -> str:
    book = current_app.extensions["desk"].book
    # Pretend customers are no VIPs.
    lines = [
        line
        for line in overview().campaigns(person().teams)
        if not book.is_training(CampaignId(line.id))
    ]
    shown = _vips().offered([line.id for line in lines], actor=_actor())
    campaigns = [
        (
            line,
            book.get(CampaignId(line.id)),
            [each for each in shown if each.campaign_id == line.id],
            _vips().others_named(line.id, shown),
        )
        for line in lines
    ]
    return section_page("vips", "vips.html", campaigns=campaigns, **values)


def _vips() -> VipOperators:
    desk = current_app.extensions["desk"]
    return VipOperators(
        database=desk.database, commits=desk.commits, book=desk.book, clock=desk.clock
    )


def _actor() -> Actor:
    who = person()
    return Actor(who.username, who.role, who.teams)
