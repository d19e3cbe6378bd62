"""`/admin/payments`: money received, from a file; what it settles is not called any more (R54)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import translate
from agent_desk.forms.payments import PaymentFileForm
from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.admin.row_answers import csv_download
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.actor import Actor
from agent_desk.services.api.payment_files import LARGEST_FILE, enter
from agent_desk.services.api.payment_results import PaymentResults, ResultPage
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules.requests import REQUESTS
from agent_desk.services.told import Told

blueprint = Blueprint("admin_payments", __name__)


@blueprint.get("/admin/payments")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """The form, and below `after` what became of the file of `result`."""
    form, name = PaymentFileForm(formdata=None), request.args.get("result", "")
    if not name:
        return _page(form)
    after = request.args.get("after", default=0, type=int)
    try:
        found = _results().page(person().user_id, name, after=after)
    except ServiceError as refused:
        return _page(form, refused=refused), http_status(refused.error_id)
    return _page(form, found, name=name)


@blueprint.get("/admin/payments/refused.csv")
@requires(*ADMINS)
def refused_rows() -> Response:
    """The rows of a file that were not entered, with the reasons."""
    who, locale = person(), g.locale
    data = _results().hand_out(
        who.user_id,
        request.args.get("result", ""),
        why=(
            translate("admin.payment.why", locale=locale),
            lambda error_id: translate(f"error.{error_id}", locale=locale),
        ),
        actor=Actor(who.username, who.role, who.teams),
    )
    return csv_download(data, "payments_refused.csv")


@blueprint.post("/admin/payments")
@requires(*ADMINS)
def enter_file() -> ResponseReturnValue:
    """Enter a file; the page of its result says what became of each row that was not entered."""
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
    name = _results().keep(who.user_id, found)
    return redirect(url_for("admin_payments.page", result=name), code=303)


def _results() -> PaymentResults:
    desk = current_app.extensions["desk"]
    return PaymentResults(files=desk.people.files, commits=desk.commits, clock=desk.clock)


def _page(form: PaymentFileForm, shown: ResultPage | None = None, **values: object) -> str:
    return section_page("payments", "payments.html", form=form, shown=shown, **values)
