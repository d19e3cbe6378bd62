"""`/admin`: what can be administered, each with a line about it."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import section_page
from agent_desk.routes.guards import requires

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
@requires("lead", "manager", "compliance", "auditor", "admin")
def page() -> ResponseReturnValue:
    """The sections this role has."""
    return section_page("home", "home.html")
