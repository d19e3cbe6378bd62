"""Whom somebody may see and set rules for: the people and teams within their scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent_desk.store.people import accounts as account_rows
from agent_desk.store.people.accounts import AccountRow
from agent_desk.store.unit_of_work import Session


@dataclass(frozen=True)
class People:
    """The people of some teams, and those teams' names."""

    by_id: Mapping[int, AccountRow]
    teams: Mapping[int, str]

    def name(self, user_id: int | None) -> str | None:
        """The person's name; None for somebody out of scope."""
        found = self.by_id.get(user_id or 0)
        return None if found is None else found.name

    def operators(self) -> list[AccountRow]:
        """Those who take calls and may log in, by username."""
        return [each for each in self.by_id.values() if each.role == "operator" and each.enabled]

    def named(self, username: str) -> AccountRow | None:
        """The person with this login, if within scope."""
        return next((each for each in self.by_id.values() if each.username == username), None)


def people_within(session: Session, teams: frozenset[int] | None) -> People:
    """Everybody in scope, by username, and the teams in scope; None is every team."""
    names = account_rows.teams(session)
    everybody = account_rows.all_accounts(session)
    if teams is None:
        return People({each.id: each for each in everybody}, names)
    return People(
        {each.id: each for each in everybody if each.team_id in teams},
        {team_id: name for team_id, name in names.items() if team_id in teams},
    )
