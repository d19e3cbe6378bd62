"""Whose and what a report can be asked about, within the scope of who asks."""

from __future__ import annotations

from collections.abc import Collection

from agent_desk.store.reports import due_parts
from agent_desk.store.unit_of_work import Database

Choices = list[tuple[int, str]]


class ReportChoices:
    """Reads; (id, name) in order of name."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def operators(self, teams: Collection[int] | None) -> Choices:
        """Those of the teams (None: all)."""
        with self._database.read() as session:
            return due_parts.people(session, teams)

    def products(self, teams: Collection[int] | None) -> Choices:
        """What the teams' campaigns are about."""
        with self._database.read() as session:
            return due_parts.products(session, teams)
