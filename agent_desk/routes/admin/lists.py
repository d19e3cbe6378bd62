"""`/admin/lists`: every list, what it is about, who calls it and how far it has come."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.guards import person, requires

blueprint = Blueprint("admin_lists", __name__)


@blueprint.get("/admin/lists")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The lists in scope."""
    return section_page("lists", "lists.html", lists=overview().lists(person().teams))
