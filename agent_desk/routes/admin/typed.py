"""What was typed into a form, read; and in which of its fields a refusal is to be told.

A refusal with a `field` is shown beside that field, by the macros of `admin/_forms.html`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import request

from agent_desk.services.errors import ServiceError

LONGEST_NUMBER = 9  # digits


def day(name: str) -> date:
    """A day; ServiceError `day-unreadable`."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise ServiceError("day-unreadable", field=name) from None


def number(name: str) -> int | None:
    """A whole number of nought or more, None where nothing was typed; ServiceError
    `number-unreadable`."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise ServiceError("number-unreadable", field=name)
    return int(text)


def beside(refused: ServiceError, fields: Mapping[str, str]) -> ServiceError:
    """The same refusal, told in the field that `fields` has for its id, if none is named yet."""
    field = refused.details.get("field", fields.get(refused.error_id))
    if field is None:
        return refused
    return ServiceError(refused.error_id, **{**refused.details, "field": field})
