"""`/admin/skills`: what operators can do that not everybody can, and who can."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.skills import SkillService

blueprint = Blueprint("admin_skills", __name__)


@blueprint.get("/admin/skills")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """Every skill."""
    return _page()


@blueprint.post("/admin/skills")
@requires(*ADMINS)
def put() -> ResponseReturnValue:
    """A new skill, or another name for one."""
    code, name = request.form.get("code", "").strip(), request.form.get("name", "")
    try:
        _skills().put(code, name, by=person().username)
    except ServiceError as refused:
        told = ServiceError(refused.error_id, **refused.details, field=refused.details["reason"])
        return _page(told, {"code": code, "name": name}), http_status(refused.error_id)
    return redirect(url_for("admin_skills.page"), code=303)


@blueprint.post("/admin/skills/remove")
@requires(*ADMINS)
def remove() -> ResponseReturnValue:
    """Forget a skill that nobody has."""
    try:
        _skills().remove(request.form.get("code", ""), by=person().username)
    except ServiceError as refused:
        return _page(refused), http_status(refused.error_id)
    return redirect(url_for("admin_skills.page"), code=303)


@blueprint.post("/admin/users/<int:user_id>/skills")
@requires(*ADMINS)
def give(user_id: int) -> ResponseReturnValue:
    """Exactly these skills for somebody; at their seat from the next offer on."""
    _skills().set_for(user_id, request.form.getlist("skills"), by=person().username)
    return redirect(f"/admin/users/{user_id}", code=303)


def _skills() -> SkillService:
    service: SkillService = current_app.extensions["desk"].calls.skills
    return service


def _page(refused: ServiceError | None = None, typed: Mapping[str, str] | None = None) -> str:
    names = _skills().names()
    return section_page("skills", "skills.html", skills=names, refused=refused, typed=typed or {})
