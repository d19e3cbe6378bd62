"""`/admin/imports`: files of customers become lists; the worker does it, this page tells how."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import translate
from agent_desk.forms.imports import ImportForm
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.errors import http_status
from agent_desk.routes.guards import person, requires
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.imports import Upload
from agent_desk.store.lists.batches import BatchRow

blueprint = Blueprint("admin_imports", __name__)


@blueprint.get("/admin/imports")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The form, and the newest imports in scope."""
    return _page(_form())


@blueprint.post("/admin/imports")
@requires(*RUNNERS)
def start_import() -> ResponseReturnValue:
    """Keep an uploaded file and queue its import; the worker does the rest."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    try:
        queue_import(form)
    except ServiceError as refused:
        form.list.errors = [f"error.{refused.error_id}"]
        return _page(form), http_status(refused.error_id)
    return redirect(url_for("admin_imports.page"), code=303)


@blueprint.get("/admin/imports/progress")
@requires(*RUNNERS)
def progress() -> ResponseReturnValue:
    """The newest imports in scope, for a page that waits for one of them."""
    return jsonify([_told(batch) for batch in overview().batches(person().teams)])


@blueprint.get("/admin/imports/<int:batch_id>/errors.csv")
@requires(*RUNNERS)
def error_file(batch_id: int) -> ResponseReturnValue:
    """The rows that were not taken, with the reason in the person's language."""
    overview().batch(batch_id, person().teams)
    imports = current_app.extensions["desk"].imports
    data = imports.error_file(batch_id, actor=person().username, locale=g.locale)
    response = Response(data, content_type="text/csv; charset=utf-8")
    name = f"import_{batch_id}_errors.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def queue_import(form: ImportForm) -> int:
    """The batch a valid form becomes."""
    who = person()
    upload = Upload(
        file_name=form.file_name,
        data=form.file.data.read(),
        campaign_id=form.campaign_id,
        list_name=form.list.data,
        actor=who.username,
        user_id=who.user_id,
        source=form.source.data.strip(),
        lawful_basis=form.basis.data.strip(),
    )
    batch_id: int = current_app.extensions["desk"].imports.create_batch(upload)
    return batch_id


def _form() -> ImportForm:
    form = ImportForm()
    form.offer_campaigns([(line.id, line.name) for line in overview().campaigns(person().teams)])
    return form


def _page(form: ImportForm) -> str:
    batches = [_batch(batch) for batch in overview().batches(person().teams)]
    return section_page("imports", "imports.html", form=form, batches=batches)


def _batch(batch: BatchRow) -> dict[str, object]:
    """One row of the table of imports."""
    rejected = batch.duplicates + batch.errors
    return {
        "looks": _looks(batch),
        "id": batch.id,
        "file_name": batch.file_name,
        "list_name": batch.list_name,
        "created_at": batch.created_at,
        "state": batch.state,
        "error_id": batch.error_id,
        "rows": batch.rows_total,
        "accepted": batch.added + batch.updated,
        "rejected": rejected,
        "error_file_url": (
            url_for("admin_imports.error_file", batch_id=batch.id)
            if rejected and batch.state != "queued"
            else None
        ),
    }


def _looks(batch: BatchRow) -> str:
    """What an import came to, as people ask: a file nothing of which was taken is no success."""
    if batch.state != "finished" or not (batch.duplicates or batch.errors):
        return batch.state
    return "partly" if batch.added + batch.updated else "nothing"


def _told(batch: BatchRow) -> dict[str, object]:
    row = _batch(batch)
    names = ("id", "looks", "rows", "accepted", "rejected", "error_file_url")
    told = {name: row[name] for name in names}
    error = translate(f"error.{batch.error_id}", locale=g.locale) if batch.error_id else ""
    state = translate(f"import_state.{row['looks']}", locale=g.locale)
    return {**told, "over": batch.ended_at is not None, "state": state, "error": error}
