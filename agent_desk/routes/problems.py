"""What a refusal looks like to a program: problem+json (RFC 9457), always in the same five parts.

`type` is an address that says the same in general (`/api/v1/problems/<id>`), `title` names the
kind, `detail` says what it was this time, `what_to_do` how to go on; `error_id` and `details` are
for programs, and stable.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, g, jsonify

from agent_desk.catalogue import DEFAULT, catalogue, translate

PROBLEM_JSON = "application/problem+json"
PATH = "/api/v1/problems/"
# After how long to ask again, where the refusal itself does not say so.
RETRY_AFTER_S = {429: 5, 503: 5}


def problem(status: int, error_id: str, *, message: str, details: Mapping[str, object]) -> Response:
    """The answer, with Retry-After where asking again is what there is to do."""
    told = {**in_general(error_id, status), "detail": message, "details": dict(details)}
    response = jsonify(told)
    response.status_code = status
    response.content_type = PROBLEM_JSON
    if status in RETRY_AFTER_S:
        response.headers["Retry-After"] = str(details.get("seconds", RETRY_AFTER_S[status]))
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def in_general(error_id: str, status: int) -> dict[str, object]:
    """What a `type` stands for, whatever the occasion."""
    locale = g.get("locale", DEFAULT)
    if f"problem.title.{status}" not in catalogue(DEFAULT):
        status = 400 if status < 500 else 500
    return {
        "type": PATH + error_id,
        "title": translate(f"problem.title.{status}", locale=locale),
        "status": status,
        "what_to_do": translate(f"problem.do.{status}", locale=locale),
        "error_id": error_id,
    }
