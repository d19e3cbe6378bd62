"""`/reports/months`: which months are closed, and closing, restating and taking back.

The versions are a report like any other; what is done with them goes through `MonthClosing`.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import Form

from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.reports.asking import Question, publish, service
from agent_desk.routes.reports.frame import framed, page_named
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.month_closing import LAST_DAY, LONGEST_REASON, Standing

blueprint = Blueprint("report_months", __name__)
CLOSERS = ("manager", "admin")
LONGEST_NUMBER = 9
TEMPLATE = "reports/months.html"


def read_all() -> Question:
    """All there is: there is nothing to ask."""
    return Question(Form(), {})


publish(blueprint, page_named("months"), read_all, template=TEMPLATE)
publish(blueprint, page_named("metrics"), read_all, template="reports/unasked.html")


@blueprint.app_template_global()
def month_closing() -> dict[str, object]:
    """What the forms of the page offer to whoever is signed in."""
    standing: Standing = service().months.standing()
    return {
        "standing": standing,
        "may": person().role in CLOSERS,
        "last_day": LAST_DAY,
        "longest_reason": LONGEST_REASON,
        "most_versions": max((each[0].version for each in standing.closed.values()), default=0),
    }


@blueprint.post("/reports/months/close")
@requires(*CLOSERS)
def close() -> ResponseReturnValue:
    """Keep a month's figures as they are now."""
    months, month = service().months, request.form.get("month", "")
    return _done(lambda: months.close(month, actor=person().username))


@blueprint.post("/reports/months/restate")
@requires(*CLOSERS)
def restate() -> ResponseReturnValue:
    """A new version: of the figures of now, or what an earlier `version` said."""
    month, _, base = request.form.get("of", "").partition(".")
    said, reason = request.form.get("version", ""), request.form.get("reason", "")
    months, who = service().months, person().username

    def work() -> None:
        if not said:
            months.restate(month, based_on=_number(base), reason=reason, actor=who)
            return
        based = _number(base)
        months.go_back(month, version=_number(said), based_on=based, reason=reason, actor=who)

    return _done(work)


@blueprint.post("/reports/months/day")
@requires(*CLOSERS)
def set_day() -> ResponseReturnValue:
    """On which day the month before is closed by itself."""
    day, base = request.form.get("day", ""), request.form.get("base", "")
    months = service().months
    return _done(
        lambda: months.set_day(_number(day), based_on=_number(base), actor=person().username)
    )


def _done(work: Callable[[], None]) -> ResponseReturnValue:
    try:
        work()
    except ServiceError as refused:
        values = {"form": Form(), "query": "", "today": service().today().isoformat()}
        shown = framed("months", TEMPLATE, **values, fragment=None, fault=None, refused=refused)
        return shown, http_status(refused.error_id)
    return redirect("/reports/months", 303)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise ServiceError("bad-payload", reason="number")
    return int(text)
