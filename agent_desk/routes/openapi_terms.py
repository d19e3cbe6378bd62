"""The words the description of `/api/v1` is written in: schemas, answers, parameters."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
SWITCH = {"type": "boolean"}
MAYBE_TEXT = {"type": ["string", "null"]}
MAYBE_WHOLE = {"type": ["integer", "null"]}
MAYBE_NUMBER = {"type": ["number", "null"]}
INSTANT = {"type": "string", "format": "date-time"}
MAYBE_INSTANT = {"type": ["string", "null"], "format": "date-time"}
DAY = {"type": "string", "format": "date"}
MAYBE_DAY = {"type": ["string", "null"], "format": "date"}
# An instant with its offset, or a Japanese day.
WHEN = {"anyOf": [DAY, INSTANT]}
# The largest number every JSON reader keeps exact.
ID = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}

CSRF = "X-CSRFToken"
REPEATED = "Idempotency-Key"


def record(**fields: Any) -> dict[str, Any]:
    """An object in which every field is there."""
    return {"type": "object", "properties": fields, "required": sorted(fields)}


def partial(needed: dict[str, Any], **others: Any) -> dict[str, Any]:
    """An object in which these fields are there and others may be."""
    return {"type": "object", "properties": {**needed, **others}, "required": sorted(needed)}


def schema(name: str) -> dict[str, str]:
    """A schema of the description by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def array_of(name: str) -> dict[str, Any]:
    """A list of those."""
    return {"type": "array", "items": schema(name)}


def answers(of: dict[str, Any], status: str = "200") -> dict[str, Any]:
    """What a request is answered: this, or a problem."""
    problem = {"application/problem+json": {"schema": schema("Problem")}}
    return {
        status: {"description": "done", "content": {"application/json": {"schema": of}}},
        "default": {"description": "refused", "content": problem},
    }


def asked(name: str, of: dict[str, Any], *, place: str = "query", needed: bool) -> dict[str, Any]:
    """A parameter."""
    return {"name": name, "in": place, "required": needed, "schema": of}


def get(summary: str, of: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    """A question."""
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": answers(of)}}


def post(
    summary: str,
    body: dict[str, Any] | None,
    of: dict[str, Any],
    *parameters: dict[str, Any],
    status: str = "201",
    media: str = "application/json",
    example: Any = None,
) -> dict[str, Any]:
    """A change. It may be sent again with the same key; a session shows its token as well."""
    found: dict[str, Any] = {
        "summary": summary,
        "parameters": [*parameters, *_SENT_WITH_CHANGES],
        "responses": answers(of, status),
    }
    if body is not None:
        content: dict[str, Any] = {"schema": body}
        if example is not None:
            content["example"] = example
        found["requestBody"] = {"required": True, "content": {media: content}}
    return {"post": found}


_SENT_WITH_CHANGES = (
    {
        **asked(CSRF, TEXT, place="header", needed=False),
        "description": "Needed with a session, not with a token.",
    },
    {
        **asked(
            REPEATED,
            {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            place="header",
            needed=False,
        ),
        "description": "The same key and request within a day have one effect and one answer.",
    },
)
