"""`/admin/tokens`: keys of other systems to `/api/v1`, made, shown once, and ended."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.tokens import TokenForm
from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.services.api.tokens import PAGE, TokenService, state_of

blueprint = Blueprint("admin_tokens", __name__)


@blueprint.get("/admin/tokens")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """The form, and every token there was."""
    return _page(_form(empty=True))


@blueprint.post("/admin/tokens")
@requires(*ADMINS)
def make() -> ResponseReturnValue:
    """A new token. This answer is the only place where it is to be read."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    _, secret = _tokens().make(form.wanted, actor=person().username)
    return _page(_form(empty=True), secret=secret), 201


@blueprint.post("/admin/tokens/<int:token_id>/revoke")
@requires(*ADMINS)
def revoke(token_id: int) -> ResponseReturnValue:
    """End a token: its next request is refused."""
    _tokens().revoke(token_id, actor=person().username)
    return redirect(url_for("admin_tokens.page"), code=303)


def _tokens() -> TokenService:
    service: TokenService = current_app.extensions["desk"].tokens
    return service


def _form(*, empty: bool = False) -> TokenForm:
    form = TokenForm(formdata=None) if empty else TokenForm()
    form.offer_teams(_tokens().teams())
    return form


def _page(form: TokenForm, *, secret: str = "") -> str:
    now = current_app.extensions["desk"].clock.real_now()
    found = _tokens().every(request.args.get("before", type=int), most=PAGE + 1)
    tokens = [(row, state_of(row, now)) for row in found[:PAGE]]
    teams = _tokens().teams()
    return section_page(
        "tokens",
        "tokens.html",
        form=form,
        tokens=tokens,
        teams=teams,
        secret=secret,
        more=found[PAGE - 1].id if len(found) > PAGE else None,
    )
