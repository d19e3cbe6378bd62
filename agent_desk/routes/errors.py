"""Errors become pages or JSON once, here; `services/errors.py` holds what can go wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from flask import Flask, g, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from agent_desk.catalogue import DEFAULT, translate
from agent_desk.routes.guards import wants_page
from agent_desk.services.errors import ServiceError

log = logging.getLogger(__name__)

# A refusal that is not listed is the asker's mistake: 400.
HTTP_STATUS = {
    "login-failed": 401,
    "login-locked": 429,
    "demo-account": 403,
    "not-in-scope": 403,
    "not-allowed": 403,
    "role-too-low": 403,
    "import-unknown": 404,
    "list-unknown": 404,
    "hold-unknown": 404,
    "override-unknown": 404,
    "consent-unknown": 404,
    "call-forbidden": 409,
    "import-too-large": 413,
    "import-too-many-rows": 413,
    "recording-link": 404,
    "recording-unknown": 404,
    "recording-gone": 410,
    "recording-kept": 409,
    "gateway-down": 503,
    "gateway-draining": 503,
    "gateway-overloaded": 503,
    "gateway-starved": 503,
    "gateway-away": 503,
    "gateway-too-old": 501,
    "ladder-unknown": 404,
    "strategy-changed": 409,
    "not-stored": 503,
}
PAGES = (400, 401, 403, 404, 405, 413, 429, 500, 503)


def register(app: Flask, *, database_faults: Iterable[type[Exception]]) -> None:
    """Map every kind of error; `database_faults` mean that the database does not answer."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ServiceError, _service)
    for fault in database_faults:
        app.register_error_handler(fault, _database)


def http_status(error_id: str) -> int:
    """The status a refusal is answered with."""
    return HTTP_STATUS.get(error_id, 400)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return _answer(400, "csrf")


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    return _answer(status, f"http-{status if status in PAGES else 500}")


def _service(error: ServiceError) -> ResponseReturnValue:
    return _answer(http_status(error.error_id), error.error_id, **error.details)


def _database(error: Exception) -> ResponseReturnValue:
    log.error("the database did not answer: %s", type(error).__name__)
    return _answer(503, "http-503")


def _answer(status: int, error_id: str, **details: object) -> ResponseReturnValue:
    """problem+json (RFC 9457) for data, a page for people."""
    locale = g.get("locale", DEFAULT)
    message = translate(f"error.{error_id}", locale=locale, **details)
    if not wants_page():
        problem = {"type": f"about:blank#{error_id}", "title": message, "status": status}
        response = jsonify({**problem, "error_id": error_id, "details": details})
        response.content_type = "application/problem+json"
        return response, status
    return render_template("error.html", status=status, error_id=error_id, message=message), status
