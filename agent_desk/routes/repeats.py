"""Requests that may be sent again: with an Idempotency-Key they have one effect and one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, current_app, make_response, request
from flask.typing import ResponseReturnValue

from agent_desk.routes.guards import person
from agent_desk.services.api.repeats import Answer, Repeats

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_FORM = "multipart/form-data"


def repeatable(view: View) -> View:
    """Below `requires`: who asks is known, and keys are everybody's own."""

    @wraps(view)
    def answered_once(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        repeats: Repeats = current_app.extensions["desk"].repeats
        answer, again = repeats.once(
            person().username, key, _fingerprint(), lambda: _answer(view(*args, **kwargs))
        )
        response = Response(answer.body, answer.status, content_type=answer.content_type)
        if answer.location:
            response.headers["Location"] = answer.location
        if again:
            response.headers[REPLAYED] = "true"
        return response

    answered_once.repeatable = True  # type: ignore[attr-defined]
    return cast(View, answered_once)


def _answer(given: ResponseReturnValue) -> Answer:
    response = make_response(given)
    location = response.headers.get("Location", "")
    return Answer(response.status_code, response.content_type, location, response.get_data())


def _fingerprint() -> str:
    """What makes two requests the same: verb, address and everything that was sent."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.mimetype == _FORM:
        for name, value in sorted(request.form.items(multi=True)):
            if name != "csrf_token":
                digest.update(f"{name}={value}\n".encode())
        for name, file in sorted(request.files.items(multi=True)):
            content = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]
            file.stream.seek(0)
            digest.update(f"{name}:{content}\n".encode())
    else:
        digest.update(request.get_data())
    return digest.hexdigest()
