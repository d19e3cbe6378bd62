"""`/admin/targets`: what people and teams are to reach in a day."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import RUNNERS, section_page
from agent_desk.routes.admin.typed import LONGEST_NUMBER, beside, day, number
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.targets import NAMES, TargetService

blueprint = Blueprint("admin_targets", __name__)
# Where what is refused for is told.
FIELDS = {"day-is-over": "valid_from", "not-in-scope": "whose"}


@blueprint.get("/admin/targets")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The targets in scope, and the form for the next one."""
    return _page()


@blueprint.post("/admin/targets")
@requires(*RUNNERS)
def set_target() -> ResponseReturnValue:
    """From a day on, a team or a person is to reach this."""
    who = person()
    try:
        _targets().set(
            _whose(),
            {name: number(name) for name in NAMES},
            valid_from=day("valid_from"),
            teams=who.teams,
            actor=who.username,
        )
    except ServiceError as refused:
        return _page(beside(refused, FIELDS)), http_status(refused.error_id)
    return redirect(url_for("admin_targets.page"), code=303)


def _targets() -> TargetService:
    desk = current_app.extensions["desk"]
    return TargetService(database=desk.database, commits=desk.commits, clock=desk.clock)


def _page(refused: ServiceError | None = None) -> str:
    teams = person().teams
    return section_page(
        "targets",
        "targets.html",
        names=NAMES,
        lines=_targets().listed(teams),
        people=_targets().people(teams),
        today=_targets().today(),
        refused=refused,
        given=request.form,
    )


def _whose() -> tuple[str, int]:
    kind, _, of_whom = request.form.get("whose", "").partition(":")
    if kind not in ("user", "team") or not of_whom.isdecimal() or len(of_whom) > LONGEST_NUMBER:
        raise ServiceError("bad-payload", field="whose")
    return kind, int(of_whom)
