"""`/reports/satisfaction/voices`: what customers said of us, of a period or of one call.

Drawn by the desk itself, since every reading is logged; in the recording of a call somebody in
charge may hear more, and writes it down here.
"""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.operations_reports import SatisfactionForm
from agent_desk.routes.guards import person, requires
from agent_desk.routes.reports.asking import given_period, service
from agent_desk.routes.reports.frame import READERS, closed_within, framed
from agent_desk.services.recordings.listening import LISTENERS
from agent_desk.services.reports.choices import ReportChoices
from agent_desk.services.reports.reading_voices import SHOWN, ReadingVoices

blueprint = Blueprint("report_voices", __name__)
WRITERS = tuple(role for role in READERS if role in LISTENERS)


@blueprint.get("/reports/satisfaction/voices")
@requires(*READERS)
def page() -> ResponseReturnValue:
    """The texts of a period; `call`: those of one call, and a field for who listens to it."""
    call_id = request.args.get("call", "")
    if call_id:
        found = _voices().of_call(person(), call_id)
        return framed(
            "voices",
            "reports/voices.html",
            texts=found.texts,
            of_call=found,
            writes=person().role in WRITERS,
            more=False,
            **closed_within([(found.day, found.day)]),
        )
    given = given_period()
    given.update({"operator": request.args.get("operator", ""), "by": "day", "score": ""})
    form = SatisfactionForm(given)
    form.offer_campaigns(service().campaigns(person().teams))
    choices = ReportChoices(database=current_app.extensions["desk"].database)
    form.offer(choices.operators(person().teams))
    if not form.validate():
        none = {"texts": [], "of_call": None, "more": False, **closed_within([])}
        return framed("voices", "reports/voices.html", **none), 400
    texts = _voices().of_period(
        person(),
        form.date_from.data,
        form.date_to.data,
        campaign_id=form.campaign_id,
        user_id=int(given["operator"]) if given["operator"] else None,
    )
    more = len(texts) == SHOWN
    return framed(
        "voices",
        "reports/voices.html",
        texts=texts,
        of_call=None,
        more=more,
        shown=SHOWN,
        **closed_within([(form.date_from.data, form.date_to.data)]),
    )


@blueprint.post("/reports/satisfaction/voices/<call_id>")
@requires(*WRITERS)
def write(call_id: str) -> ResponseReturnValue:
    """Keep what was heard in the recording of a call."""
    _voices().write(person(), call_id, request.form.get("text", ""))
    return redirect(url_for("report_voices.page", call=call_id), 303)


def _voices() -> ReadingVoices:
    voices: ReadingVoices = current_app.extensions["desk"].reading_voices
    return voices
