"""The calls of a day, as a page and as data, and the SIP ladder of each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import JST
from agent_desk.dialer.charges import yen_text
from agent_desk.forms.calls import CallsForm
from agent_desk.routes.api import instant
from agent_desk.routes.guards import person, requires
from agent_desk.routes.reports.frame import closed_within, framed
from agent_desk.services.dialing.ladders import Ladders
from agent_desk.services.errors import ServiceError
from agent_desk.services.recordings.listening import LISTENERS
from agent_desk.services.reports.call_lists import CallLine, CallLists, CallPage
from agent_desk.services.reports.figures import csv_text
from agent_desk.services.seat.corrections import CORRECTORS

blueprint = Blueprint("calls", __name__)

READERS = ("lead", "manager", "compliance", "auditor", "admin")
# What screening took a customer for who is not simply a person; told beside the outcome.
JUDGED = ("machine", "announcement", "tone", "silence", "uncertain")
# Recordings that can be played.
PLAYABLE = ("sealed", "verified")
# Of the file.
COLUMNS = (
    "time",
    "number",
    "caller_id",
    "campaign",
    "operator",
    "outcome",
    "ended_by",
    "talk_s",
    "hold_s",
    "wrap_s",
    "charge_yen",
    "id",
)


@blueprint.get("/reports/calls")
@requires(*READERS)
def page() -> ResponseReturnValue:
    """The calls of a day, or one of them; today when none is named."""
    form = _form("call")
    found = _page(form) if form.validate() else None
    day = form.day.data
    playable = PLAYABLE if person().role in LISTENERS else ()
    shown = framed(
        "calls",
        "calls.html",
        form=form,
        found=found,
        playable=playable,
        judged=JUDGED,
        yen=yen_text,
        corrects=person().role in CORRECTORS,
        **closed_within([(day, day)] if found else []),
    )
    return shown, 200 if found else 400


@blueprint.get("/reports/calls.csv")
@requires(*READERS)
def calls_csv() -> ResponseReturnValue:
    """All calls of the day, for a spreadsheet; what each cost is in yen."""
    form = _form()
    if not form.validate():
        raise ServiceError("bad-payload", reason=", ".join(sorted(form.errors)))
    lines = _service().export(
        person(),
        form.day.data,
        campaign_id=form.campaign_id,
        talked=form.show.data == "talked",
    )
    header = [translate(f"calls.column.{key}", locale=g.locale) for key in COLUMNS]
    response = Response(csv_text(header, [_cells(line) for line in lines]), mimetype="text/csv")
    name = f"calls_{form.day.data:%Y%m%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/api/v1/calls")
@requires(*READERS)
def calls() -> ResponseReturnValue:
    """The same as data: `day` (JST), `campaign`, `show` (all, talked), `cursor`."""
    form = _form()
    if not form.validate():
        raise ServiceError("bad-payload", reason=", ".join(sorted(form.errors)))
    found = _page(form)
    rows = [_call(line) for line in found.calls]
    return jsonify({"calls": rows, "next_cursor": found.next_cursor})


@blueprint.get("/api/v1/calls/<call_id>/ladder")
@requires(*READERS)
def ladder(call_id: str) -> ResponseReturnValue:
    """The SIP messages of a call, without numbers or names."""
    service: Ladders = current_app.extensions["desk"].ladders
    messages = service.of_call(person(), call_id)
    rows = [{**asdict(each), "at": each.at.isoformat(timespec="milliseconds")} for each in messages]
    return jsonify({"messages": rows})


def _service() -> CallLists:
    service: CallLists = current_app.extensions["desk"].call_lists
    return service


def _form(*more: str) -> CallsForm:
    today = current_app.extensions["desk"].reports.today().isoformat()
    given = MultiDict({"day": today, "campaign": "", "show": "all", "cursor": ""})
    for key in ("day", "campaign", "show", "cursor", *more):
        if request.args.get(key):
            given[key] = request.args[key]
    form = CallsForm(given)
    form.offer_campaigns(_service().campaigns(person().teams))
    return form


def _page(form: CallsForm) -> CallPage:
    return _service().page(
        person(),
        form.day.data,
        campaign_id=form.campaign_id,
        talked=form.show.data == "talked",
        cursor=form.cursor.data or "",
        call_id=form.call.data or "",
    )


def _cells(line: CallLine) -> list[object]:
    """One row of the file, in the order of `COLUMNS`."""
    times = ["" if s is None else round(s, 1) for s in (line.talk_s, line.hold_s, line.wrap_s)]
    charge = "" if line.charge_sen is None else yen_text(line.charge_sen).replace(",", "")
    outcome = f"outcome.{line.outcome}" if line.outcome else "calls.live"
    ended_by = translate(f"ended_by.{line.ended_by}", locale=g.locale) if line.ended_by else ""
    # Told apart from a number nobody told us, which is an empty cell.
    withheld = translate("calls.withheld", locale=g.locale)
    number = line.number or (withheld if line.anonymous else "")
    shown = withheld if line.caller_id == "" and not line.inbound else line.caller_id or ""
    return [
        *(line.at.astimezone(JST).isoformat(sep=" ", timespec="seconds"), number),
        *(shown, line.campaign, line.operator, translate(outcome, locale=g.locale)),
        *(ended_by, *times, charge, line.call_id),
    ]


def _call(line: CallLine) -> dict[str, Any]:
    row = asdict(line)
    row.pop("call_id")
    label = translate(f"outcome.{line.outcome}", locale=g.locale) if line.outcome else ""
    return {"id": line.call_id, **row, "at": instant(line.at), "outcome_label": label}
