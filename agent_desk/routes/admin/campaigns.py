"""`/admin/campaigns`: the campaigns in scope, a new one by its purpose, and its pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.campaigns import settings_from
from agent_desk.routes.admin.frame import ADMINS, RUNNERS, section_page
from agent_desk.routes.admin.typed import beside
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.editing import Edited
from agent_desk.services.campaigns.founding import Wanted
from agent_desk.services.campaigns.purposes import PURPOSES
from agent_desk.services.campaigns.settings import (
    BOUNDS,
    CHOICES,
    FACTORS,
    FROM,
    MAY_BE_NONE,
    PAGES,
    changed,
    fields_of,
)
from agent_desk.services.campaigns.shown_numbers import Fault
from agent_desk.services.campaigns.use_cases import CampaignSetup
from agent_desk.services.dialing.caller_ids import numbers_of
from agent_desk.services.errors import ServiceError
from agent_desk.store.campaigns.versions import TAKEN_OVER

blueprint = Blueprint("admin_campaigns", __name__)


@blueprint.get("/admin/campaigns")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The campaigns in scope."""
    shown = _setup().choices.standings(person().teams)
    return section_page("campaigns", "campaigns.html", campaigns=shown)


@blueprint.get("/admin/campaigns/new")
@requires(*ADMINS)
def new() -> ResponseReturnValue:
    """What a new campaign is for."""
    return _new_page(request.args.get("purpose", ""))


@blueprint.post("/admin/campaigns/new")
@requires(*ADMINS)
def found() -> ResponseReturnValue:
    """Set a campaign up, as is advised for its purpose."""
    form = request.form
    wanted = Wanted(
        purpose=form.get("purpose", ""),
        name=form.get("name", "").strip(),
        product=form.get("product", "").strip(),
        teams=form.getlist("teams", type=int),
        like=form.get("like", type=int),
    )
    try:
        campaign_id = _setup().founding.found(wanted, actor=_actor())
    except ServiceError as refused:
        told = beside(refused, {"campaign-exists": "name"})
        return _new_page(wanted.purpose, wanted, told), http_status(refused.error_id)
    return redirect(_at(campaign_id, "basics"), code=303)


@blueprint.get(
    "/admin/campaigns/<int:campaign_id>/<any(basics, dialing, limits, talk, after_call):step>"
)
@requires(*RUNNERS)
def edit(campaign_id: int, step: str) -> ResponseReturnValue:
    """One page of a campaign's settings, with what is being prepared."""
    return _wizard(_open(campaign_id), step)


@blueprint.post(
    "/admin/campaigns/<int:campaign_id>/<any(basics, dialing, limits, talk, after_call):step>"
)
@requires(*RUNNERS)
def save(campaign_id: int, step: str) -> ResponseReturnValue:
    """Keep a page as a draft and go on to the next."""
    edited, who = _open(campaign_id), person()
    offered = _setup().choices.of(campaign_id, who.teams)
    values, wrong = settings_from(
        step,
        request.form,
        current=edited.wanted,
        kind=edited.kind,
        offered={
            "lists": offered.lists,
            "teams": offered.teams,
            "skills": offered.skills,
            "tariff_id": offered.tariffs,
            **dict.fromkeys(TAKEN_OVER, offered.alike),
        },
    )
    if not wrong:
        wrong = list(_setup().editing.save(campaign_id, values, actor=_actor(), teams=who.teams))
    if wrong:
        return _wizard(edited, step, {**edited.wanted, **values}, wrong), 400
    steps = [*PAGES, "review"]
    return redirect(_at(campaign_id, steps[steps.index(step) + 1]), code=303)


@blueprint.get("/admin/campaigns/<int:campaign_id>/review")
@requires(*RUNNERS)
def review(campaign_id: int) -> ResponseReturnValue:
    """What is prepared, when it will be true, and every version; two of them beside each other."""
    return _review(campaign_id)


@blueprint.post("/admin/campaigns/<int:campaign_id>/publish")
@requires(*ADMINS)
def publish(campaign_id: int) -> ResponseReturnValue:
    """Make what is prepared the next version."""
    based_on = request.form.get("based_on", -1, type=int)
    try:
        _setup().editing.publish(
            campaign_id, based_on=based_on, actor=_actor(), teams=person().teams
        )
    except ServiceError as refused:
        return _review(campaign_id, refused), http_status(refused.error_id)
    return redirect(_at(campaign_id, "review"), code=303)


@blueprint.post("/admin/campaigns/<int:campaign_id>/versions/<int:version>/restore")
@requires(*ADMINS)
def restore(campaign_id: int, version: int) -> ResponseReturnValue:
    """Make a version with the settings of an older one."""
    try:
        _setup().editing.roll_back(campaign_id, version, actor=_actor(), teams=person().teams)
    except ServiceError as refused:
        return _review(campaign_id, refused), http_status(refused.error_id)
    return redirect(_at(campaign_id, "review"), code=303)


@blueprint.post("/admin/campaigns/<int:campaign_id>/discard")
@requires(*RUNNERS)
def discard(campaign_id: int) -> ResponseReturnValue:
    """Forget what was prepared."""
    _setup().editing.discard(campaign_id, actor=_actor(), teams=person().teams)
    return redirect(_at(campaign_id, "review"), code=303)


@blueprint.post("/admin/campaigns/<int:campaign_id>/trial")
@requires(*RUNNERS)
def try_out(campaign_id: int) -> ResponseReturnValue:
    """Show a waiting seat a customer with one's own number."""
    number, seat_id = request.form.get("number", ""), request.form.get("seat", "")
    try:
        _setup().trials.place(campaign_id, number, seat_id, actor=_actor(), teams=person().teams)
    except ServiceError as refused:
        if refused.error_id == "not-in-scope":
            raise
        return _review(campaign_id, tried=refused), http_status(refused.error_id)
    return redirect(f"{_at(campaign_id, 'review')}?tried=1#trial", code=303)


def _at(campaign_id: int, step: str) -> str:
    if step == "review":
        return url_for("admin_campaigns.review", campaign_id=campaign_id)
    return url_for("admin_campaigns.edit", campaign_id=campaign_id, step=step)


def _setup() -> CampaignSetup:
    setup: CampaignSetup = current_app.extensions["desk"].setup
    return setup


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _open(campaign_id: int) -> Edited:
    return _setup().editing.open(campaign_id, teams=person().teams)


def _new_page(
    purpose: str, wanted: Wanted | None = None, refused: ServiceError | None = None
) -> str:
    return section_page(
        "campaigns",
        "campaign_new.html",
        purposes=PURPOSES,
        purpose=PURPOSES.get(purpose),
        wanted=wanted,
        refused=refused,
        choices=_setup().choices.of(None, person().teams),
        products=_setup().choices.products(),
        campaigns=_setup().choices.standings(person().teams),
    )


def _wizard(
    edited: Edited,
    step: str,
    shown: dict[str, Any] | None = None,
    wrong: list[Fault] | None = None,
) -> str:
    trunks = current_app.extensions["desk"].config.trunks
    allowed = sorted({number for trunk in trunks for number in trunk.shown_numbers})
    values = shown or edited.wanted
    return section_page(
        "campaigns",
        "campaign_wizard.html",
        name=_setup().choices.name_of(edited.campaign_id),
        edited=edited,
        step=step,
        shown=values,
        faults={each.field: each for each in wrong or ()},
        fields=fields_of(step, edited.kind),
        steps=PAGES,
        factors=FACTORS,
        optional=MAY_BE_NONE,
        bounds=BOUNDS,
        options=CHOICES,
        choices=_setup().choices.of(edited.campaign_id, person().teams),
        numbers=numbers_of(str(values["caller_id"])),
        allowed=allowed,
        advice=PURPOSES[edited.kind].settings,
        effects=FROM,
    )


def _review(
    campaign_id: int, refused: ServiceError | None = None, tried: ServiceError | None = None
) -> str:
    edited = _open(campaign_id)
    by_number = {each.version: each.settings for each in edited.versions}
    pair = [request.args.get(name, type=int) for name in ("older", "newer")]
    if any(number not in by_number for number in pair if number is not None):
        abort(404)
    older, newer = (by_number.get(number or 0) for number in pair)
    return section_page(
        "campaigns",
        "campaign_review.html",
        name=_setup().choices.name_of(campaign_id),
        edited=edited,
        step="review",
        refused=refused,
        tried=tried,
        was_tried=bool(request.args.get("tried")),
        seats=_setup().trials.seats(campaign_id),
        effects=FROM,
        steps=PAGES,
        page_of={name: page for page, names in PAGES.items() for name in names},
        pair=pair,
        compared=[(n, older[n], newer[n]) for n in changed(older, newer)]
        if older and newer
        else None,
        history=edited.history,
        choices=_setup().choices.of(campaign_id, person().teams),
        next_start=None if edited.faults else _setup().choices.next_start(edited.wanted),
        may_publish=person().role in ADMINS,
    )
