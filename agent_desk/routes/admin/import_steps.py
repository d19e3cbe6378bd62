"""`/admin/imports/<id>`: one import from the head of its file to its undoing, a step at a time.

The step is the batch's state, so the page shows after a reload, or to a colleague, what is to be
done next; a button of a step that is over is refused and leads to where the import is now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from flask import Blueprint, current_app, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.dialer.business_time import business_date
from agent_desk.forms.imports import ProvenanceForm
from agent_desk.routes.admin.frame import RUNNERS, overview, section_page
from agent_desk.routes.admin.imports import imports, line_of, told
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import import_columns, text_tables
from agent_desk.services.lists.import_checks import NORMAL
from agent_desk.services.lists.import_ground import Provenance
from agent_desk.services.lists.import_wizard import Choice, ImportWizard
from agent_desk.store.lists.batches import BatchRow

blueprint = Blueprint("import_steps", __name__, url_prefix="/admin/imports/<int:batch_id>")

STEPS = ("file", "columns", "check", "run")
_STEP_OF = {"reading": 0, "mapping": 1, "checking": 1, "confirming": 2}
LONGEST_NAME = 100


@blueprint.get("")
@requires(*RUNNERS)
def page(batch_id: int) -> ResponseReturnValue:
    """What is to be done next, or what has become of it."""
    return _page(_batch(batch_id))


@blueprint.get("/progress")
@requires(*RUNNERS)
def progress(batch_id: int) -> ResponseReturnValue:
    """How it does."""
    return jsonify(told(_batch(batch_id)))


@blueprint.post("/read-again")
@requires(*RUNNERS)
def read_again(batch_id: int) -> ResponseReturnValue:
    """Read the file in another encoding, with another separator, or another sheet of it."""
    chosen = {name: request.form.get(name) for name in ("encoding", "delimiter", "sheet")}
    return _done(batch_id, lambda: _wizard().read_again(batch_id, **chosen))


@blueprint.post("/template")
@requires(*RUNNERS)
def apply_template(batch_id: int) -> ResponseReturnValue:
    """Map the columns as a template does."""
    template_id = request.form.get("template", type=int) or 0
    return _done(batch_id, lambda: _wizard().apply_template(batch_id, template_id))


@blueprint.post("/template/remove")
@requires(*RUNNERS)
def remove_template(batch_id: int) -> ResponseReturnValue:
    """Forget a template."""
    template_id, actor = request.form.get("template", type=int) or 0, person().username
    return _done(batch_id, lambda: _wizard().remove_template(batch_id, template_id, actor=actor))


@blueprint.post("/columns")
@requires(*RUNNERS)
def choose(batch_id: int) -> ResponseReturnValue:
    """What the columns hold; the whole file is checked with it."""
    batch = _batch(batch_id)
    mapping = [request.form.get(f"column-{n}", "") for n in range(len(batch.header))]
    name = request.form.get("save_as", "").strip()[:LONGEST_NAME]
    return _done(
        batch_id,
        lambda: _wizard().choose(batch_id, Choice(mapping, name), actor=person().username),
        mapping=mapping,
    )


@blueprint.post("/back")
@requires(*RUNNERS)
def back(batch_id: int) -> ResponseReturnValue:
    """To the columns again."""
    return _done(batch_id, lambda: _wizard().back(batch_id))


@blueprint.post("/start")
@requires(*RUNNERS)
def start(batch_id: int) -> ResponseReturnValue:
    """Where the data comes from; then it runs."""
    batch = _batch(batch_id)
    form = _provenance(batch)
    if not form.validate_on_submit():
        return _page(batch, form=form), 400
    source = Provenance(form.source.data, form.obtained_on.data, form.basis.data)
    return _done(
        batch_id,
        lambda: _wizard().start(batch_id, source, scope=form.scope.data, actor=person().username),
        form=form,
    )


@blueprint.post("/discard")
@requires(*RUNNERS)
def discard(batch_id: int) -> ResponseReturnValue:
    """Give it up before it ran."""
    return _done(batch_id, lambda: _wizard().discard(batch_id, actor=person().username))


@blueprint.post("/cancel")
@requires(*RUNNERS)
def cancel(batch_id: int) -> ResponseReturnValue:
    """Stop it while it runs; what was taken stays."""
    return _done(batch_id, lambda: imports().cancel(batch_id, actor=person().username))


@blueprint.post("/undo")
@requires(*RUNNERS)
def undo(batch_id: int) -> ResponseReturnValue:
    """Take it back."""
    return _done(batch_id, lambda: imports().undo.begin(batch_id, actor=person().username))


# --- inside --------------------------------------------------------------------------------------


def _batch(batch_id: int) -> BatchRow:
    return overview().batch(batch_id, person().teams)


def _wizard() -> ImportWizard:
    return imports().wizard


def _done(
    batch_id: int,
    do: Callable[[], object],
    *,
    form: ProvenanceForm | None = None,
    mapping: Sequence[str] = (),
) -> ResponseReturnValue:
    """Do it within scope, and show where the import is now; a refusal is said there."""
    _batch(batch_id)
    try:
        do()
    except ServiceError as refused:
        page = _page(_batch(batch_id), refused=refused, form=form, mapping=mapping)
        return page, http_status(refused.error_id)
    return redirect(url_for("import_steps.page", batch_id=batch_id), code=303)


def _today() -> date:
    return business_date(current_app.extensions["desk"].clock.now())


def _provenance(batch: BatchRow) -> ProvenanceForm:
    return ProvenanceForm(
        _today(),
        data={"source": batch.source, "basis": batch.lawful_basis, "scope": batch.scope},
    )


def _page(
    batch: BatchRow,
    *,
    refused: ServiceError | None = None,
    form: ProvenanceForm | None = None,
    mapping: Sequence[str] = (),
) -> str:
    waits = batch.state in ("mapping", "confirming")
    sample = _wizard().sample(batch.id) if waits else {}
    return section_page(
        "imports",
        "import_steps.html",
        batch=batch,
        line=line_of(batch),
        refused=refused,
        form=form or _provenance(batch),
        mapping=mapping or batch.mapping,
        sample=sample,
        step=_STEP_OF.get(batch.state, 3),
        steps=STEPS,
        fields=(import_columns.KEEP, import_columns.SKIP, *import_columns.FIELDS),
        encodings=text_tables.ENCODINGS,
        delimiters=text_tables.DELIMITERS,
        templates=_wizard().templates(batch.campaign_id) if batch.state == "mapping" else [],
        sources=_wizard().sources() if batch.state == "confirming" else [],
        normal=NORMAL,
        counted=_counted(batch) if batch.findings else None,
        reasons=imports().reasons(batch.id) if batch.ended_at else {},
        undone=imports().undo.counts(batch.id) if batch.state in ("undoing", "undone") else None,
        today=_today(),
    )


DUPLICATES = tuple(f"duplicate-in-{where}" for where in ("file", "list", "product", "system"))
NOT_CALLED = ("do-not-call", "do-not-call-person", "refused-before")
UNCERTAIN = "customer-uncertain"


def _counted(batch: BatchRow) -> dict[str, object]:
    """The counts of the check in the groups people think in."""
    found, reasons = batch.findings, dict(batch.findings.get("reasons", {}))
    groups = {
        "duplicates": {name: reasons.pop(name, 0) for name in DUPLICATES},
        "not_called": {name: reasons.pop(name, 0) for name in NOT_CALLED},
        "uncertain": reasons.pop(UNCERTAIN, 0),
        "faults": reasons,
    }
    return {**found, **groups, "faulty": sum(reasons.values())}
