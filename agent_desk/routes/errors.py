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
from agent_desk.routes.problems import problem
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.roles import ROLES

log = logging.getLogger(__name__)

# Every refusal of the services has its status here (a house test sees to it); those of the core,
# which come of the state things are in, are 409.
HTTP_STATUS = {
    "access-unusable": 400,
    "address-refused": 403,
    "approver-unknown": 404,
    "area-unusable": 400,
    "areas-unnamed": 409,
    "bad-ladder": 400,
    "bad-payload": 400,
    "bad-strategy": 400,
    "basis-unknown": 400,
    "block-unknown": 404,
    "booths-taken": 403,
    "call-forbidden": 409,
    "callback-forbidden": 409,
    "callback-unknown": 404,
    "call-unknown": 404,
    "caller-unknown": 404,
    "campaign-changed": 409,
    "campaign-elsewhere": 409,
    "campaign-exists": 409,
    "campaign-unpublished": 409,
    "campaign-unusable": 400,
    "code-wrong": 400,
    "consent-needed": 409,
    "consent-unknown": 404,
    "cooling-off-over": 409,
    "correction-closed": 403,
    "correction-own": 409,
    "correction-stale": 409,
    "correction-unknown": 404,
    "correction-unusable": 400,
    "counterpart-needed": 409,
    "cursor-unusable": 400,
    "customer-erased": 409,
    "customer-unknown": 400,
    "day-is-over": 400,
    "day-unreadable": 400,
    "debt-unknown": 400,
    "demo-account": 403,
    "dial-unknown": 404,
    "erase-unconfirmed": 400,
    "erasure-bound": 409,
    "expiry-forbidden": 400,
    "field-locked": 403,
    "field-required": 409,
    "field-unusable": 400,
    "filter-unknown": 404,
    "filter-unusable": 400,
    "gateway-away": 503,
    "gateway-down": 503,
    "gateway-draining": 503,
    "gateway-overloaded": 503,
    "gateway-starved": 503,
    "gateway-too-old": 501,
    "half-over": 400,
    "hold-unknown": 404,
    "idempotency-in-progress": 409,
    "idempotency-key-reused": 422,
    "idempotency-key-unusable": 400,
    "identity-locked": 409,
    "identity-not-needed": 409,
    "import-cell-too-large": 400,
    "import-empty": 400,
    "import-encoding": 400,
    "import-expired": 409,
    "import-finished": 409,
    "import-header": 400,
    "import-mapping": 400,
    "import-running": 409,
    "import-sheet-unknown": 400,
    "import-step": 409,
    "import-too-large": 413,
    "import-too-many-columns": 400,
    "import-too-many-rows": 413,
    "import-unknown": 404,
    "import-unreadable": 409,
    "import-workbook-broken": 400,
    "import-workbook-old": 400,
    "import-workbook-unsafe": 400,
    "ladder-unknown": 404,
    "last-admin": 409,
    "list-exists": 409,
    "list-in-use": 400,
    "list-unknown": 404,
    "list-unusable": 400,
    "listening-changed": 409,
    "listening-gone": 409,
    "listening-own-sheet": 409,
    "listening-remark": 400,
    "listening-scored": 409,
    "listening-settings": 400,
    "listening-unanswered": 400,
    "listening-undecidable": 409,
    "listening-unheard": 409,
    "listening-unknown": 404,
    "listening-week": 404,
    "locks-yourself-out": 409,
    "login-failed": 401,
    "login-locked": 429,
    "message-at-work": 400,
    "message-digits": 400,
    "message-own": 403,
    "message-pressing": 400,
    "message-too-large": 413,
    "message-too-soon": 400,
    "message-unknown": 404,
    "message-unsigned": 400,
    "saved-report-changed": 409,
    "saved-report-many": 409,
    "saved-report-name": 400,
    "saved-report-period": 400,
    "saved-report-share": 403,
    "saved-report-unknown": 404,
    **dict.fromkeys(("month-changed", "month-closed", "month-not-over", "month-open"), 409),
    "month-day": 400,
    "month-reason": 400,
    "month-unknown": 404,
    "money-changed": 409,
    "money-name": 400,
    "money-number": 400,
    "name-needed": 400,
    "network-unusable": 400,
    "no-campaign": 409,
    "nobody-to-tell": 409,
    "no-practice": 409,
    "not-allowed": 403,
    "not-for-tokens": 403,
    "not-in-scope": 403,
    "not-stored": 503,
    "not-your-call": 409,
    "not-yourself": 400,
    "number-blocked": 409,
    "number-of-customer": 409,
    "number-or-customer": 400,
    "number-unreadable": 400,
    "number-unusable": 400,
    "obtained-later": 400,
    "order-call": 400,
    "order-cancelled": 409,
    "order-date": 400,
    "order-document": 400,
    "order-exists": 409,
    "order-unknown": 404,
    "outcome-needed": 400,
    "override-unknown": 404,
    "password-common": 400,
    "password-long": 400,
    "password-name": 400,
    "password-same": 400,
    "password-short": 400,
    "password-unlike": 400,
    "password-wrong": 400,
    "payment-differs": 409,
    "payment-reversed": 409,
    "payment-unknown": 404,
    "payments-header": 400,
    "payments-too-large": 413,
    "person-unknown": 404,
    "plan-exists": 409,
    "plan-items": 400,
    "plan-periods": 400,
    "plan-unknown": 404,
    "product-unknown": 400,
    "promise-settled": 409,
    "profile-unusable": 400,
    "reason-needed": 400,
    "recording-gone": 410,
    "recording-kept": 409,
    "recording-link": 404,
    "recording-unknown": 404,
    "report-away": 503,
    "report-broken": 500,
    "report-busy": 503,
    "report-died": 500,
    "report-forgotten": 404,
    "report-late": 503,
    "report-too-long": 400,
    "report-unknown": 404,
    "report-unready": 503,
    "result-unknown": 404,
    "role-too-low": 403,
    "row-twice": 400,
    "file-gone": 404,
    "rule-not-liftable": 409,
    "safe-harbour-debt-word": 400,
    "safe-harbour-quiet": 400,
    "safe-harbour-silence": 400,
    "safe-harbour-text": 400,
    "safe-harbour-too-long": 400,
    "safe-harbour-unreadable": 400,
    "scope-missing": 403,
    "script-changed": 409,
    "script-refused": 422,
    "script-too-long": 400,
    "search-empty": 400,
    "search-too-short": 400,
    "search-unusable": 400,
    "second-factor-needed": 409,
    "second-factor-there": 409,
    "seat-message-unknown": 404,
    "desk-outside-room": 422,
    "room-exists": 409,
    "room-size": 422,
    "alert-over": 409,
    "threshold-order": 400,
    "room-too-small": 409,
    "room-unknown": 404,
    "room-unnamed": 422,
    "too-many-rooms": 409,
    "session-unknown": 404,
    "shift-unusable": 400,
    "skill-in-use": 409,
    "skill-unknown": 404,
    "skill-unusable": 400,
    "statement-too-early": 409,
    "statement-unknown": 404,
    "statements-missing": 409,
    "status-unusable": 400,
    "strategy-changed": 409,
    "strategy-number": 400,
    "strategy-payments-twice": 400,
    "strategy-unknown": 404,
    "survey-after-hours": 409,
    "survey-keys": 400,
    "survey-left-alone": 409,
    "survey-too-soon": 409,
    "table-header": 400,
    "table-too-long": 413,
    "table-unreadable": 400,
    "target-unusable": 400,
    "tariff-exists": 409,
    "tariff-in-use": 409,
    "tariff-too-soon": 409,
    "tariff-unknown": 404,
    "tariff-unusable": 400,
    "team-exists": 409,
    "team-unknown": 404,
    "team-unusable": 400,
    "template-unknown": 404,
    "token-refused": 401,
    "token-unknown": 404,
    "token-unusable": 400,
    "too-many-events": 429,
    "too-many-messages": 429,
    "too-many-requests": 429,
    "unknown-reason": 400,
    "until-needed": 400,
    "user-exists": 409,
    "user-unknown": 404,
    "username-unusable": 400,
    "valid-call-unusable": 400,
    "version-unknown": 404,
    "wallboard-unknown": 404,
    "wallboard-unusable": 400,
}
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


def http_status(error_id: str) -> int:
    """The status a refusal is answered with."""
    return HTTP_STATUS.get(error_id, 409)


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
