"""`/admin/shifts`: weekly rosters, days that differ, and corrections of time."""

from __future__ import annotations

import re

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import RUNNERS, section_page
from agent_desk.routes.admin.row_answers import csv_download, reason_of
from agent_desk.routes.admin.typed import beside, day, number
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.people import roster_files
from agent_desk.services.people.roster import RosterService, read_clock
from agent_desk.services.people.roster_files import RosterFiles
from agent_desk.services.people.tables_of_text import RowAnswer, answer_file
from agent_desk.store.people.roster import Shift

blueprint = Blueprint("admin_shifts", __name__)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = ("start", "end", "break")
# Where what is refused for is told.
OF_DAY = {"day-is-over": "day", "shift-unusable": "day-end"}
OF_CORRECTION = {"reason-needed": "reason"}


@blueprint.get("/admin/shifts")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The coming week of everybody in scope, and the corrections asked for."""
    return _page()


@blueprint.get("/admin/shifts/<int:user_id>")
@requires(*RUNNERS)
def edit(user_id: int) -> ResponseReturnValue:
    """One person's week and days."""
    return _person(user_id)


@blueprint.post("/admin/shifts/<int:user_id>")
@requires(*RUNNERS)
def set_week(user_id: int) -> ResponseReturnValue:
    """From a day on the week is this."""
    who = person()
    try:
        # The form has a day's first shift; those after it stay as they are.
        known = _roster().person(user_id, who.teams).weekly
        shifts = [
            (number, shift)
            for number in range(7)
            for shift in (_shift(f"{WEEKDAYS[number]}-"), *known.get(number, ())[1:])
            if shift is not None
        ]
        _roster().set_week(
            user_id,
            shifts,
            valid_from=day("valid_from"),
            teams=who.teams,
            actor=who.username,
        )
    except ServiceError as refused:
        return _person(user_id, _of_week(refused), "week"), http_status(refused.error_id)
    return redirect(url_for("admin_shifts.edit", user_id=user_id), code=303)


@blueprint.post("/admin/shifts/<int:user_id>/days")
@requires(*RUNNERS)
def set_day(user_id: int) -> ResponseReturnValue:
    """One day differs, or is as usual again."""
    who, kind = person(), request.form.get("kind", "")
    try:
        typed = _shift("day-")
        shift = typed if kind == "changed" else None
        if kind not in ("off", "changed", "as_usual") or (kind == "changed" and shift is None):
            raise ServiceError("shift-unusable", field="day-start")
        _roster().set_day(
            user_id,
            day("day"),
            shift,
            usual=kind == "as_usual",
            teams=who.teams,
            actor=who.username,
        )
    except ServiceError as refused:
        return _person(user_id, beside(refused, OF_DAY), "day"), http_status(refused.error_id)
    return redirect(url_for("admin_shifts.edit", user_id=user_id), code=303)


@blueprint.post("/admin/shifts/<int:user_id>/corrections")
@requires(*RUNNERS)
def ask_correction(user_id: int) -> ResponseReturnValue:
    """Ask for minutes more or fewer; somebody else says yes or no."""
    who, form = person(), request.form
    try:
        _roster().ask_correction(
            user_id,
            day=day("day"),
            kind=form.get("kind", ""),
            minutes=_signed(form.get("minutes", "")),
            reason=form.get("reason", ""),
            teams=who.teams,
            actor=who.username,
        )
    except ServiceError as refused:
        return _person(user_id, beside(refused, OF_CORRECTION), "correction"), http_status(
            refused.error_id
        )
    return redirect(url_for("admin_shifts.page", _anchor="corrections"), code=303)


@blueprint.post("/admin/corrections/<int:correction_id>")
@requires(*RUNNERS)
def decide(correction_id: int) -> ResponseReturnValue:
    """Yes or no to what somebody else asked for."""
    who = person()
    try:
        if request.form.get("decision") not in ("approve", "refuse"):
            raise ServiceError("bad-payload", reason="decision")
        _roster().decide_correction(
            correction_id,
            request.form["decision"] == "approve",
            teams=who.teams,
            actor=who.username,
        )
    except ServiceError as refused:
        return _page(refused, "corrections"), http_status(refused.error_id)
    return redirect(url_for("admin_shifts.page", _anchor="corrections"), code=303)


@blueprint.post("/admin/shifts/file")
@requires(*RUNNERS)
def take_file() -> ResponseReturnValue:
    """Rosters from a CSV file; a person with a wrong row keeps what they have."""
    who = person()
    try:
        file = request.files.get("file")
        if file is None:
            raise ServiceError("table-unreadable")
        answers = RosterFiles(_roster()).take(file.read(), teams=who.teams, actor=who.username)
    except ServiceError as refused:
        told = ServiceError(refused.error_id, **{**refused.details, "field": "file"})
        return _page(told, "file"), http_status(refused.error_id)
    return _page(answers=answers)


@blueprint.get("/admin/shifts/sample.csv")
@requires(*RUNNERS)
def sample() -> ResponseReturnValue:
    """A file with the right columns."""
    header = [names[1] if g.locale == "ja" else names[0] for names in roster_files.COLUMNS.values()]
    today = _roster().today().isoformat()
    week = "月火水木金" if g.locale == "ja" else WEEKDAYS[:5]
    rows = [["operator1", weekday, "9:00", "18:00", "60", today] for weekday in week]
    return csv_download(answer_file(header, rows), "shifts.csv")


def clock(minute: int) -> str:
    """`9:00`, `25:30`."""
    return f"{minute // 60}:{minute % 60:02}"


def _roster() -> RosterService:
    desk = current_app.extensions["desk"]
    return RosterService(database=desk.database, commits=desk.commits, clock=desk.clock)


def _page(
    refused: ServiceError | None = None,
    part: str = "",
    *,
    answers: list[RowAnswer] | None = None,
) -> str:
    teams = person().teams
    return section_page(
        "shifts",
        "shifts.html",
        people=_roster().people(teams),
        corrections=_roster().corrections(teams),
        clock=clock,
        answers=answers,
        reason=reason_of,
        refused=refused,
        part=part,
    )


def _person(user_id: int, refused: ServiceError | None = None, part: str = "") -> str:
    return section_page(
        "shifts",
        "shift.html",
        person=_roster().person(user_id, person().teams),
        weekdays=WEEKDAYS,
        today=_roster().today(),
        clock=clock,
        refused=refused,
        part=part,
        given=request.form,
    )


def _of_week(refused: ServiceError) -> ServiceError:
    """A refusal of a week, told on its day."""
    weekday = refused.details.get("weekday")
    shifts = {} if weekday is None else {"shift-unusable": f"{WEEKDAYS[weekday]}-end"}
    return beside(refused, {"day-is-over": "valid_from", **shifts})


def _shift(prefix: str) -> Shift | None:
    """What the form says of a shift; None where start and end are empty. ServiceError."""
    start, end, rest = (request.form.get(prefix + each, "").strip() for each in PARTS)
    if not start and not end and not rest:
        return None
    pause = number(f"{prefix}break") or 0
    if not start and not end:
        return None
    return Shift(_clock(f"{prefix}start"), _clock(f"{prefix}end"), pause)


def _clock(name: str) -> int:
    try:
        return read_clock(request.form.get(name, ""))
    except ServiceError as refused:
        raise beside(refused, {"shift-unusable": name}) from None


def _signed(text: str) -> int:
    """Minutes more or fewer; 0, which nobody can mean, for what is no number."""
    found = re.fullmatch(r"\s*([+-]?[0-9]{1,5})\s*", text)
    return int(found[1]) if found else 0
