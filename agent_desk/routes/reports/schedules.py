"""`/reports/schedules`: one's own saved reports sent by mail: made, changed, paused, deleted, sent
at once, and what became of every mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from agent_desk.forms.schedules import ScheduleForm, values_of
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.reports.asking import service
from agent_desk.routes.reports.frame import framed, page_named, sendables
from agent_desk.services.errors import ServiceError
from agent_desk.services.mailing.recipients import SCHEDULERS
from agent_desk.services.mailing.schedules import Schedules
from agent_desk.store.reports.deliveries import STATES
from agent_desk.store.reports.saved import SavedRow
from agent_desk.store.reports.schedules import ScheduleRow

blueprint = Blueprint("report_schedules", __name__)
USUAL = time(8, 0)
LIST = "/reports/schedules"


@blueprint.get("/reports/schedules")
@requires(*SCHEDULERS)
def page() -> ResponseReturnValue:
    """One's schedules, each with its newest mail, and the reports one could have sent."""
    return _list(None)


@blueprint.get("/reports/schedules/new/<int:saved_id>")
@requires(*SCHEDULERS)
def new(saved_id: int) -> ResponseReturnValue:
    """The form for one of one's saved reports."""
    report = _schedules().report(saved_id, person(), sendables())
    form = ScheduleForm(formdata=None, time=USUAL, recipients=[person().user_id])
    return _form(report, None, form)


@blueprint.post("/reports/schedules/new/<int:saved_id>")
@requires(*SCHEDULERS)
def make(saved_id: int) -> ResponseReturnValue:
    """Have it sent from now on."""
    report = _schedules().report(saved_id, person(), sendables())

    def work(form: ScheduleForm) -> None:
        _schedules().make(form.wanted(saved_id), who=person(), pages=sendables())

    return _taken(report, None, work)


@blueprint.get("/reports/schedules/<int:schedule_id>")
@requires(*SCHEDULERS)
def edit(schedule_id: int) -> ResponseReturnValue:
    """One schedule: its form, and its mails."""
    row = _schedules().named(schedule_id, person())
    at = time(*divmod(row.minute, 60))
    return _form(_report(row), row, ScheduleForm(formdata=None, time=at, **values_of(row)))


@blueprint.post("/reports/schedules/<int:schedule_id>")
@requires(*SCHEDULERS)
def change(schedule_id: int) -> ResponseReturnValue:
    """Another rhythm, other people."""
    row = _schedules().named(schedule_id, person())

    def work(form: ScheduleForm) -> None:
        based_on = form.base.data or 0
        wanted = form.wanted(row.saved_id)
        _schedules().change(schedule_id, wanted, based_on=based_on, who=person(), pages=sendables())

    return _taken(_report(row), row, work)


@blueprint.post("/reports/schedules/<int:schedule_id>/pause")
@requires(*SCHEDULERS)
def pause(schedule_id: int) -> ResponseReturnValue:
    """Send nothing until it is resumed."""
    return _done(lambda: _schedules().pause(schedule_id, who=person()), LIST)


@blueprint.post("/reports/schedules/<int:schedule_id>/resume")
@requires(*SCHEDULERS)
def resume(schedule_id: int) -> ResponseReturnValue:
    """Send it again from now on."""
    return _done(lambda: _schedules().resume(schedule_id, who=person()), LIST)


@blueprint.post("/reports/schedules/<int:schedule_id>/remove")
@requires(*SCHEDULERS)
def remove(schedule_id: int) -> ResponseReturnValue:
    """Forget it."""
    return _done(lambda: _schedules().remove(schedule_id, who=person()), LIST)


@blueprint.post("/reports/schedules/<int:schedule_id>/send")
@requires(*SCHEDULERS)
def send(schedule_id: int) -> ResponseReturnValue:
    """One mail to oneself, now."""
    back = f"{LIST}/{schedule_id}#mails"
    return _done(lambda: _schedules().send_now(schedule_id, who=person()), back)


def _schedules() -> Schedules:
    return service().schedules


def _report(row: ScheduleRow) -> SavedRow:
    return service().saved.named(row.saved_id, person())


def _taken(
    report: SavedRow, row: ScheduleRow | None, work: Callable[[ScheduleForm], None]
) -> ResponseReturnValue:
    """Do what a form says that is in order; one that is not comes back with what is wrong."""
    form = ScheduleForm()
    form.offer(_schedules().offered(person(), sendables()[report.page]))
    if not form.validate_on_submit():
        return _form(report, row, form), 400
    try:
        work(form)
    except ServiceError as refused:
        return _form(report, row, form, refused), http_status(refused.error_id)
    return redirect(LIST, 303)


def _done(work: Callable[[], None], back: str) -> ResponseReturnValue:
    try:
        work()
    except ServiceError as refused:
        return _list(refused), http_status(refused.error_id)
    return redirect(back, 303)


def _list(refused: ServiceError | None) -> str:
    rows, last = _schedules().mine(person())
    return framed(
        "schedules",
        "reports/schedules.html",
        rows=rows,
        last=last,
        states=STATES,
        reports=_schedules().reports(person(), sendables()),
        pages={row.id: page_named(row.page) for row in rows},
        set_up=_schedules().set_up,
        refused=refused,
    )


def _form(
    report: SavedRow,
    row: ScheduleRow | None,
    form: ScheduleForm,
    refused: ServiceError | None = None,
) -> str:
    people = _schedules().offered(person(), sendables()[report.page])
    return framed(
        "schedules",
        "reports/schedule.html",
        report=report,
        row=row,
        form=form,
        people=people,
        mails=_schedules().sent(row.id, person()) if row else [],
        set_up=_schedules().set_up,
        refused=refused,
    )
