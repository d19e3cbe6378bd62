"""What became of a file's rows, for people: words for a page and a file to take along."""

from __future__ import annotations

from flask import Response, g

from agent_desk.catalogue import translate
from agent_desk.services.people.tables_of_text import RowAnswer


def reason_of(answer: RowAnswer) -> str:
    """Why a row was not taken, in the person's language; "" for one that was."""
    if answer.error_id is None:
        return ""
    return translate(f"error.{answer.error_id}", locale=g.locale, **answer.details)


def csv_download(data: bytes, name: str) -> Response:
    """A file that is saved, not shown."""
    response = Response(data, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
