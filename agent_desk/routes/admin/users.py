"""`/admin/users`: everybody with a login; letting in and keeping out."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import ADMINS, overview, section_page
from agent_desk.routes.guards import person, requires

blueprint = Blueprint("admin_users", __name__)


@blueprint.get("/admin/users")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """Everybody, by username."""
    return section_page("users", "users.html", users=overview().users())


@blueprint.post("/admin/users/<username>/<any(enable, disable):action>")
@requires("admin")
def set_enabled(username: str, action: str) -> ResponseReturnValue:
    """Let a person in, or keep them out from this second on."""
    found = next((user for user in overview().users() if user.username == username), None)
    if found is None:
        abort(404)
    desk = current_app.extensions["desk"]
    desk.set_enabled(found.id, username, action == "enable", actor=person())
    return redirect(url_for("admin_users.page"), code=303)
