"""`/account`: everybody's own account: password, language, second factor, log-ins."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.routes.limits import limiter
from agent_desk.services.errors import ServiceError
from agent_desk.services.people import one_time_codes
from agent_desk.services.people.second_factors import ISSUER
from agent_desk.services.people.use_cases import PeopleServices

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@requires()
def page() -> ResponseReturnValue:
    """What the person may change about getting in."""
    return _page()


@blueprint.post("/account/password")
@requires()
@limiter.limit("20 per minute")
def change_password() -> ResponseReturnValue:
    """Another password; the other log-ins end."""
    form = request.form
    try:
        if form.get("new", "") != form.get("again", ""):
            raise ServiceError("password-unlike")
        _people().own.change_password(person(), form.get("old", ""), form.get("new", ""))
    except ServiceError as refused:
        return _page(refused, part="password"), http_status(refused.error_id)
    return redirect(url_for("account.page", done="password"), code=303)


@blueprint.post("/account/second-factor/begin")
@requires()
def begin_second_factor() -> ResponseReturnValue:
    """Make the secret for an authenticator."""
    _people().factors.begin(person().user_id)
    return redirect(url_for("account.page", _anchor="second-factor"), code=303)


@blueprint.post("/account/second-factor")
@requires()
@limiter.limit("20 per minute")
def confirm_second_factor() -> ResponseReturnValue:
    """Try the authenticator's first code; the recovery codes are shown, this once."""
    who = person()
    try:
        codes = _people().factors.confirm(who.user_id, who.username, request.form.get("code", ""))
    except ServiceError as refused:
        return _page(refused, part="second-factor"), http_status(refused.error_id)
    return _page(codes=codes)


@blueprint.post("/account/recovery-codes")
@requires()
@limiter.limit("20 per minute")
def renew_recovery_codes() -> ResponseReturnValue:
    """New recovery codes, shown this once."""
    who = person()
    try:
        _people().own.require_password(who, request.form.get("password", ""))
        codes = _people().factors.renew_recovery_codes(who.user_id, who.username)
    except ServiceError as refused:
        return _page(refused, part="second-factor"), http_status(refused.error_id)
    return _page(codes=codes)


@blueprint.post("/account/second-factor/remove")
@requires()
@limiter.limit("20 per minute")
def remove_second_factor() -> ResponseReturnValue:
    """No second factor any more, where the role does not ask for one."""
    who = person()
    try:
        if _people().access.rules.of(who.role).code_needed:
            raise ServiceError("second-factor-needed")
        _people().own.require_password(who, request.form.get("password", ""))
        _people().factors.remove(who.user_id, actor=who.username)
    except ServiceError as refused:
        return _page(refused, part="second-factor"), http_status(refused.error_id)
    return redirect(url_for("account.page", done="second-factor-removed"), code=303)


@blueprint.post("/account/sessions/end-others")
@requires()
def end_other_sessions() -> ResponseReturnValue:
    """End the person's other log-ins."""
    who = person()
    for row in _people().own.sessions(who):
        if row.id != who.session_id:
            _people().accounts.sign_out(row.id, reason="ended")
    return redirect(url_for("account.page", done="sessions"), code=303)


def _people() -> PeopleServices:
    services: PeopleServices = current_app.extensions["desk"].people
    return services


def _page(
    refused: ServiceError | None = None, *, part: str = "", codes: list[str] | None = None
) -> str:
    who, people = person(), _people()
    with_code = people.factors.in_use(who.user_id)
    secret = None if with_code else people.factors.pending(who.user_id)
    rules = people.access.rules
    address = secret and one_time_codes.address_of(secret, issuer=ISSUER, username=who.username)
    # Known since before this request: the codes have just taken away what had to be done first.
    must = None if with_code and who.must == "second_factor" else who.must
    return render_template(
        "account.html",
        refused=refused,
        part=part,
        codes=codes,
        must=must,
        with_code=with_code,
        code_needed=rules.of(who.role).code_needed,
        codes_left=people.factors.recovery_codes_left(who.user_id),
        secret=secret,
        otpauth=address,
        drawing=address and Markup(one_time_codes.drawing_of(address)),
        least=rules.password_least,
        sessions=people.own.sessions(who),
        done=request.args.get("done", "") if request.method == "GET" else "",
    )
