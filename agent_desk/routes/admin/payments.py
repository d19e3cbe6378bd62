"""`/admin/payments`: money received, from a file; what it settles is not called any more (R54)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from agent_desk.forms.payments import PaymentFileForm
from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.errors import http_status
from agent_desk.routes.guards import person, requires
from agent_desk.services.actor import Actor
from agent_desk.services.api.payment_files import LARGEST_FILE, Entered, enter
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules.requests import REQUESTS
from agent_desk.services.told import Told

blueprint = Blueprint("admin_payments", __name__)


@blueprint.get("/admin/payments")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """The form."""
    return _page(PaymentFileForm(formdata=None))


@blueprint.post("/admin/payments")
@requires(*ADMINS)
def enter_file() -> ResponseReturnValue:
    """Enter a file, and say what became of each row that was not entered."""
    form = PaymentFileForm()
    if not form.validate_on_submit():
        return _page(form), 400
    who = person()
    actor = Actor(who.username, who.role, who.teams)
    rules = current_app.extensions["desk"].rules

    def ask(name: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        return REQUESTS[name](rules, Told(told), actor)

    try:
        data = form.file.data.stream.read(LARGEST_FILE + 1)
        found = enter(data, source=form.source.data, ask=ask)
    except ServiceError as refused:
        form.file.errors = [f"error.{refused.error_id}"]
        return _page(form), http_status(refused.error_id)
    return _page(PaymentFileForm(formdata=None), found)


def _page(form: PaymentFileForm, found: Entered | None = None) -> str:
    return section_page("payments", "payments.html", form=form, found=found)
