"""A database of each kind with the product's own door to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import add_entries, small_centre


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def story(database: Database) -> Story:
    """A small centre with eight customers on its list, about to begin its day."""
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 8)
    return Story(database, centre)
