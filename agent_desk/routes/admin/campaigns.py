"""`/admin/campaigns`: the campaigns in scope as they are run at this moment."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.guards import person, requires

blueprint = Blueprint("admin_campaigns", __name__)


@blueprint.get("/admin/campaigns")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The campaigns in scope."""
    shown = overview().campaigns(person().teams)
    return section_page("campaigns", "campaigns.html", campaigns=shown)
