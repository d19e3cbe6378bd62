"""Requests of other systems: a Bearer token instead of a cookie, so nothing of a browser applies.

Whoever shows a token is only that token, whatever cookie came along; a page of somebody else's
cannot make a browser send the header, so no CSRF token is asked for.
"""

from __future__ import annotations

from flask import current_app, g, request
from flask_wtf import CSRFProtect

from agent_desk.catalogue import DEFAULT, LOCALES
from agent_desk.services.api.rates import TokenRates
from agent_desk.services.api.tokens import TokenService
from agent_desk.services.errors import ServiceError

_SCHEME = "bearer "
_API = "/api/v1/"


class Csrf(CSRFProtect):
    """Forms and scripts of pages show their token; requests of other systems have none."""

    def protect(self, apply_exemptions: bool = False) -> None:
        if not shows_token():
            super().protect(apply_exemptions=apply_exemptions)

    def _get_csrf_token(self) -> str | None:
        # The package's own way looks at every field's name, and a part of a form may have none.
        return request.headers.get("X-CSRFToken") or request.form.get("csrf_token")


def shows_token() -> bool:
    """Whether the request speaks for another system."""
    header = request.headers.get("Authorization", "")
    return request.path.startswith(_API) and header.lower().startswith(_SCHEME)


def know_holder() -> None:
    """Find out which token asks; ServiceError token-refused, too-many-requests."""
    g.locale = request.accept_languages.best_match(LOCALES) or DEFAULT
    service: TokenService = current_app.extensions["desk"].tokens
    secret = request.headers["Authorization"][len(_SCHEME) :].strip()
    holder = service.holder_of(secret)
    if holder is None:
        raise ServiceError("token-refused")
    rates: TokenRates = current_app.extensions["token_rates"]
    wait_s = rates.wait_s(holder.token_id)
    if wait_s:
        raise ServiceError("too-many-requests", seconds=wait_s)
    g.token = holder
    g.person = holder.person
