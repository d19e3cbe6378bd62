"""`/api/v1`: the same facts and verbs as the pages, as JSON, for whoever is signed in.

Errors are problem+json (RFC 9457) with a stable `error_id`. What exists is described by
`openapi.py`, and a test compares the two.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from flask import Blueprint, abort, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from agent_desk.forms.imports import ImportForm
from agent_desk.forms.reports import ReportForm
from agent_desk.routes.admin.frame import RUNNERS, overview
from agent_desk.routes.admin.imports import queue_import
from agent_desk.routes.guards import person, public, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.internal_plans import read_table
from agent_desk.routes.openapi import document
from agent_desk.routes.problems import in_general
from agent_desk.routes.repeats import repeatable
from agent_desk.routes.reports.asking import asked
from agent_desk.routes.reports.frame import READERS, page_named
from agent_desk.routes.reports.waiting import browser_gone
from agent_desk.services.errors import SERVICE_ERRORS, ServiceError
from agent_desk.services.reports.figures import ReportService
from agent_desk.services.reports.requests import DATA
from agent_desk.store.lists.batches import BatchRow

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    """What there is; nobody's data."""
    return jsonify(document())


@blueprint.get("/problems/<error_id>")
@public
def explain(error_id: str) -> ResponseReturnValue:
    """What the `type` of a problem stands for; nobody's data."""
    if error_id not in SERVICE_ERRORS:
        abort(404)
    return jsonify(in_general(error_id, http_status(error_id)))


@blueprint.get("/me")
@requires()
def me() -> ResponseReturnValue:
    """Who is signed in."""
    who = person()
    return jsonify(
        {"username": who.username, "name": who.name, "role": who.role, "locale": who.locale}
    )


@blueprint.get("/campaigns")
@requires(*READERS, scope="campaigns:read")
def campaigns() -> ResponseReturnValue:
    """The campaigns in scope, as they are run at this moment."""
    lines = overview().campaigns(person().teams)
    return jsonify({"campaigns": [asdict(line) for line in lines]})


@blueprint.get("/lists")
@requires(*RUNNERS, scope="lists:read")
def lists() -> ResponseReturnValue:
    """The lists in scope, newest first."""
    rows = overview().lists(person().teams)
    return jsonify({"lists": [asdict(row) for row in rows]})


@blueprint.get("/imports/<int:batch_id>")
@requires(*RUNNERS)
def show_import(batch_id: int) -> ResponseReturnValue:
    """How far an import is."""
    return jsonify(_import(overview().batch(batch_id, person().teams)))


@blueprint.post("/imports")
@requires(*RUNNERS)
@repeatable
def start_import() -> ResponseReturnValue:
    """Queue a file, sent as the form of `/admin` sends it."""
    form = ImportForm()
    shown = overview().campaigns(person().teams)
    form.offer_campaigns([(line.id, line.name) for line in shown])
    if not form.validate_on_submit():
        raise ServiceError("bad-payload", reason=form.first_error)
    batch_id = queue_import(form)
    answer = jsonify(_import(overview().batch(batch_id, person().teams)))
    answer.headers["Location"] = url_for("api.show_import", batch_id=batch_id)
    return answer, 201


@blueprint.get("/strategy")
@requires(*READERS)
def strategy() -> ResponseReturnValue:
    """The strategy table in force."""
    return jsonify(current_app.extensions["desk"].strategy.current().to_plain())


@blueprint.get("/strategy/versions")
@requires(*READERS)
def strategy_versions() -> ResponseReturnValue:
    """Every version there was, the newest first."""
    editions = current_app.extensions["desk"].strategy.editions()
    return jsonify({"versions": [edition.to_plain() for edition in editions]})


@blueprint.post("/strategy")
@requires("compliance", "admin")
@repeatable
def edit_strategy() -> ResponseReturnValue:
    """Make the next version of the one that was read (`base`)."""
    table = read_table(request.get_json(silent=True))
    service = current_app.extensions["desk"].strategy
    return jsonify(service.edit(**table, actor=person().username).to_plain()), 201


@blueprint.get("/reports/operators")
@requires(*READERS, scope="reports:read")
def operators() -> ResponseReturnValue:
    """Figures per operator and the funnel, of `from` to `to` (JST days, both included): what the
    page shows, made beside the desk like it."""
    service: ReportService = current_app.extensions["desk"].reports
    form = ReportForm(MultiDict({"campaign": "", **request.args}))
    form.offer_campaigns(service.campaigns(person().teams))
    if not form.validate():
        raise ServiceError("bad-payload", reason=", ".join(sorted(form.errors)))
    first, last = form.days
    params = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "campaign": str(form.campaign.data),
        "figures": request.args.get("figures", ""),
    }
    question = asked(page_named("operators"), params)
    answer = service.requests.ask(question, DATA, gone=browser_gone())
    return current_app.response_class(answer.body, mimetype="application/json")


def instant(value: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    if value is None:
        return None
    return value.isoformat(timespec="seconds").replace("+00:00", "Z")


def _import(batch: BatchRow) -> dict[str, object]:
    return {
        "id": batch.id,
        "list": batch.list_name,
        "file_name": batch.file_name,
        "state": batch.state,
        "error_id": batch.error_id,
        "created_at": instant(batch.created_at),
        "ended_at": instant(batch.ended_at),
        "rows": batch.rows_total,
        "added": batch.added,
        "updated": batch.updated,
        "duplicates": batch.duplicates,
        "errors": batch.errors,
    }
