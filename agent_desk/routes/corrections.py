"""`/reports/calls/<id>/result`: a lead corrects what was saved of a call, and says why."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.errors import http_status
from agent_desk.routes.guards import person, requires
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat.corrections import COUNTERPARTS, Corrections, Corrector, Wanted

blueprint = Blueprint("corrections", __name__)

LEADS = ("lead", "manager", "admin")


@blueprint.get("/reports/calls/<call_id>/result")
@requires(*LEADS)
def page(call_id: str) -> ResponseReturnValue:
    """What holds of a call, its versions, and the form to say it anew."""
    return _page(call_id)


@blueprint.post("/reports/calls/<call_id>/result")
@requires(*LEADS)
def correct(call_id: str) -> ResponseReturnValue:
    """Save the next version."""
    try:
        _corrections().correct(_who(), call_id, _wanted(), command_id=None)
    except ServiceError as refused:
        if refused.error_id == "result-unknown":
            raise
        return _page(call_id, refused), http_status(refused.error_id)
    return redirect(url_for("corrections.page", call_id=call_id), code=303)


def _wanted() -> Wanted:
    form = request.form
    due_on, amount = form.get("due_on", ""), form.get("amount_yen", "").replace(",", "").strip()
    note = form.get("note", "")
    try:
        return Wanted(
            based_on=form.get("based_on", 0, type=int),
            codes=frozenset(form.getlist("code")),
            note=None if note == form.get("note_before", "") else note[:4000],
            counterpart=form.get("counterpart") or None,
            due_on=date.fromisoformat(due_on) if due_on else None,
            amount_yen=int(amount) if amount else None,
            reason=form.get("reason", ""),
        )
    except ValueError:
        raise ServiceError("bad-payload", reason="due_on, amount_yen") from None


def _page(call_id: str, refused: ServiceError | None = None) -> str:
    found = _corrections().open(_who(), call_id, locale=g.locale)
    labels = {each.code: each.label for each in found.statuses}
    return render_template(
        "correction.html",
        found=found,
        saved=found.saved,
        versions=_corrections().versions(_who(), call_id),
        labels=labels,
        counterparts=COUNTERPARTS,
        refused=refused,
    )


def _corrections() -> Corrections:
    corrections: Corrections = current_app.extensions["desk"].paper.corrections
    return corrections


def _who() -> Corrector:
    who = person()
    return Corrector(who.user_id, who.username, who.role, who.teams)
