"""`/admin/users`: everybody with a login: making, changing, letting in and keeping out."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.catalogue import translate
from agent_desk.routes.admin.frame import ADMINS, section_page
from agent_desk.routes.admin.row_answers import csv_download, reason_of
from agent_desk.routes.admin.typed import beside
from agent_desk.routes.guards import person, requires
from agent_desk.routes.http_statuses import http_status
from agent_desk.services.errors import ServiceError
from agent_desk.services.people import user_files
from agent_desk.services.people.administration import Profile, UserAdministration, UserLine
from agent_desk.services.people.roles import ROLES
from agent_desk.services.people.skills import SkillService
from agent_desk.services.people.tables_of_text import RowAnswer, answer_file
from agent_desk.services.people.use_cases import PeopleServices
from agent_desk.services.people.user_files import Change, PlannedRow, UserFiles

blueprint = Blueprint("admin_users", __name__)
SENT, ANSWERED = "users", "users-answered"  # files kept for a moment

PAGE = 100
FIELDS = {
    **dict.fromkeys(("username-unusable", "user-exists"), "username"),
    **dict.fromkeys(("not-yourself", "last-admin"), "role"),
    "mail-unusable": "mail",
}


@blueprint.get("/admin/users")
@requires(*ADMINS)
def page() -> ResponseReturnValue:
    """Everybody, by username; `q` looks for a name, `after` is where the page before ended."""
    return _list()


def _list(
    *,
    refused: ServiceError | None = None,
    answers: list[RowAnswer] | None = None,
    fetched: str | None = None,
    planned: list[PlannedRow] | None = None,
    kept: str = "",
) -> str:
    wanted, after = request.args.get("q", "").strip(), request.args.get("after", "")
    found = [user for user in _users().users() if _fits(user, wanted) and user.username > after]
    return section_page(
        "users",
        "users.html",
        users=found[:PAGE],
        wanted=wanted,
        more=found[PAGE - 1].username if len(found) > PAGE else None,
        refused=refused,
        answers=answers,
        fetched=fetched,
        planned=planned,
        kept=kept,
        shown=_shown,
        reason=reason_of,
    )


def _result(answers: list[RowAnswer]) -> bytes:
    more = ("admin.user.file_result", "admin.user.file_password")
    header = _headings() + [translate(each, locale=g.locale) for each in more]
    taken = translate("admin.user.file_taken", locale=g.locale)
    rows = [[*each.row.cells.values(), reason_of(each) or taken, each.told] for each in answers]
    return answer_file(header, rows)


def _headings() -> list[str]:
    return [names[1] if g.locale == "ja" else names[0] for names in user_files.COLUMNS.values()]


def _people() -> PeopleServices:
    services: PeopleServices = current_app.extensions["desk"].people
    return services


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
        return _form(None, profile, _located(refused)), http_status(refused.error_id)
    return _form(_users().user(user_id), profile, password=password)


@blueprint.post("/admin/users/file")
@requires(*ADMINS)
def look_at_file() -> ResponseReturnValue:
    """What a CSV file would change, row by row; nothing is done yet."""
    who, people = person(), _people()
    try:
        file = request.files.get("file")
        if file is None:
            raise ServiceError("table-unreadable")
        data = file.read()
        planned = _user_files().plan(data)
    except ServiceError as refused:
        told = ServiceError(refused.error_id, **{**refused.details, "field": "file"})
        return _list(refused=told), http_status(refused.error_id)
    return _list(planned=planned, kept=people.files.keep(who.user_id, data, kind=SENT))


@blueprint.post("/admin/users/file/take")
@requires(*ADMINS)
def take_file() -> ResponseReturnValue:
    """Do what the file says that was looked at; each row is answered, the result fetched once."""
    who, people = person(), _people()
    try:
        data = people.files.take(who.user_id, request.form.get("kept", ""), kind=SENT)
        if data is None:
            raise ServiceError("file-gone")
        answers = _user_files().take(data, actor=who.username)
    except ServiceError as refused:
        return _list(refused=refused), http_status(refused.error_id)
    fetched = people.files.keep(who.user_id, _result(answers), kind=ANSWERED)
    return _list(answers=answers, fetched=fetched)


@blueprint.get("/admin/users/file/<name>")
@requires(*ADMINS)
def fetch_result(name: str) -> ResponseReturnValue:
    """The rows of a file with what became of each, once."""
    data = _people().files.take(person().user_id, name, kind=ANSWERED)
    if data is None:
        abort(404)
    return csv_download(data, "users_result.csv")


@blueprint.get("/admin/users/sample.csv")
@requires(*ADMINS)
def sample() -> ResponseReturnValue:
    """A file with the right columns."""
    people = [
        ["sato", "佐藤 花子", "operator", "第1チーム", "", ""],
        ["suzuki", "鈴木 一郎", "lead", "第1チーム", "第1チーム;第2チーム", "無効"],
    ]
    return csv_download(answer_file(_headings(), people), "users.csv")


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
        return _form(user, profile, _located(refused)), http_status(refused.error_id)
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


def _user_files() -> UserFiles:
    desk, who = current_app.extensions["desk"], person()
    return UserFiles(
        _users(),
        lambda user_id, name, enabled: desk.set_enabled(user_id, name, enabled, actor=who),
    )


def _shown(change: Change, value: str) -> str:
    """A value of a change in the words of the page."""
    if change.what in ("role", "new") and value:
        return translate(f"role.{value}", locale=g.locale)
    if change.what == "state":
        return translate(f"admin.user.{value}", locale=g.locale)
    return value or "—"


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
        form.get("name", "").strip(),
        role,
        team,
        leads if role == "lead" else frozenset(),
        form.get("mail", "").strip() if "mail" in form else None,
    )


def _skills() -> SkillService:
    service: SkillService = current_app.extensions["desk"].calls.skills
    return service


def _located(refused: ServiceError) -> ServiceError:
    """A refusal of the form, told where it is about."""
    return beside(refused, {**FIELDS, "profile-unusable": refused.details.get("reason", "name")})


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
        skills=_skills().names(),
        has=frozenset() if user is None else _skills().of_user(user.id),
    )
