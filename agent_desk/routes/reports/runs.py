"""`/reports/runs`: which reports were made for whom."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import requires
from agent_desk.routes.reports.asking import service
from agent_desk.routes.reports.frame import GROUPS, READERS_OF_RUNS, framed
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.month_closing import KIND
from agent_desk.services.reports.run_log import SHOWN, standing

blueprint = Blueprint("report_runs", __name__)


@blueprint.get("/reports/runs")
@requires(*READERS_OF_RUNS)
def page() -> ResponseReturnValue:
    """The newest runs, or those asked for `before` an instant."""
    requests = service().requests
    runs = service().log.newest(_before())
    states = {run.id: standing(run, alive=requests.knows(run.id)) for run in runs}
    older = runs[-1].asked_at if len(runs) == SHOWN else None
    kinds = {page.kind: page.id for pages in GROUPS.values() for page in pages if page.kind}
    kinds[KIND] = "months"  # asked by whoever closes one
    return framed("runs", "reports/runs.html", runs=runs, states=states, older=older, kinds=kinds)


def _before() -> datetime | None:
    told = request.args.get("before", "")
    if not told:
        return None
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        raise ServiceError("bad-payload", reason="before") from None
    if found.tzinfo is None:
        raise ServiceError("bad-payload", reason="before")
    return found
