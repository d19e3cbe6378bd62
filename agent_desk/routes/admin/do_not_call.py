"""`/admin/do-not-call`: numbers and people nobody calls, effective at once (I9)."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.do_not_call import BlockForm
from agent_desk.routes.admin.frame import BLOCKERS, REGULATORS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules.block_files import BlockFiles
from agent_desk.services.rules.block_terms import BASES, Terms, last_day
from agent_desk.services.rules.do_not_call import SHOWN, DoNotCallService

blueprint = Blueprint("admin_do_not_call", __name__)
# Refusals that are about the last day, whoever the entry is about.
OF_THE_END = frozenset({"expiry-forbidden", "until-needed"})


@blueprint.get("/admin/do-not-call")
@requires(*BLOCKERS)
def page() -> ResponseReturnValue:
    """The form and, for those who see every team, who is on the list."""
    return _page(_form(BlockForm(formdata=None)))


@blueprint.post("/admin/do-not-call")
@requires(*BLOCKERS)
def block() -> ResponseReturnValue:
    """Put a number or a person on the do-not-call list, effective at once."""
    form = _form(BlockForm())
    if not form.validate_on_submit():
        return _page(form), 400
    service, reason, actor = _do_not_call(), form.reason.data, person().username
    number = (form.number.data or "").strip()
    terms = Terms(form.basis.data, form.product_id, form.last_day.data)
    try:
        if number:
            service.block_number(number, reason=reason, actor=actor, terms=terms)
        else:
            service.block_customer(
                form.customer.data, reason=reason, actor=actor, terms=terms, teams=person().teams
            )
    except ServiceError as refused:
        field = form.number if number else form.customer
        if refused.error_id in OF_THE_END:
            field = form.last_day
        field.errors = [f"error.{refused.error_id}"]
        return _page(form), http_status(refused.error_id)
    return redirect(url_for("admin_do_not_call.page"), code=303)


@blueprint.post("/admin/do-not-call/<int:block_id>/lift")
@requires(*REGULATORS)
def lift(block_id: int) -> ResponseReturnValue:
    """Take somebody off the list: that is the administrator's to answer for."""
    _do_not_call().lift(block_id, actor=person().username)
    return redirect(url_for("admin_do_not_call.page"), code=303)


@blueprint.post("/admin/do-not-call/file")
@requires(*BLOCKERS)
def take_file() -> ResponseReturnValue:
    """Take a CSV of numbers and people, each row through the same rules."""
    form = _form(BlockForm(formdata=None))
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(form, file_error="file-needed"), 400
    try:
        taken = _files().take(sent.read(), actor=_actor())
    except ServiceError as refused:
        return _page(form, file_error=refused.error_id), http_status(refused.error_id)
    return _page(form, taken=taken)


@blueprint.post("/admin/do-not-call/export")
@requires(*REGULATORS)
def hand_out() -> ResponseReturnValue:
    """Every entry in force as CSV."""
    answer = Response(_files().hand_out(actor=_actor()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=do-not-call.csv"
    return answer


def _do_not_call() -> DoNotCallService:
    service: DoNotCallService = current_app.extensions["desk"].do_not_call
    return service


def _files() -> BlockFiles:
    files: BlockFiles = current_app.extensions["desk"].lists.block_files
    return files


def _actor() -> Actor:
    return Actor(person().username, person().role, person().teams)


def _form(form: BlockForm) -> BlockForm:
    form.offer(_do_not_call().products(), BASES)
    return form


def _page(form: BlockForm, **values: object) -> str:
    # Who was blocked, of any team, is for those who see every team.
    before = request.args.get("before", type=int)
    found = _do_not_call().current(before, most=SHOWN + 1) if person().teams is None else None
    blocks = None if found is None else found[:SHOWN]
    return section_page(
        "do_not_call",
        "do_not_call.html",
        block_form=form,
        blocks=blocks,
        more=found[SHOWN - 1].id if found is not None and len(found) > SHOWN else None,
        may_export=person().role in REGULATORS,
        last_day=last_day,
        **values,
    )
