"""Errors become pages or JSON once, here; `services/errors.py` holds what can go wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from agent_desk.catalogue import DEFAULT, translate
from agent_desk.dialer.business_time import JST
from agent_desk.routes.guards import wants_page
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.problems import problem
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.roles import ROLES

log = logging.getLogger(__name__)

# What to do about it is told under these.
HINTS = frozenset({"csrf", "http-400", "http-403", "http-404", "http-500"})
PAGES = (400, 401, 403, 404, 405, 413, 415, 416, 429, 500, 503)


def register(app: Flask, *, database_faults: Iterable[type[Exception]]) -> None:
    """Map every kind of error; `database_faults` mean that the database does not answer."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ServiceError, _service)
    app.register_error_handler(OverflowError, _too_large)
    for fault in database_faults:
        app.register_error_handler(fault, _database)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return _answer(400, "csrf")


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    return _answer(status, f"http-{status if status in PAGES else 500}")


def _service(error: ServiceError) -> ResponseReturnValue:
    return _answer(http_status(error.error_id), error.error_id, **error.details)


def _too_large(error: OverflowError) -> ResponseReturnValue:
    """An id no database has room for, or the last day there is: nothing here is so large."""
    log.warning("asked with a number or a day that is too large: %s", request.endpoint)
    return _answer(400, "http-400")


def _database(error: Exception) -> ResponseReturnValue:
    log.error("the database did not answer: %s", type(error).__name__)
    return _answer(503, "http-503")


def _answer(status: int, error_id: str, **details: object) -> ResponseReturnValue:
    """problem+json (RFC 9457) for data, a page for people."""
    locale = g.get("locale", DEFAULT)
    message = translate(f"error.{error_id}", locale=locale, **details)
    if not wants_page():
        return problem(status, error_id, message=message, details=details)
    page = render_template(
        "error.html",
        status=status,
        error_id=error_id,
        message=message,
        roles=_who_may() if error_id == "http-403" else (),
        hint=error_id.removeprefix("http-") if error_id in HINTS else None,
        time=datetime.now(JST).strftime("%Y-%m-%d %H:%M:%S"),
    )
    return page, status


def _who_may() -> list[str]:
    """The roles that have the page, where the person asking is of another one."""
    view = current_app.view_functions.get(request.endpoint or "")
    guard: frozenset[str] = getattr(view, "guard", frozenset())
    person = g.get("person")
    if person is None or person.role in guard:
        return []
    return [role for role in ROLES if role in guard]
