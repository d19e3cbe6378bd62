"""A database of each kind, a clock, and the product's group commit around a small floor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent_desk.store.unit_of_work import Database
from tests.fakes.clock import FakeClock


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
