"""`/admin/access`: the rules of getting in: passwords, second factors, addresses, booths."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.admin.typed import beside, number
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.people import passwords
from agent_desk.services.people.roles import ROLES
from agent_desk.services.people.use_cases import PeopleServices

blueprint = Blueprint("admin_access", __name__)
FIELDS = dict.fromkeys(("access-unusable", "network-unusable", "locks-yourself-out"), "networks")


@blueprint.get("/admin/access")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """The rules that hold."""
    return _page()


@blueprint.post("/admin/access/house")
@requires(*ADMINS)
def set_house() -> ResponseReturnValue:
    """Least length of passwords; how many booths."""
    try:
        _people().access.set_house(
            password_least=number("password_least") or 0,
            booths=number("booths"),
            actor=person().username,
        )
    except ServiceError as refused:
        return _page(refused), http_status(refused.error_id)
    return redirect(url_for("admin_access.page"), code=303)


@blueprint.post("/admin/access/roles/<role>")
@requires(*ADMINS)
def set_role(role: str) -> ResponseReturnValue:
    """How people of a role get in; log-ins from elsewhere end."""
    who = person()
    try:
        _people().access.set_role(
            role,
            code_needed="code_needed" in request.form,
            networks=request.form.get("networks", "")[:5000],
            actor=who.username,
            own=(who.role, request.remote_addr),
        )
        _people().sessions.end_refused(role, actor=who.username)
    except ServiceError as refused:
        return _page(beside(refused, FIELDS), role), http_status(refused.error_id)
    return redirect(url_for("admin_access.page"), code=303)


def _people() -> PeopleServices:
    services: PeopleServices = current_app.extensions["desk"].people
    return services


def _page(refused: ServiceError | None = None, part: str = "house") -> str:
    people = _people()
    return section_page(
        "access",
        "access.html",
        rules=people.access.rules,
        roles=ROLES,
        taken=len(people.booths.taken()),
        least=passwords.LEAST_ALLOWED,
        most=passwords.MOST_ALLOWED,
        address=request.remote_addr,
        refused=refused,
        part=part,
        given=request.form,
    )
