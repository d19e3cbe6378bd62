"""`/admin`: what can be administered, each with a line about it."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import overview, section_page
from agent_desk.routes.guards import person, requires

blueprint = Blueprint("admin", __name__)
# Where each of the first steps is done, in their order.
STEPS = {
    "team": "/admin/teams",
    "people": "/admin/users/new",
    "campaign": "/admin/campaigns",
    "list": "/admin/imports",
    "start": "/floor",
}


@blueprint.get("/admin")
@requires("lead", "manager", "compliance", "auditor", "admin")
def page() -> ResponseReturnValue:
    """The sections this role has; before the first call, what an administrator does for it."""
    steps = STEPS if person().role == "admin" else {}
    done = overview().first_steps_done() if steps else frozenset()
    return section_page("home", "home.html", steps=steps, done=done)
