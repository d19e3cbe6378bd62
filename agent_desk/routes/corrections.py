"""`/reports/calls/<id>/result`: a lead corrects what was saved of a call, and says why."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.dialer.promises import METHODS, Promised, PromisePart
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat.corrections import (
    COUNTERPARTS,
    Corrections,
    Corrector,
    OpenResult,
    Wanted,
)

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
    note = form.get("note", "")
    return Wanted(
        based_on=form.get("based_on", 0, type=int),
        codes=frozenset(form.getlist("code")),
        note=None if note == form.get("note_before", "") else note[:4000],
        counterpart=form.get("counterpart") or None,
        promised=_promised(),
        reason=form.get("reason", ""),
    )


def _promised() -> Promised | None:
    """The promise as it is typed; None without a date: as it is. Empty rows of a plan are none."""
    form = request.form
    due_on, amount = form.get("due_on", ""), form.get("amount_yen", "")
    rows = zip(form.getlist("part_due_on"), form.getlist("part_amount_yen"), strict=False)
    if not due_on:
        return None
    try:
        parts = [PromisePart(date.fromisoformat(day), _yen(yen)) for day, yen in rows if day or yen]
        return Promised(
            date.fromisoformat(due_on),
            _yen(amount) if amount.strip() else None,
            form.get("method") or None,
            tuple(parts),
        )
    except ValueError:
        raise ServiceError("bad-payload", reason="due_on, amount_yen") from None


def _yen(typed: str) -> int:
    """ValueError where it is no number. Commas and wide digits are read too."""
    return int(unicodedata.normalize("NFKC", typed).replace(",", "").strip())


@dataclass(frozen=True)
class Shown:
    """What the form holds, as texts: what was saved, or what was typed and refused."""

    codes: Collection[str]
    counterpart: str
    note: str
    due_on: str = ""
    amount_yen: str = ""
    method: str = ""
    parts: Sequence[tuple[str, str]] = ()
    reason: str = ""


def _saved(found: OpenResult) -> Shown:
    saved = found.saved
    told = Shown(saved.codes, saved.counterpart, found.note or "")
    if saved.promise is None:
        return told
    promised = saved.promise.promised
    return replace(
        told,
        due_on=promised.due_on.isoformat(),
        amount_yen="" if promised.amount_yen is None else str(promised.amount_yen),
        method=promised.method or "",
        parts=[(part.due_on.isoformat(), str(part.amount_yen)) for part in promised.parts],
    )


def _typed() -> Shown:
    form = request.form
    names = ("counterpart", "note", "due_on", "amount_yen", "method", "reason")
    parts = zip(form.getlist("part_due_on"), form.getlist("part_amount_yen"), strict=False)
    told = {name: form.get(name, "") for name in names}
    return Shown(codes=form.getlist("code"), parts=list(parts), **told)


def _page(call_id: str, refused: ServiceError | None = None) -> str:
    found = _corrections().open(_who(), call_id, locale=g.locale)
    labels = {each.code: each.label for each in found.statuses}
    # who was too late sees what somebody else saved, before it is replaced
    stale = refused is None or refused.error_id == "correction-stale"
    return render_template(
        "correction.html",
        found=found,
        saved=found.saved,
        shown=_saved(found) if stale else _typed(),
        methods=METHODS,
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
