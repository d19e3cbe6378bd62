"""`/admin/users`: everybody with a login: making, changing, letting in and keeping out."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.errors import http_status
from agent_desk.routes.guards import person, requires
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.administration import Profile, UserAdministration, UserLine
from agent_desk.services.people.roles import ROLES

blueprint = Blueprint("admin_users", __name__)

PAGE = 100


@blueprint.get("/admin/users")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """Everybody, by username; `q` looks for a name, `after` is where the page before ended."""
    wanted, after = request.args.get("q", "").strip(), request.args.get("after", "")
    found = [user for user in _users().users() if _fits(user, wanted) and user.username > after]
    return section_page(
        "users",
        "users.html",
        users=found[:PAGE],
        wanted=wanted,
        more=found[PAGE - 1].username if len(found) > PAGE else None,
    )


@blueprint.get("/admin/users/new")
@requires(*ADMINS)
def new() -> ResponseReturnValue:
    """The form for somebody new."""
    return _form(None, Profile("", "operator", None))


@blueprint.post("/admin/users/new")
@requires(*ADMINS)
def create() -> ResponseReturnValue:
    """Make a person; the temporary password is shown, this once."""
    profile = Profile("", "operator", None)
    try:
        profile = _profile()
        user_id, password = _users().create(
            request.form.get("username", ""), profile, actor=person().username
        )
    except ServiceError as refused:
        return _form(None, profile, refused), http_status(refused.error_id)
    return _form(_users().user(user_id), profile, password=password)


@blueprint.get("/admin/users/<int:user_id>")
@requires(*ADMINS)
def edit(user_id: int) -> ResponseReturnValue:
    """One person."""
    user = _users().user(user_id)
    return _form(user, user.profile)


@blueprint.post("/admin/users/<int:user_id>")
@requires(*ADMINS)
def change(user_id: int) -> ResponseReturnValue:
    """Another name, role or team."""
    user = _users().user(user_id)
    profile = user.profile
    try:
        profile = _profile()
        _users().change(user_id, profile, actor=person().username)
    except ServiceError as refused:
        return _form(user, profile, refused), http_status(refused.error_id)
    return redirect(url_for("admin_users.page"), code=303)


@blueprint.post("/admin/users/<int:user_id>/password")
@requires(*ADMINS)
def reset_password(user_id: int) -> ResponseReturnValue:
    """A temporary password, shown this once."""
    user = _users().user(user_id)
    try:
        password = _users().reset_password(user_id, actor=person().username)
    except ServiceError as refused:
        return _form(user, user.profile, refused), http_status(refused.error_id)
    return _form(replace(user, password_temporary=True), user.profile, password=password)


@blueprint.post("/admin/users/<int:user_id>/second-factor/remove")
@requires(*ADMINS)
def remove_second_factor(user_id: int) -> ResponseReturnValue:
    """Somebody has lost their authenticator."""
    user = _users().user(user_id)
    current_app.extensions["desk"].people.factors.remove(user.id, actor=person().username)
    return redirect(url_for("admin_users.edit", user_id=user_id), code=303)


@blueprint.post("/admin/users/<username>/<any(enable, disable):action>")
@requires(*ADMINS)
def set_enabled(username: str, action: str) -> ResponseReturnValue:
    """Let a person in, or keep them out from this second on."""
    found = next((user for user in _users().users() if user.username == username), None)
    if found is None:
        abort(404)
    desk = current_app.extensions["desk"]
    desk.set_enabled(found.id, username, action == "enable", actor=person())
    return redirect(url_for("admin_users.page"), code=303)


def _users() -> UserAdministration:
    users: UserAdministration = current_app.extensions["desk"].people.administration
    return users


def _fits(user: UserLine, wanted: str) -> bool:
    return wanted.lower() in f"{user.username} {user.profile.name} {user.team or ''}".lower()


def _profile() -> Profile:
    """What the form says; ServiceError `profile-unusable`."""
    form = request.form
    try:
        team = int(form["team"]) if form.get("team") else None
        leads = frozenset(int(each) for each in form.getlist("leads"))
    except ValueError:
        raise ServiceError("profile-unusable", reason="team") from None
    role = form.get("role", "")
    return Profile(
        form.get("name", "").strip(), role, team, leads if role == "lead" else frozenset()
    )


def _form(
    user: UserLine | None,
    profile: Profile,
    refused: ServiceError | None = None,
    *,
    password: str | None = None,
) -> str:
    return section_page(
        "users",
        "user.html",
        user=user,
        profile=profile,
        refused=refused,
        password=password,
        username=request.form.get("username", "") if user is None else user.username,
        teams=_users().teams(),
        roles=ROLES,
    )
