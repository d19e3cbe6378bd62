"""`/admin/do-not-call`: numbers and people nobody calls, effective at once (I9)."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.do_not_call import BlockForm
from agent_desk.routes.admin.frame import BLOCKERS, REGULATORS, section_page
from agent_desk.routes.errors import http_status
from agent_desk.routes.guards import person, requires
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules.do_not_call import DoNotCallService

blueprint = Blueprint("admin_do_not_call", __name__)


@blueprint.get("/admin/do-not-call")
@requires(*BLOCKERS)
def page() -> ResponseReturnValue:
    """The form and, for those who see every team, who is on the list."""
    return _page(BlockForm(formdata=None))


@blueprint.post("/admin/do-not-call")
@requires(*BLOCKERS)
def block() -> ResponseReturnValue:
    """Put a number or a person on the do-not-call list, effective at once."""
    form = BlockForm()
    if not form.validate_on_submit():
        return _page(form), 400
    service, reason, actor = _do_not_call(), form.reason.data, person().username
    number = (form.number.data or "").strip()
    try:
        if number:
            service.block_number(number, reason=reason, actor=actor)
        else:
            service.block_customer(form.customer.data, reason=reason, actor=actor)
    except ServiceError as refused:
        field = form.number if number else form.customer
        field.errors = [f"error.{refused.error_id}"]
        return _page(form), http_status(refused.error_id)
    return redirect(url_for("admin_do_not_call.page"), code=303)


@blueprint.post("/admin/do-not-call/<int:block_id>/lift")
@requires(*REGULATORS)
def lift(block_id: int) -> ResponseReturnValue:
    """Take somebody off the list: that is the administrator's to answer for."""
    _do_not_call().lift(block_id, actor=person().username)
    return redirect(url_for("admin_do_not_call.page"), code=303)


def _do_not_call() -> DoNotCallService:
    service: DoNotCallService = current_app.extensions["desk"].do_not_call
    return service


def _page(form: BlockForm) -> str:
    # Who was blocked, of any team, is for those who see every team.
    blocks = _do_not_call().current() if person().teams is None else None
    return section_page("do_not_call", "do_not_call.html", block_form=form, blocks=blocks)
