"""A database of each kind with the product's own door to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent_desk.store.unit_of_work import Database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()
