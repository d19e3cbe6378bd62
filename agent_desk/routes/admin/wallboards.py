"""`/admin/wallboards`: links for screens on walls, made, shown once, and ended."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from agent_desk.forms.wallboards import WallboardForm
from agent_desk.routes.admin.frame import SEARCHERS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.services.people.wallboards import WallboardLinks, state_of

blueprint = Blueprint("admin_wallboards", __name__)


@blueprint.get("/admin/wallboards")
@requires(*SEARCHERS)
def page() -> ResponseReturnValue:
    """The form, and the links to no more than the person sees."""
    return _page(_form(empty=True))


@blueprint.post("/admin/wallboards")
@requires(*SEARCHERS)
def make() -> ResponseReturnValue:
    """A new link. This answer is the only place where it is to be read."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    _, secret = _links().make(form.wanted, actor=person().username, scope=person().teams)
    address = f"{url_for('wallboard.page', _external=True)}#{secret}"
    return _page(_form(empty=True), address=address), 201


@blueprint.post("/admin/wallboards/<int:link_id>/revoke")
@requires(*SEARCHERS)
def revoke(link_id: int) -> ResponseReturnValue:
    """End a link: open screens with it go dark."""
    _links().revoke(link_id, actor=person().username, scope=person().teams)
    return redirect(url_for("admin_wallboards.page"), code=303)


def _links() -> WallboardLinks:
    service: WallboardLinks = current_app.extensions["desk"].people.wallboards
    return service


def _form(*, empty: bool = False) -> WallboardForm:
    form = WallboardForm(formdata=None) if empty else WallboardForm()
    form.offer(*_links().choices(person().teams))
    return form


def _page(form: WallboardForm, *, address: str = "") -> str:
    now = current_app.extensions["desk"].clock.real_now()
    teams, campaigns = _links().choices(person().teams)
    return section_page(
        "wallboards",
        "wallboards.html",
        form=form,
        links=[(row, state_of(row, now)) for row in _links().every(person().teams)],
        teams=teams,
        campaigns=campaigns,
        address=address,
    )
