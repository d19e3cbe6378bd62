"""`/admin/teams`: the teams people work in and who leads them."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.admin.typed import beside
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.administration import UserAdministration

blueprint = Blueprint("admin_teams", __name__)
FIELDS = {"team-unusable": "name", "team-exists": "name"}


@blueprint.get("/admin/teams")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """Every team."""
    return _page()


@blueprint.post("/admin/teams")
@requires(*ADMINS)
def create() -> ResponseReturnValue:
    """A new team."""
    try:
        _users().create_team(request.form.get("name", ""), actor=person().username)
    except ServiceError as refused:
        return _page(beside(refused, FIELDS)), http_status(refused.error_id)
    return redirect(url_for("admin_teams.page"), code=303)


@blueprint.post("/admin/teams/<int:team_id>")
@requires(*ADMINS)
def rename(team_id: int) -> ResponseReturnValue:
    """Another name for a team."""
    try:
        _users().rename_team(team_id, request.form.get("name", ""), actor=person().username)
    except ServiceError as refused:
        return _page(beside(refused, FIELDS), team_id), http_status(refused.error_id)
    return redirect(url_for("admin_teams.page"), code=303)


def _users() -> UserAdministration:
    users: UserAdministration = current_app.extensions["desk"].people.administration
    return users


def _page(refused: ServiceError | None = None, renamed: int | None = None) -> str:
    return section_page(
        "teams",
        "teams.html",
        teams=_users().teams(),
        refused=refused,
        renamed=renamed,
        given=request.form.get("name", ""),
    )
