"""Every test has a database of its own; what SQL looks like is worked out once for all of them.

SQLAlchemy keeps compiled statements by engine and by dialect, and a product has one of each for
weeks. A test has new ones for a second, and spent most of it compiling what the test before it had
compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

from agent_desk.store import unit_of_work

STATEMENTS = 5_000  # more than the product has, so that none is given up


@contextmanager
def shared() -> Iterator[None]:
    """Until the end, each new `Database` has the compiled statements of those before it."""
    first: dict[str, Engine] = {}

    def create_engine(url: str, **options: Any) -> Engine:
        engine = sqlalchemy.create_engine(url, **options)
        known = first.setdefault(engine.name, engine)
        if known.dialect.server_version_info is None:  # nobody has connected with it yet
            first[engine.name] = engine
            engine._compiled_cache = LRUCache(STATEMENTS)
        else:
            engine.dialect = engine.pool._dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit_of_work, "create_engine", create_engine)
        yield
