"""Users by the file: new ones are made, known ones changed; each row is answered."""

from __future__ import annotations

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.administration import Profile, UserAdministration
from agent_desk.services.people.roles import ROLES
from agent_desk.services.people.tables_of_text import RowAnswer, TableRow, read_table

COLUMNS = {
    "username": ("username", "ユーザー名"),
    "name": ("name", "氏名"),
    "role": ("role", "権限"),
    "team": ("team", "チーム"),
    "leads": ("leads", "担当チーム"),
}
_ROLE_WORDS = {
    "オペレーター": "operator",
    "リーダー": "lead",
    "マネージャー": "manager",
    "コンプライアンス": "compliance",
    "監査": "auditor",
    "システム管理者": "admin",
}


class UserFiles:
    """Takes a file row by row: what is wrong with one does not hold up the others."""

    def __init__(self, administration: UserAdministration) -> None:
        self._administration = administration

    def take(self, data: bytes, *, actor: str) -> list[RowAnswer]:
        """What became of each row; `told` is the temporary password of somebody new.

        ServiceError as `read_table` says, for the file as a whole.
        """
        rows = read_table(data, COLUMNS)
        known = {each.username: each.id for each in self._administration.users()}
        teams = {each.name: each.id for each in self._administration.teams()}
        seen: set[str] = set()
        answers = []
        for row in rows:
            username = row.cells["username"]
            try:
                if username in seen:
                    raise ServiceError("row-twice")
                seen.add(username)
                profile = _profile(row, teams)
                if username in known:
                    self._administration.change(known[username], profile, actor=actor)
                    answers.append(RowAnswer(row, None))
                else:
                    _, password = self._administration.create(username, profile, actor=actor)
                    answers.append(RowAnswer(row, None, password))
            except ServiceError as refused:
                answers.append(RowAnswer(row, refused.error_id, details=refused.details))
        return answers


def _profile(row: TableRow, teams: dict[str, int]) -> Profile:
    role = _ROLE_WORDS.get(row.cells["role"], row.cells["role"].lower())
    if role not in ROLES:
        raise ServiceError("profile-unusable", reason="role")
    named = [each.strip() for each in row.cells["leads"].split(";") if each.strip()]
    own = row.cells["team"]
    if any(each not in teams for each in [*named, *([own] if own else [])]):
        raise ServiceError("team-unknown")
    leads = frozenset(teams[each] for each in named)
    return Profile(row.cells["name"], role, teams.get(own), leads)
