"""`/reports/schedules/all`: which reports leave the house by mail, by whose wish; administrators
pause and remove them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.reports.asking import service
from agent_desk.routes.reports.frame import ADMINISTRATORS, framed, page_named
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.store.reports.deliveries import STATES

blueprint = Blueprint("all_report_schedules", __name__)
LIST = "/reports/schedules/all"


@blueprint.get("/reports/schedules/all")
@requires(*ADMINISTRATORS)
def page() -> ResponseReturnValue:
    """Everybody's, with the last mails and the last that did not arrive."""
    return _list(None)


@blueprint.post("/reports/schedules/all/<int:schedule_id>/pause")
@requires(*ADMINISTRATORS)
def pause(schedule_id: int) -> ResponseReturnValue:
    """Send nothing until its owner resumes it."""
    return _done(lambda: service().all_schedules.pause(schedule_id, actor=_actor()))


@blueprint.post("/reports/schedules/all/<int:schedule_id>/remove")
@requires(*ADMINISTRATORS)
def remove(schedule_id: int) -> ResponseReturnValue:
    """Forget it."""
    return _done(lambda: service().all_schedules.remove(schedule_id, actor=_actor()))


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _done(work: Callable[[], None]) -> ResponseReturnValue:
    try:
        work()
    except ServiceError as refused:
        return _list(refused), http_status(refused.error_id)
    return redirect(LIST, 303)


def _list(refused: ServiceError | None) -> str:
    found = service().all_schedules.overview()
    return framed(
        "all_schedules",
        "reports/all_schedules.html",
        found=found,
        states=STATES,
        pages={each.row.id: page_named(each.row.page) for each in found.schedules},
        refused=refused,
    )
