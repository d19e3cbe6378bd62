"""Logging in and out, the language switch, and tickets for the sockets."""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from agent_desk.catalogue import LOCALES, translate
from agent_desk.forms.login import CodeForm, LoginForm
from agent_desk.routes.browsers import browser_name
from agent_desk.routes.guards import person, public, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.limits import limiter
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.accounts import CodeNeeded, Origin, Person

blueprint = Blueprint("auth", __name__)

FIRST_PAGES = {
    "operator": "desk.page",
    "lead": "floor.page",
    "manager": "reports.operators",
    "compliance": "admin.page",
    "auditor": "reports.operators",
    "admin": "admin.page",
}
_PAGES = ("/desk", "/floor", "/reports", "/reports/calls", "/admin", "/account")


def first_page(role: str) -> str:
    """Where a role lands after logging in."""
    return url_for(FIRST_PAGES[role])


def _failed(response: Response) -> bool:
    """Only failures use up the rate: a shift's worth of good log-ins from one office is normal."""
    return response.status_code not in (302, 303)


@blueprint.get("/login")
@public
def login() -> ResponseReturnValue:
    """The log-in page; who is logged in already goes on to their page.

    Whoever did not log out themselves is told that their log-in is over.
    """
    if g.person is not None:
        return redirect(first_page(g.person.role))
    form = LoginForm(next=request.args.get("next", ""))
    over = session.pop("over", False)
    return render_template("login.html", form=form, error=None, over=over)


@blueprint.post("/login")
@public
@limiter.limit("30 per minute", deduct_when=_failed)
def log_in() -> ResponseReturnValue:
    """Check the password; a fresh session id at every log-in."""
    form = LoginForm()
    desk = current_app.extensions["desk"]
    if not form.validate_on_submit():
        error = next(iter(form.errors.values()))[0]
        text = translate(error, locale=g.locale) if error.startswith("error.") else str(error)
        return render_template("login.html", form=form, error=text), 400
    try:
        token, who = desk.accounts.sign_in(form.username.data, form.password.data, _origin())
    except CodeNeeded as needed:
        session["half"] = needed.half
        return redirect(url_for("auth.code", next=_safe_next(form.next.data)), code=303)
    except ServiceError as refused:
        return _refused("login.html", form, refused)
    return _signed_in(token, who, form.next.data)


@blueprint.get("/login/code")
@public
def code() -> ResponseReturnValue:
    """The page that asks for the second factor's code."""
    if "half" not in session:
        return redirect(url_for("auth.login"))
    return render_template("login_code.html", form=CodeForm(next=request.args.get("next", "")))


@blueprint.post("/login/code")
@public
@limiter.limit("30 per minute", deduct_when=_failed)
def log_in_with_code() -> ResponseReturnValue:
    """Check the code; with the right one the log-in goes on as without."""
    form = CodeForm()
    half = session.get("half")
    if half is None:
        return redirect(url_for("auth.login"), code=303)
    desk = current_app.extensions["desk"]
    try:
        token, who = desk.accounts.sign_in_with_code(half, form.code.data or "", _origin())
    except ServiceError as refused:
        if refused.error_id == "half-over":
            session.pop("half")
            return _refused("login.html", LoginForm(formdata=None), refused)
        return _refused("login_code.html", form, refused)
    return _signed_in(token, who, form.next.data)


def _refused(template: str, form: FlaskForm, refused: ServiceError) -> ResponseReturnValue:
    text = translate(f"error.{refused.error_id}", locale=g.locale, **refused.details)
    return render_template(template, form=form, error=text), http_status(refused.error_id)


def _signed_in(token: str, who: Person, target: str | None) -> Response:
    """A fresh session id at every log-in, and the language that was chosen before it."""
    locale = session.get("locale")
    session.clear()
    session["token"] = token
    session.permanent = True
    if locale in LOCALES and locale != who.locale:
        current_app.extensions["desk"].accounts.set_locale(who.user_id, locale)
    return redirect(_safe_next(target) or first_page(who.role), code=303)


def _origin() -> Origin:
    return Origin(request.remote_addr, browser_name(request.headers.get("User-Agent", "")))


@blueprint.post("/logout")
@requires()
def log_out() -> ResponseReturnValue:
    """End the session, its sockets and (for an operator) the seat."""
    current_app.extensions["desk"].sign_out(person())
    session.clear()
    return redirect(url_for("auth.login"), code=303)


@blueprint.post("/language")
@public
def language() -> ResponseReturnValue:
    """Switch the language and come back to the same page."""
    wanted = request.form.get("locale", "")
    if wanted in LOCALES:
        session["locale"] = wanted
        if g.person is not None:
            current_app.extensions["desk"].accounts.set_locale(g.person.user_id, wanted)
    return redirect(_safe_next(request.form.get("next")) or url_for("home"), code=303)


@blueprint.post("/tickets")
@requires()
def tickets() -> ResponseReturnValue:
    """One-time tickets for the namespaces a page wants to connect."""
    wanted = (request.get_json(silent=True) or {}).get("namespaces")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 4:
        raise ServiceError("bad-payload", reason="namespaces")
    office = current_app.extensions["desk"].tickets
    who = person()
    issued = {
        str(namespace): office.issue(who.user_id, who.session_id, namespace=str(namespace))
        for namespace in wanted
    }
    return jsonify({"tickets": issued})


def _safe_next(target: str | None) -> str | None:
    """A path of ours, never another site's address."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    path = target.partition("?")[0]
    return target if path in _PAGES or path.startswith("/admin/") else None
