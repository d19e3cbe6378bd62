"""The web application: blueprints, the signed-in person, headers and error pages.

`create_app` takes the wired `Desk` and returns a Flask application; nothing here starts anything.
"""

from __future__ import annotations

import ipaddress
import logging
import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache, partial
from typing import Any

from flask import Flask, Response, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from agent_desk.catalogue import DEFAULT, LOCALES, catalogue, dated, translate
from agent_desk.desk import DATABASE_FAULTS, Desk
from agent_desk.routes import (
    account,
    api,
    api_customers,
    api_history,
    auth,
    calls,
    corrections,
    desk,
    errors,
    floor,
    floor_views,
    health,
    internal,
    internal_imports,
    internal_mail,
    internal_people,
    internal_plans,
    internal_reports,
    internal_tokens,
    people,
    recordings,
    rules,
    wallboard,
)
from agent_desk.routes.admin import access as admin_access
from agent_desk.routes.admin import audit as admin_audit
from agent_desk.routes.admin import callbacks as admin_callbacks
from agent_desk.routes.admin import campaigns as admin_campaigns
from agent_desk.routes.admin import customers as admin_customers
from agent_desk.routes.admin import do_not_call as admin_do_not_call
from agent_desk.routes.admin import filters as admin_filters
from agent_desk.routes.admin import home as admin_home
from agent_desk.routes.admin import import_steps
from agent_desk.routes.admin import imports as admin_imports
from agent_desk.routes.admin import listening_audits as admin_listening_audits
from agent_desk.routes.admin import lists as admin_lists
from agent_desk.routes.admin import messages as admin_messages
from agent_desk.routes.admin import orders as admin_orders
from agent_desk.routes.admin import payments as admin_payments
from agent_desk.routes.admin import promises as admin_promises
from agent_desk.routes.admin import record_fields as admin_record_fields
from agent_desk.routes.admin import roles as admin_roles
from agent_desk.routes.admin import scripts as admin_scripts
from agent_desk.routes.admin import sessions as admin_sessions
from agent_desk.routes.admin import shifts as admin_shifts
from agent_desk.routes.admin import skills as admin_skills
from agent_desk.routes.admin import statuses as admin_statuses
from agent_desk.routes.admin import strategy as admin_strategy
from agent_desk.routes.admin import targets as admin_targets
from agent_desk.routes.admin import tariffs as admin_tariffs
from agent_desk.routes.admin import teams as admin_teams
from agent_desk.routes.admin import thresholds as admin_thresholds
from agent_desk.routes.admin import tokens as admin_tokens
from agent_desk.routes.admin import training as admin_training
from agent_desk.routes.admin import users as admin_users
from agent_desk.routes.admin import valid_calls as admin_valid_calls
from agent_desk.routes.admin import vips as admin_vips
from agent_desk.routes.admin import wallboards as admin_wallboards
from agent_desk.routes.limits import limiter
from agent_desk.routes.reports import all_schedules as all_report_schedules
from agent_desk.routes.reports import calls_by_axes as report_calls_by_axes
from agent_desk.routes.reports import improving as report_improving
from agent_desk.routes.reports import jobs as report_jobs
from agent_desk.routes.reports import money as report_money
from agent_desk.routes.reports import money_inputs as report_money_inputs
from agent_desk.routes.reports import months as report_months
from agent_desk.routes.reports import operations as report_operations
from agent_desk.routes.reports import operators as report_operators
from agent_desk.routes.reports import runs as report_runs
from agent_desk.routes.reports import saved as saved_reports
from agent_desk.routes.reports import schedules as report_schedules
from agent_desk.routes.reports import voices as report_voices
from agent_desk.routes.token_requests import Csrf, know_holder, shows_token
from agent_desk.routes.uploads import PatientRequest
from agent_desk.services.api.rates import TokenRates
from agent_desk.services.told import LARGEST

log = logging.getLogger(__name__)

BLUEPRINTS = (
    auth.blueprint,
    account.blueprint,
    people.blueprint,
    desk.blueprint,
    floor.blueprint,
    floor_views.blueprint,
    report_operators.blueprint,
    report_jobs.blueprint,
    report_runs.blueprint,
    saved_reports.blueprint,
    all_report_schedules.blueprint,
    report_schedules.blueprint,
    report_voices.blueprint,
    report_months.blueprint,
    report_improving.blueprint,
    report_money.blueprint,
    report_money_inputs.blueprint,
    report_operations.blueprint,
    report_calls_by_axes.blueprint,
    calls.blueprint,
    admin_home.blueprint,
    admin_imports.blueprint,
    import_steps.blueprint,
    admin_lists.blueprint,
    admin_customers.blueprint,
    admin_filters.blueprint,
    admin_valid_calls.blueprint,
    admin_strategy.blueprint,
    admin_vips.blueprint,
    admin_do_not_call.blueprint,
    admin_campaigns.blueprint,
    admin_statuses.blueprint,
    admin_callbacks.blueprint,
    admin_orders.blueprint,
    admin_listening_audits.blueprint,
    admin_promises.blueprint,
    admin_record_fields.blueprint,
    corrections.blueprint,
    admin_scripts.blueprint,
    admin_messages.blueprint,
    admin_training.blueprint,
    admin_users.blueprint,
    admin_teams.blueprint,
    admin_skills.blueprint,
    admin_access.blueprint,
    admin_sessions.blueprint,
    admin_roles.blueprint,
    admin_audit.blueprint,
    admin_shifts.blueprint,
    admin_targets.blueprint,
    admin_tariffs.blueprint,
    api.blueprint,
    recordings.blueprint,
    health.blueprint,
    internal.blueprint,
    internal_imports.blueprint,
    internal_people.blueprint,
    internal_plans.blueprint,
    internal_reports.blueprint,
    internal_mail.blueprint,
    rules.blueprint,
    api_customers.blueprint,
    api_history.blueprint,
    rules.internal_rules,
    internal_tokens.blueprint,
    admin_tokens.blueprint,
    admin_thresholds.blueprint,
    admin_wallboards.blueprint,
    wallboard.blueprint,
    admin_payments.blueprint,
)
UPLOAD_BYTES = 64 * 1024 * 1024


def create_app(wired: Desk) -> Flask:
    """The application around a wired desk."""
    config = wired.config
    app = Flask("agent_desk")
    app.request_class = PatientRequest
    secure = config.tls_cert is not None or bool(config.trusted_proxies)
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=UPLOAD_BYTES,
        SESSION_COOKIE_NAME="__Host-desk" if secure else "desk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=14),
        WTF_CSRF_TIME_LIMIT=None,  # a page lives as long as its shift; the session ends the token
        WTF_CSRF_SSL_STRICT=secure,
    )
    app.extensions["desk"] = wired
    app.extensions["token_rates"] = TokenRates(wired.clock)
    app.before_request(_know_person)  # before whatever may refuse: a refusal is a page too
    app.before_request(_refuse_huge_ids)
    csrf = Csrf(app)
    limiter.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    csrf.exempt(internal.blueprint)
    csrf.exempt(internal_imports.blueprint)
    csrf.exempt(internal_people.blueprint)
    csrf.exempt(internal_plans.blueprint)
    csrf.exempt(internal_reports.blueprint)
    csrf.exempt(internal_mail.blueprint)
    csrf.exempt(rules.internal_rules)
    csrf.exempt(internal_tokens.blueprint)
    errors.register(app, database_faults=DATABASE_FAULTS)
    app.after_request(_secure_headers)
    app.context_processor(_template_context)
    app.add_url_rule("/", "home", _home)
    app.wsgi_app = _TrustedProxies(app.wsgi_app, config.trusted_proxies)  # type: ignore[method-assign]
    return app


def _refuse_huge_ids() -> None:
    """No row has a number no column holds."""
    for value in (request.view_args or {}).values():
        if isinstance(value, int) and value > LARGEST:
            abort(404)


def _know_person() -> None:
    """Find out who asks; a session that was ended elsewhere is over at its next request."""
    wired: Desk = _desk()
    g.csp_nonce = secrets.token_urlsafe(16)
    g.person = g.token = None
    if shows_token():
        know_holder()
        return
    token = session.get("token")
    if token and request.endpoint != "static":
        g.person = wired.accounts.person_of(token)
        if g.person is None:
            session.pop("token")  # the token of forms stays: a form sent late hears 401, not 400
            session["over"] = True  # the log-in page says so, once
        elif not wired.people.access.rules.of(g.person.role).admits(request.remote_addr):
            g.person = None  # the session stays: it is good at an address that is allowed
    wanted = g.person.locale if g.person is not None else session.get("locale", DEFAULT)
    g.locale = wanted if wanted in LOCALES else DEFAULT


def _home() -> ResponseReturnValue:
    """Everybody's first page, by role."""
    if g.person is None:
        return redirect(url_for("auth.login"))
    return redirect(auth.first_page(g.person.role))


_home.guard = frozenset({"public"})  # type: ignore[attr-defined]


def _secure_headers(response: Response) -> Response:
    nonce = g.get("csp_nonce", "")
    socket = ("wss://" if request.is_secure else "ws://") + request.host
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            f"connect-src 'self' {socket}",
            "img-src 'self' data:",
            "media-src 'self' blob:",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _template_context() -> dict[str, Any]:
    locale = g.get("locale", DEFAULT)

    def t(string_id: str, **values: Any) -> str:
        return translate(string_id, locale=locale, **values)

    return {
        "t": t,
        "dated": partial(dated, locale=locale),
        "locale": locale,
        "csp_nonce": g.get("csp_nonce", ""),
        "me": g.get("person"),
        "catalogue_json": _catalogue_json(locale),
    }


@cache
def _catalogue_json(locale: str) -> Markup:
    """All strings for the scripts of a page. Encoded once: a third of a megabyte for each page was
    half of what the page cost. In ASCII, so that a test that looks for a sentence in a page finds
    the page's own."""
    return htmlsafe_json_dumps(dict(catalogue(locale)))


def _desk() -> Desk:
    from flask import current_app

    wired: Desk = current_app.extensions["desk"]
    return wired


class _TrustedProxies:
    """Believe X-Forwarded-* only from the addresses that were named, one hop."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], networks: Iterable[Any]) -> None:
        self._plain = inner
        self._behind_proxy = ProxyFix(inner, x_for=1, x_proto=1, x_host=1)
        self._networks = tuple(networks)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            peer = ipaddress.ip_address(environ.get("REMOTE_ADDR", ""))
        except ValueError:
            return self._plain(environ, start_response)
        if any(peer in network for network in self._networks):
            return self._behind_proxy(environ, start_response)
        return self._plain(environ, start_response)
