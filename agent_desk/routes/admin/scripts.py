"""`/admin/scripts`: what is said on calls, in versions, checked by the rules before it is used."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.dialer.business_time import business_date
from agent_desk.routes.admin.frame import BLOCKERS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.scripts.editing import COMPLIANCE, Audience, ScriptEditing
from agent_desk.services.scripts.parsing import parse

blueprint = Blueprint("admin_scripts", __name__)

AUDIENCES: tuple[Audience, ...] = ("customer", "third_party", "vip")
# Nobody's: what blanks look like when they are filled.
SAMPLE = {"担当": "見本", "担当姓": "見本", "顧客カナ": "ヤマダ タロウ", "顧客名": "山田 太郎"}


@blueprint.get("/admin/scripts")
@requires(*BLOCKERS)
def page() -> ResponseReturnValue:
    """The script of one campaign, the first in scope by default; `version` shows an older one,
    `template` the standard flow, `audience` what is said to somebody else or to VIPs."""
    campaigns = _scripts().campaigns(person().teams)
    if not campaigns:
        return section_page("scripts", "scripts.html", campaigns=[], edited=None)
    chosen = request.args.get("campaign", type=int) or campaigns[0][0]
    wanted = request.args.get("version", type=int)
    audience = _audience(request.args)
    edited = _scripts().open(chosen, teams=person().teams, audience=audience)
    older = [each.text for each in edited.versions if each.version == wanted]
    if request.args.get("template") == "standard" and edited.standard:
        older = [edited.standard]
    return _page(chosen, older[0] if older else None, audience=audience)


@blueprint.post("/admin/scripts/<int:campaign_id>")
@requires(*BLOCKERS)
def save(campaign_id: int) -> ResponseReturnValue:
    """Check a text, or save it as the next version."""
    text = request.form.get("text", "")
    audience = _audience(request.form)
    if request.form.get("do") == "check":
        return _page(campaign_id, text, audience=audience)
    who = person()
    try:
        _scripts().save(
            campaign_id,
            text,
            based_on=request.form.get("based_on", 0, type=int),
            allowed=request.form.get("allowed", "")[:500],
            teams=who.teams,
            actor=Actor(who.username, who.role),
            audience=audience,
        )
    except ServiceError as refused:
        if refused.error_id == "not-in-scope":
            raise
        page = _page(campaign_id, text, refused, audience=audience)
        return page, http_status(refused.error_id)
    where = url_for("admin_scripts.page", campaign=campaign_id, audience=audience)
    return redirect(where, code=303)


def _scripts() -> ScriptEditing:
    scripts: ScriptEditing = current_app.extensions["desk"].scripts
    return scripts


def _audience(given: Mapping[str, str]) -> Audience:
    wanted = given.get("audience")
    return next((each for each in AUDIENCES if each == wanted), "customer")


def _page(
    campaign_id: int,
    text: str | None,
    refused: ServiceError | None = None,
    *,
    audience: Audience,
) -> str:
    edited = _scripts().open(campaign_id, teams=person().teams, text=text, audience=audience)
    message = current_app.extensions["desk"].messages.approved(campaign_id)
    return section_page(
        "scripts",
        "scripts.html",
        campaigns=_scripts().campaigns(person().teams),
        edited=edited,
        audiences=AUDIENCES,
        steps=parse(edited.text).steps,
        filled=_filled,
        refused=refused,
        message=message,
        message_on=message and business_date(message.at),
        may_allow=person().role in COMPLIANCE,
    )


def _filled(text: str) -> str:
    """With the sample customer's names; a blank nobody can fill stays visible."""
    for blank, value in SAMPLE.items():
        text = text.replace("{" + blank + "}", value)
    return text
