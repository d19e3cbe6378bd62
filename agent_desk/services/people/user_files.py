"""Users by the file: new ones are made, known ones changed, let in or kept out.

A file is looked at first: what it would change is told row by row, and nothing is done. What is
wrong with one row does not hold up the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.administration import (
    Profile,
    UserAdministration,
    UserLine,
    require_username,
)
from agent_desk.services.people.roles import ROLES
from agent_desk.services.people.tables_of_text import RowAnswer, TableRow, read_table

COLUMNS = {
    "username": ("username", "ユーザー名"),
    "name": ("name", "氏名"),
    "role": ("role", "権限"),
    "team": ("team", "チーム"),
    "leads": ("leads", "担当チーム"),
    "state": ("state", "状態"),
}
OPTIONAL = frozenset({"state"})
_ROLE_WORDS = {
    "オペレーター": "operator",
    "リーダー": "lead",
    "マネージャー": "manager",
    "コンプライアンス": "compliance",
    "監査": "auditor",
    "システム管理者": "admin",
}
_STATES = {"": None, "enabled": True, "有効": True, "disabled": False, "無効": False}


@dataclass(frozen=True)
class Change:
    """One thing that would be another: `name`, `role`, `team`, `leads`, `state`, or `new`."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class PlannedRow:
    """What a row would do; without changes it says what is so already."""

    row: TableRow
    changes: tuple[Change, ...] = ()
    refused: ServiceError | None = None


@dataclass(frozen=True)
class _Known:
    users: Mapping[str, UserLine]
    teams: Mapping[str, int]


class UserFiles:
    """Looks at a file, or takes it. `set_enabled(user_id, username, enabled)` lets people in and
    keeps them out."""

    def __init__(
        self,
        administration: UserAdministration,
        set_enabled: Callable[[int, str, bool], None],
    ) -> None:
        self._administration = administration
        self._set_enabled = set_enabled

    def plan(self, data: bytes) -> list[PlannedRow]:
        """What each row would change. ServiceError as `read_table` says, for the file as a whole.

        Some things are seen only when it is done: that nobody else would be an administrator.
        """
        known = self._known()
        seen: set[str] = set()
        planned = []
        for row in read_table(data, COLUMNS, optional=OPTIONAL):
            try:
                planned.append(PlannedRow(row, _changes(row, known, seen)))
            except ServiceError as refused:
                planned.append(PlannedRow(row, refused=refused))
        return planned

    def take(self, data: bytes, *, actor: str) -> list[RowAnswer]:
        """What became of each row; `told` is the temporary password of somebody new.

        ServiceError as `read_table` says, for the file as a whole.
        """
        known = self._known()
        answers = []
        for each in self.plan(data):
            try:
                if each.refused is not None:
                    raise each.refused
                told = self._take(each, known, actor)
                answers.append(RowAnswer(each.row, None, told))
            except ServiceError as refused:
                answers.append(RowAnswer(each.row, refused.error_id, details=refused.details))
        return answers

    def _take(self, planned: PlannedRow, known: _Known, actor: str) -> str:
        row, told = planned.row, ""
        username = row.cells["username"]
        profile, enabled = _profile(row, known.teams), _enabled(row)
        user = known.users.get(username)
        if user is None:
            user_id, told = self._administration.create(username, profile, actor=actor)
        else:
            user_id = user.id
            if profile != user.profile:
                self._administration.change(user_id, profile, actor=actor)
        if enabled is not None and enabled is not (user is None or user.enabled):
            self._set_enabled(user_id, username, enabled)
        return told

    def _known(self) -> _Known:
        users = {each.username: each for each in self._administration.users()}
        return _Known(users, {each.name: each.id for each in self._administration.teams()})


def _changes(row: TableRow, known: _Known, seen: set[str]) -> tuple[Change, ...]:
    username = row.cells["username"]
    if username in seen:
        raise ServiceError("row-twice")
    seen.add(username)
    profile, enabled = _profile(row, known.teams), _enabled(row)
    user = known.users.get(username)
    if user is None:
        require_username(username)
        made = Change("new", "", profile.role)
        return (made,) if enabled is not False else (made, Change("state", "enabled", "disabled"))
    was = user.profile
    before = (was.name, was.role, user.team or "", _led(was, known))
    after = (profile.name, profile.role, row.cells["team"], _led(profile, known))
    changes = [
        Change(what, *pair)
        for what, *pair in zip(("name", "role", "team", "leads"), before, after, strict=True)
        if pair[0] != pair[1]
    ]
    if enabled is not None and enabled is not user.enabled:
        words = ("disabled", "enabled")
        changes.append(Change("state", words[user.enabled], words[enabled]))
    return tuple(changes)


def _led(profile: Profile, known: _Known) -> str:
    return "、".join(sorted(name for name, key in known.teams.items() if key in profile.leads))


def _enabled(row: TableRow) -> bool | None:
    """None: as it is."""
    state = row.cells["state"].lower()
    if state not in _STATES:
        raise ServiceError("profile-unusable", reason="state")
    return _STATES[state]


def _profile(row: TableRow, teams: Mapping[str, int]) -> Profile:
    role = _ROLE_WORDS.get(row.cells["role"], row.cells["role"].lower())
    if role not in ROLES:
        raise ServiceError("profile-unusable", reason="role")
    named = [each.strip() for each in row.cells["leads"].split(";") if each.strip()]
    own = row.cells["team"]
    if any(each not in teams for each in [*named, *([own] if own else [])]):
        raise ServiceError("team-unknown")
    leads = frozenset(teams[each] for each in named)
    return Profile(row.cells["name"], role, teams.get(own), leads)
