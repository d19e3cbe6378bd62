"""`/admin`: lists and their imports for those who run them, people for the administrator."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.do_not_call import BlockForm
from agent_desk.forms.imports import ImportForm
from agent_desk.routes.errors import http_status
from agent_desk.routes.guards import person, requires
from agent_desk.services.campaigns.overview import Overview
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.imports import Upload
from agent_desk.services.rules.do_not_call import DoNotCallService
from agent_desk.store.lists.batches import BatchRow

blueprint = Blueprint("admin", __name__)

RUNNERS = ("lead", "admin")
SECTIONS = {
    "lead": ("imports", "lists", "campaigns", "do_not_call"),
    "admin": ("imports", "lists", "campaigns", "do_not_call", "users"),
}


def overview() -> Overview:
    """What the person asking may see, read from the running desk."""
    desk = current_app.extensions["desk"]
    return Overview(
        database=desk.database,
        commits=desk.commits,
        book=desk.book,
        imports=desk.imports,
        clock=desk.clock,
    )


@blueprint.get("/admin")
@requires(*RUNNERS)
def page() -> ResponseReturnValue:
    """The sections this role has."""
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
    return redirect(url_for("admin.page", _anchor="imports"), code=303)


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


@blueprint.post("/admin/do-not-call")
@requires(*RUNNERS)
def block() -> ResponseReturnValue:
    """Put a number or a person on the do-not-call list, effective at once."""
    form = BlockForm()
    if not form.validate_on_submit():
        return _page(_form(), form), 400
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
        return _page(_form(), form), http_status(refused.error_id)
    return redirect(url_for("admin.page", _anchor="do_not_call"), code=303)


@blueprint.post("/admin/do-not-call/<int:block_id>/lift")
@requires("admin")
def lift(block_id: int) -> ResponseReturnValue:
    """Take somebody off the list: that is the administrator's to answer for."""
    _do_not_call().lift(block_id, actor=person().username)
    return redirect(url_for("admin.page", _anchor="do_not_call"), code=303)


@blueprint.post("/admin/users/<username>/<any(enable, disable):action>")
@requires("admin")
def set_enabled(username: str, action: str) -> ResponseReturnValue:
    """Let a person in, or keep them out from this second on."""
    found = next((user for user in overview().users() if user.username == username), None)
    if found is None:
        abort(404)
    desk = current_app.extensions["desk"]
    desk.set_enabled(found.id, username, action == "enable", actor=person())
    return redirect(url_for("admin.page", _anchor="users"), code=303)


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


def _do_not_call() -> DoNotCallService:
    service: DoNotCallService = current_app.extensions["desk"].do_not_call
    return service


def _page(form: ImportForm, block_form: BlockForm | None = None) -> str:
    who, shown = person(), overview()
    sections = SECTIONS[who.role]
    return render_template(
        "admin.html",
        form=form,
        block_form=block_form or BlockForm(formdata=None),
        # Who was blocked, of any team, is for those who see every team.
        blocks=_do_not_call().current() if who.teams is None else None,
        sections=sections,
        batches=[_batch(batch) for batch in shown.batches(who.teams)],
        lists=shown.lists(who.teams),
        campaigns=shown.campaigns(who.teams),
        users=shown.users() if "users" in sections else [],
    )


def _batch(batch: BatchRow) -> dict[str, object]:
    """One row of the table of imports."""
    rejected = batch.duplicates + batch.errors
    return {
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
            url_for("admin.error_file", batch_id=batch.id)
            if rejected and batch.state != "queued"
            else None
        ),
    }
