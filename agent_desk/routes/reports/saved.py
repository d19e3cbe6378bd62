"""`/reports/saved`: questions kept under a name: opened, renamed, shared, copied, deleted."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.reports.asking import query_of, service
from agent_desk.routes.reports.frame import ReportPage, framed, page_named, sendables
from agent_desk.services.errors import ServiceError
from agent_desk.services.mailing.recipients import SCHEDULERS
from agent_desk.services.reports import periods
from agent_desk.services.reports.saved_reports import (
    LONGEST_NAME,
    SHARERS,
    WITH_ROLES,
    Wanted,
    inherits,
)

blueprint = Blueprint("saved_reports", __name__)
LONGEST_NUMBER = 9


@blueprint.get("/reports/saved")
@requires()
def page() -> ResponseReturnValue:
    """One's own and those shared with one."""
    return _shown(None)


@blueprint.get("/reports/saved/<int:saved_id>")
@requires()
def open_(saved_id: int) -> ResponseReturnValue:
    """The report itself, for the days that are meant today."""
    page_id, params = service().saved.asked(saved_id, person(), service().today())
    return redirect(f"{_page_for(page_id).path}?{query_of(params)}")


@blueprint.post("/reports/saved/<int:saved_id>")
@requires()
def change(saved_id: int) -> ResponseReturnValue:
    """Another name, other days, other people."""
    saved, who = service().saved, person()

    def work() -> None:
        teams = frozenset(_number(each) for each in request.form.getlist("team"))
        wanted = Wanted(
            name=request.form.get("name", ""),
            period=request.form.get("period", periods.FIXED),
            shared_role=request.form.get("role") or None,
            shared_teams=teams or None,
            roles=page_named(saved.named(saved_id, who).page).roles,
        )
        based_on = _number(request.form.get("base", ""))
        saved.change(saved_id, wanted, based_on=based_on, who=who)

    return _done(work)


@blueprint.post("/reports/saved/<int:saved_id>/copy")
@requires()
def copy(saved_id: int) -> ResponseReturnValue:
    """The same question, for oneself."""
    saved, who, name = service().saved, person(), request.form.get("name", "")

    def work() -> None:
        _page_for(saved.named(saved_id, who).page)
        saved.copy(saved_id, name=name[:LONGEST_NAME], who=who)

    return _done(work)


@blueprint.post("/reports/saved/<int:saved_id>/remove")
@requires()
def remove(saved_id: int) -> ResponseReturnValue:
    """Forget it."""
    saved, who = service().saved, person()
    return _done(lambda: saved.remove(saved_id, who=who))


@blueprint.post("/reports/saved/<int:saved_id>/take-over")
@requires(*WITH_ROLES)
def take_over(saved_id: int) -> ResponseReturnValue:
    """Make one's own what somebody who has left kept."""
    saved, who = service().saved, person()

    def work() -> None:
        _page_for(saved.named(saved_id, who).page)
        saved.take_over(saved_id, who=who)

    return _done(work)


def _page_for(page_id: str) -> ReportPage:
    """A page this person has; ServiceError `saved-report-unknown`."""
    found = page_named(page_id)
    if person().role not in found.roles:
        raise ServiceError("saved-report-unknown")
    return found


def _done(work: Callable[[], None]) -> ResponseReturnValue:
    try:
        work()
    except ServiceError as refused:
        return _shown(refused), http_status(refused.error_id)
    return redirect("/reports/saved", 303)


def _shown(refused: ServiceError | None) -> str:
    who, saved = person(), service().saved
    rows = [each for each in saved.seen_by(who) if who.role in page_named(each.page).roles]
    return framed(
        "saved",
        "reports/saved.html",
        rows=rows,
        inherited={each.id for each in rows if inherits(each, who)},
        own={each.id for each in rows if each.user_id == who.user_id},
        pages={each.id: page_named(each.page) for each in rows},
        sendable=sendables() if who.role in SCHEDULERS else {},
        offered={each.id: periods.offered(each.params) for each in rows},
        teams=saved.teams(who),
        team_names=saved.team_names(),
        shares=who.role in SHARERS,
        with_roles=who.role in WITH_ROLES,
        longest=LONGEST_NAME,
        refused=refused,
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise ServiceError("bad-payload", reason="number")
    return int(text)
