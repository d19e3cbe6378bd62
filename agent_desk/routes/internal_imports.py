"""The write door for imports: what our worker found in a file, row by row, and the command line's
way to hand one in.

Guarded and refused as `internal.py` is; never for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from agent_desk.routes import internal as internal_routes
from agent_desk.routes.guards import internal
from agent_desk.routes.uploads import LARGEST_FORM
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_files import FileShape
from agent_desk.services.lists.imports import ImportService, Upload

blueprint = Blueprint("internal_imports", __name__, url_prefix="/internal/imports")
blueprint.register_error_handler(ServiceError, internal_routes.refused)

COUNTS = ("rows_total", "rows_done", "added", "updated", "duplicates", "errors", "error_id")


@blueprint.url_value_preprocessor
def allow_large(endpoint: str | None, values: object) -> None:
    """A file is read as it comes, and never held."""
    if endpoint == "internal_imports.create":
        request.max_content_length = LARGEST_FORM


@blueprint.post("")
@internal
def create() -> ResponseReturnValue:
    """Queue a file (the body) for `?campaign=<name>&list=<name>&file_name=<name>`."""
    campaign = _asked("campaign")
    book = current_app.extensions["desk"].book
    found = next((f for f in book.all().values() if f.name == campaign), None)
    if found is None:
        raise ServiceError("not-in-scope", campaign=campaign)
    upload = Upload(
        file_name=_asked("file_name"),
        data=request.stream,  # type: ignore[arg-type]
        campaign_id=int(found.campaign_id),
        list_name=_asked("list"),
        actor="cli",
        user_id=None,
        source=request.args.get("source", "import")[:100],
    )
    return jsonify({"id": _imports().create_batch(upload)}), 201


@blueprint.get("/<int:batch_id>")
@internal
def show(batch_id: int) -> ResponseReturnValue:
    """How far a batch is."""
    batch = _imports().batch(batch_id)
    counts = {name: getattr(batch, name) for name in COUNTS}
    return jsonify({"id": batch.id, "state": batch.state, **counts})


@blueprint.get("/<int:batch_id>/errors.csv")
@internal
def error_file(batch_id: int) -> ResponseReturnValue:
    """The rows that were not taken."""
    parts = _imports().error_parts(batch_id, actor="cli")
    return Response(parts, content_type="text/csv")


@blueprint.post("/<int:batch_id>/inspected")
@internal
def inspected(batch_id: int) -> ResponseReturnValue:
    """What stands at the head of the file."""
    told = _told("shape", "header", "rows")
    shape = told["shape"]
    if not isinstance(shape, dict) or not set(shape) <= set(FileShape.__dataclass_fields__):
        raise ServiceError("bad-payload", reason="shape")
    found = FileShape(**{**shape, "sheets": tuple(map(str, shape.get("sheets") or ()))})
    header = [str(each) for each in _list(told, "header")]
    _imports().wizard.inspected(batch_id, found, header, _list(told, "rows"))
    return jsonify({"ok": True})


@blueprint.post("/<int:batch_id>/checked")
@internal
def checked(batch_id: int) -> ResponseReturnValue:
    """What would become of the rows, in numbers."""
    told = _told("findings", "rows")
    findings = told["findings"]
    if not isinstance(findings, dict) or not isinstance(findings.get("rows"), int):
        raise ServiceError("bad-payload", reason="findings")
    _imports().wizard.checked(batch_id, findings, _list(told, "rows"))
    return jsonify({"ok": True})


@blueprint.post("/<int:batch_id>/header")
@internal
def header(batch_id: int) -> ResponseReturnValue:
    """How a file was read that nobody looked at before."""
    _imports().accept_header(batch_id, _told("header"))
    return jsonify({"ok": True})


@blueprint.post("/<int:batch_id>/rows")
@internal
def rows(batch_id: int) -> ResponseReturnValue:
    """Some rows, in the order of the file."""
    _imports().accept_rows(batch_id, _list(_told("rows"), "rows"))
    return jsonify({"ok": True})


@blueprint.post("/<int:batch_id>/finish")
@internal
def finish(batch_id: int) -> ResponseReturnValue:
    """Every row was delivered."""
    total = _told("rows_total")["rows_total"]
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise ServiceError("bad-payload", reason="rows_total")
    _imports().finish(batch_id, rows_total=total)
    return jsonify({"ok": True})


@blueprint.post("/<int:batch_id>/fail")
@internal
def fail(batch_id: int) -> ResponseReturnValue:
    """The file could not be read; `error_id` says why."""
    error_id = _told("error_id")["error_id"]
    if not isinstance(error_id, str) or not 1 <= len(error_id) <= 40:
        raise ServiceError("bad-payload", reason="error_id")
    _imports().fail(batch_id, error_id)
    return jsonify({"ok": True})


@blueprint.post("/<int:batch_id>/undo")
@internal
def undo(batch_id: int) -> ResponseReturnValue:
    """Take the next rows back; `left`: there are more."""
    return jsonify({"left": _imports().undo.step(batch_id)})


@blueprint.post("/expire")
@internal
def expire() -> ResponseReturnValue:
    """End wizards nobody came back to."""
    return jsonify({"ended": _imports().wizard.expire()})


def _imports() -> ImportService:
    service: ImportService = current_app.extensions["desk"].imports
    return service


def _told(*names: str) -> Mapping[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not set(names) <= set(body):
        raise ServiceError("bad-payload", reason=", ".join(names))
    return body


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    value = told.get(name)
    if not isinstance(value, list):
        raise ServiceError("bad-payload", reason=name)
    return value


def _asked(name: str) -> str:
    value = request.args.get(name, "").strip()
    if not 1 <= len(value) <= 200:
        raise ServiceError("bad-payload", reason=name)
    return value
