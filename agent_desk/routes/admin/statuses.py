"""`/admin/statuses`: the buttons of a campaign, which are its funnel and its report columns."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.outcomes import Ladder
from agent_desk.forms.statuses import wanted_from
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.admin.typed import beside
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.statuses import (
    BARS,
    BUILT_IN,
    LONGEST_LABEL,
    REQUIRED,
    StatusService,
    StatusWanted,
)
from agent_desk.services.errors import ServiceError
from agent_desk.store.campaigns.statuses import StatusRow

blueprint = Blueprint("admin_statuses", __name__)

# The ladders that make sense after somebody talked; the others are of calls nobody answered.
RETRIES = (Ladder.TALKED, Ladder.CONTACT, Ladder.VALID, Ladder.CALLBACK, Ladder.CLOSE)
EMPTY = StatusWanted("", "", "", colour="#0f766e")


@blueprint.get("/admin/statuses")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The statuses of one campaign, the first in scope by default; `edit` names one of them."""
    campaigns = overview().campaigns(person().teams)
    if not campaigns:
        return section_page("statuses", "statuses.html", campaigns=[], chosen=None)
    return _page(request.args.get("campaign", type=int) or campaigns[0].id)


@blueprint.post("/admin/statuses/<int:campaign_id>")
@requires(*RUNNERS)
def save(campaign_id: int) -> ResponseReturnValue:
    """Add a status, or change the one of this code."""
    known = [row.code for row in _all(campaign_id)]
    wanted = wanted_from(request.form, known)
    if request.form.get("is_new") and wanted.code in known:
        taken = ServiceError("status-unusable", reason="taken", field="code")
        return _page(campaign_id, wanted, taken), 400
    who = person()
    try:
        _statuses().put(CampaignId(campaign_id), wanted, actor=_actor(), teams=who.teams)
    except ServiceError as refused:
        if refused.error_id == "not-in-scope":
            raise
        return _page(campaign_id, wanted, _located(refused, wanted)), http_status(refused.error_id)
    return _back(campaign_id)


@blueprint.post("/admin/statuses/<int:campaign_id>/<code>/<any(retire, up, down):action>")
@requires(*RUNNERS)
def act(campaign_id: int, code: str, action: str) -> ResponseReturnValue:
    """Take a button away, or move it one place in the funnel."""
    campaign, teams = CampaignId(campaign_id), person().teams
    if action == "retire":
        _statuses().retire(campaign, code, actor=_actor(), teams=teams)
        return _back(campaign_id)
    order = [row.code for row in _all(campaign_id) if not row.retired]
    if code not in order:
        abort(404)
    place = order.index(code)
    other = place + (-1 if action == "up" else 1)
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
        _statuses().arrange(campaign, order, actor=_actor(), teams=teams)
    return _back(campaign_id)


def _located(refused: ServiceError, wanted: StatusWanted) -> ServiceError:
    """A refusal of the form, told where it is about."""
    reason = refused.details.get("reason", "")
    in_japanese = not 1 <= len(wanted.label_ja) <= LONGEST_LABEL
    fields = {
        **{each: each for each in ("code", "hotkey", "colour", "retry", "bars", "required")},
        **{"hotkey_taken": "hotkey", "built_in": "bars", "third_party": "third_party"},
        "label": "label_ja" if in_japanese else "label_en",
    }
    return beside(refused, {"status-unusable": fields[reason]}) if reason in fields else refused


def _back(campaign_id: int) -> ResponseReturnValue:
    return redirect(url_for("admin_statuses.page", campaign=campaign_id), code=303)


def _statuses() -> StatusService:
    service: StatusService = current_app.extensions["desk"].statuses
    return service


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _all(campaign_id: int) -> list[StatusRow]:
    return _statuses().all(CampaignId(campaign_id), teams=person().teams)


def _page(
    campaign_id: int, wanted: StatusWanted | None = None, refused: ServiceError | None = None
) -> str:
    rows = _all(campaign_id)
    campaigns = overview().campaigns(person().teams)
    edited = next((row for row in rows if row.code == request.args.get("edit")), None)
    shown = wanted or edited or EMPTY
    known = {row.code for row in rows}
    is_new = bool(request.form.get("is_new")) if wanted is not None else edited is None
    return section_page(
        "statuses",
        "statuses.html",
        campaigns=campaigns,
        chosen=next(each for each in campaigns if each.id == campaign_id),
        rows=[row for row in rows if not row.retired],
        retired=[row for row in rows if row.retired],
        shown=shown,
        is_new=is_new or shown.code not in known,
        taken={row.hotkey: row.label_ja for row in rows if row.hotkey and row.code != shown.code},
        built_in=BUILT_IN,
        retries=RETRIES,
        bars=BARS,
        required=REQUIRED,
        refused=refused,
    )
