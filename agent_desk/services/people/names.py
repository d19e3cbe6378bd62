"""Names of operators and teams for the leads' tiles."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desk.store.people import accounts as account_rows
from agent_desk.store.unit_of_work import Database


class People:
    """Reads names once; `reload` after somebody was added or renamed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[str, tuple[str, str]] = {}
        self.reload()

    def reload(self) -> None:
        """Read every account's name and team anew."""
        with self._database.read() as session:
            teams = account_rows.teams(session)
            self._names = {
                row.username: (row.name, teams.get(row.team_id or 0, ""))
                for row in account_rows.all_accounts(session)
            }

    def names(self) -> Mapping[str, tuple[str, str]]:
        """Username → (name, team's name)."""
        return self._names
