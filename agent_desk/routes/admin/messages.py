"""`/admin/messages`: recordings for answering machines and abandoned calls, heard and approved."""

from __future__ import annotations

import contextlib

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import BLOCKERS, section_page
from agent_desk.routes.admin.typed import beside
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.message_files import (
    KINDS,
    LARGEST_FILE,
    Brought,
    Kept,
    MessageFiles,
)
from agent_desk.services.campaigns.message_holders import Holder, holders
from agent_desk.services.errors import ServiceError

blueprint = Blueprint("admin_messages", __name__)
# Where what is refused for is told.
FIELDS = {
    **dict.fromkeys(("message-digits", "message-pressing", "message-unsigned"), "text"),
    "survey-keys": "text",
    **dict.fromkeys(("safe-harbour-text", "safe-harbour-debt-word"), "text"),
    **dict.fromkeys(("message-too-large", "safe-harbour-unreadable"), "file"),
    **dict.fromkeys(("safe-harbour-too-long", "safe-harbour-silence"), "file"),
    "safe-harbour-quiet": "file",
}
LARGEST_FORM = 4 * LARGEST_FILE


@blueprint.url_value_preprocessor
def keep_small(endpoint: str | None, values: object) -> None:
    """A recording is small; no more of a form is read than tells so."""
    if endpoint == "admin_messages.bring":
        request.max_content_length = LARGEST_FORM


@blueprint.get("/admin/messages")
@requires(*BLOCKERS)
def page() -> ResponseReturnValue:
    """What one campaign has, the first in scope by default."""
    campaigns = _campaigns()
    if not campaigns:
        return section_page("messages", "messages.html", campaigns=[], kept=None)
    return _page(request.args.get("campaign", type=int) or campaigns[0][0])


@blueprint.post("/admin/messages/<int:campaign_id>")
@requires(*BLOCKERS)
def bring(campaign_id: int) -> ResponseReturnValue:
    """Keep a recording with what is said in it."""
    brought = Brought(
        kind=request.form.get("kind", ""),
        octets=_octets(),
        text=request.form.get("text", ""),
        name=request.form.get("name", ""),
        number=request.form.get("number", ""),
    )
    try:
        if not brought.octets:
            raise ServiceError("safe-harbour-unreadable")
        _files().bring(campaign_id, brought, actor=_actor())
    except ServiceError as refused:
        return _refused(campaign_id, beside(refused, FIELDS), given=brought)
    return _back(campaign_id)


@blueprint.post("/admin/messages/<int:campaign_id>/<int:file_id>/approve")
@requires(*BLOCKERS)
def approve(campaign_id: int, file_id: int) -> ResponseReturnValue:
    """Use it from now on; by another person than who brought it."""
    try:
        _files().approve(campaign_id, file_id, actor=_actor())
    except ServiceError as refused:
        return _refused(campaign_id, refused)
    return _back(campaign_id)


@blueprint.post("/admin/messages/<int:campaign_id>/withdraw")
@requires(*BLOCKERS)
def withdraw(campaign_id: int) -> ResponseReturnValue:
    """Use none of a kind any more."""
    try:
        _files().withdraw(campaign_id, request.form.get("kind", ""), actor=_actor())
    except ServiceError as refused:
        return _refused(campaign_id, refused)
    return _back(campaign_id)


@blueprint.get("/admin/messages/<int:campaign_id>/<int:file_id>.wav")
@requires(*BLOCKERS)
def play(campaign_id: int, file_id: int) -> ResponseReturnValue:
    """The sound, for somebody who then is on record as having heard it."""
    sound = _files().play(campaign_id, file_id, actor=_actor())
    response = Response(sound, content_type="audio/wav")
    name = f"message_{campaign_id}_{file_id}.wav"
    as_file = "attachment" if "save" in request.args else "inline"
    response.headers["Content-Disposition"] = f'{as_file}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _campaigns() -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = current_app.extensions["desk"].scripts.campaigns(person().teams)
    return found


def _files() -> MessageFiles:
    files: MessageFiles = current_app.extensions["desk"].message_files
    return files


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _octets() -> bytes:
    """The file, as far as it may be taken and one octet further."""
    file = request.files.get("file")
    if file is None:
        return b""
    with contextlib.closing(file):
        return file.stream.read(LARGEST_FILE + 1)


def _holders(kept: Kept) -> dict[str, list[Holder]]:
    """Where each recording that is used can be played."""
    gateways = current_app.extensions["desk"].commits.floor.gateways
    used = {kind: row for kind, row in kept.approved.items() if row is not None}
    return {kind: holders(gateways, row.sha256) for kind, row in used.items()}


def _back(campaign_id: int) -> ResponseReturnValue:
    return redirect(url_for("admin_messages.page", campaign=campaign_id), code=303)


def _refused(
    campaign_id: int, refused: ServiceError, *, given: Brought | None = None
) -> ResponseReturnValue:
    if refused.error_id == "not-in-scope":
        raise refused
    page = _page(campaign_id, refused=refused, given=given)
    return page, http_status(refused.error_id)


def _page(
    campaign_id: int, *, refused: ServiceError | None = None, given: Brought | None = None
) -> str:
    kept = _files().kept(campaign_id, actor=_actor())
    return section_page(
        "messages",
        "messages.html",
        campaigns=_campaigns(),
        campaign_id=campaign_id,
        kept=kept,
        holders=_holders(kept),
        kinds=KINDS,
        by_me=person().username,
        refused=refused,
        given=given,
    )
