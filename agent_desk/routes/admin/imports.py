"""`/admin/imports`: files of customers become lists; the worker does it, these pages tell how.

The steps of one import have their own page (`import_steps.py`).
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, current_app, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import translate
from agent_desk.forms.imports import ImportForm, UploadForm
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.uploads import LARGEST_FORM
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.imports import ImportService, Upload
from agent_desk.store.lists.batches import BatchRow

blueprint = Blueprint("admin_imports", __name__)
CHARSETS = {"cp932": "Shift_JIS", "euc_jp": "EUC-JP"}
STEPS_BEFORE = ("reading", "mapping", "checking", "confirming")


@blueprint.url_value_preprocessor
def allow_large(endpoint: str | None, values: object) -> None:
    """A whole list may come from somebody who is signed in; anything else is as small as ever."""
    if endpoint == "admin_imports.upload" and "token" in session:
        request.max_content_length = LARGEST_FORM


@blueprint.get("/admin/imports")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The form, and the newest imports in scope."""
    return _page(_form())


@blueprint.post("/admin/imports")
@requires(*RUNNERS)
def upload() -> ResponseReturnValue:
    """Keep an uploaded file; its own page then leads through the steps."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    try:
        batch_id = imports().wizard.begin(_upload(form))
    except ServiceError as refused:
        field = form.file if refused.error_id.startswith("import-") else form.list
        field.errors = [f"error.{refused.error_id}"]
        return _page(form), http_status(refused.error_id)
    return redirect(url_for("import_steps.page", batch_id=batch_id), code=303)


@blueprint.get("/admin/imports/progress")
@requires(*RUNNERS)
def progress() -> ResponseReturnValue:
    """The newest imports in scope, for a page that waits for one of them."""
    return jsonify([told(batch) for batch in overview().batches(person().teams)])


@blueprint.get("/admin/imports/<int:batch_id>/errors.csv")
@requires(*RUNNERS)
def error_file(batch_id: int) -> ResponseReturnValue:
    """The rows that were not taken, with the reason in the person's language."""
    batch = overview().batch(batch_id, person().teams)
    parts = imports().error_parts(batch_id, actor=person().username, locale=g.locale)
    charset = CHARSETS.get(batch.encoding or "", "utf-8")
    response = Response(parts, content_type=f"text/csv; charset={charset}")
    name = f"import_{batch_id}_errors.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def imports() -> ImportService:
    """The running desk's imports."""
    service: ImportService = current_app.extensions["desk"].imports
    return service


def queue_import(form: ImportForm) -> int:
    """The batch a valid form becomes that says everything at once."""
    source, basis = form.source.data.strip(), form.basis.data.strip()
    return imports().create_batch(replace(_upload(form), source=source, lawful_basis=basis))


def _upload(form: UploadForm) -> Upload:
    return Upload(
        file_name=form.file_name,
        data=form.file.data.stream,
        campaign_id=form.campaign_id,
        list_name=form.list.data,
        actor=person().username,
        user_id=person().user_id,
    )


def _form() -> UploadForm:
    form = UploadForm()
    form.offer_campaigns([(line.id, line.name) for line in overview().campaigns(person().teams)])
    return form


def _page(form: UploadForm) -> str:
    batches = [line_of(batch) for batch in overview().batches(person().teams)]
    return section_page("imports", "imports.html", form=form, batches=batches)


def line_of(batch: BatchRow) -> dict[str, object]:
    """One row of the table of imports."""
    rejected = batch.duplicates + batch.errors
    over = batch.state not in (*STEPS_BEFORE, "queued")
    return {
        "looks": looks(batch),
        "id": batch.id,
        "file_name": batch.file_name,
        "list_name": batch.list_name,
        "created_at": batch.created_at,
        "state": batch.state,
        "error_id": batch.error_id,
        "rows": batch.rows_total,
        "done": batch.rows_done,
        "accepted": batch.added + batch.updated,
        "rejected": rejected,
        "error_file_url": (
            url_for("admin_imports.error_file", batch_id=batch.id) if rejected and over else None
        ),
    }


def looks(batch: BatchRow) -> str:
    """What an import came to, as people ask: a file nothing of which was taken is no success."""
    if batch.state != "finished" or not (batch.duplicates or batch.errors):
        return batch.state
    return "partly" if batch.added + batch.updated else "nothing"


def told(batch: BatchRow) -> dict[str, object]:
    """How an import does, for a page that waits."""
    row = line_of(batch)
    names = ("id", "looks", "rows", "done", "accepted", "rejected", "error_file_url")
    error = translate(f"error.{batch.error_id}", locale=g.locale) if batch.error_id else ""
    state = translate(f"import_state.{row['looks']}", locale=g.locale)
    over = batch.ended_at is not None and batch.state != "undoing"
    counts = {name: getattr(batch, name) for name in ("added", "updated", "duplicates", "errors")}
    known = {name: row[name] for name in names}
    return {**known, **counts, "step": batch.state, "over": over, "state": state, "error": error}
