"""Who may open a page: default deny, declared at the route and swept by a house test."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.accounts import Person

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

PUBLIC = frozenset({"public"})
INTERNAL = frozenset({"internal"})
EVERYBODY = frozenset({"operator", "lead", "manager", "compliance", "auditor", "admin"})
# What somebody may do who must first choose a password or set up a second factor.
_BEFORE_ALL = ("account.", "auth.log_out")


def person() -> Person:
    """The person signed in; only behind `requires`."""
    return cast(Person, g.person)


def wants_page() -> bool:
    """Whether an answer is for a person's eyes; the API and scripts get data."""
    return not request.path.startswith("/api/") and request.accept_mimetypes.accept_html


def requires(*roles: str, scope: str | None = None) -> Callable[[View], View]:
    """Let only these roles in; others get 403, the signed-out the login page (or 401 for data).

    Other systems get in with a token of this `scope`; without one the route is for people only.
    """
    allowed = frozenset(roles) or EVERYBODY

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if g.get("token") is not None:
                _check_scope(scope)
                return view(*args, **kwargs)
            if g.person is None:
                return _instead(401, url_for("auth.login", next=request.path))
            if g.person.role not in allowed:
                abort(403)
            if g.person.must and not (request.endpoint or "").startswith(_BEFORE_ALL):
                return _instead(403, url_for("account.page"))
            return view(*args, **kwargs)

        guarded.guard = allowed  # type: ignore[attr-defined]
        guarded.scope = scope  # type: ignore[attr-defined]
        return cast(View, guarded)

    return guard


def _instead(status: int, page: str) -> ResponseReturnValue:
    """Another page for somebody who opens one; for whatever else only the status."""
    if request.method == "GET" and wants_page():
        return redirect(page)
    abort(status)


def _check_scope(scope: str | None) -> None:
    """ServiceError unless the token that asks is for this."""
    if scope is None:
        raise ServiceError("not-for-tokens")
    if scope not in g.token.scopes:
        raise ServiceError("scope-missing", scope=scope)


def public(view: View) -> View:
    """A route that needs no login, on purpose."""
    view.guard = PUBLIC  # type: ignore[attr-defined]
    return view


def internal(view: View) -> View:
    """A route of our own worker, which shows a key derived from DESK_SECRET_KEY."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not current_app.extensions["desk"].worker_key_fits(request.headers.get("Authorization")):
            abort(403)
        return view(*args, **kwargs)

    guarded.guard = INTERNAL  # type: ignore[attr-defined]
    return cast(View, guarded)
