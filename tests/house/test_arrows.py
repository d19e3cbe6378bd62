"""Arrows finer than a module, which import-linter cannot draw."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.sources import Source, python_sources

# The wire between desk and gateway, the format of recordings and the estimate of an opinion: pure,
# and all the desk may see.
SHARED = {"protocol", "wire", "recording_file", "opinion"}
# What a caller of the store needs to hand it a session and to understand its failure.
SESSION_NAMES = {"sqlalchemy.orm.Session"}


def imported(source: Source) -> Iterator[str]:
    """The full dotted name of everything a file imports."""
    for node in ast.walk(source.parse()):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_desk_sees_only_what_is_shared_of_the_gateway() -> None:
    strays = [
        f"{source.path}: {name}"
        for source in python_sources()
        if source.path.startswith("agent_desk/")
        for name in imported(source)
        if name.startswith("softphone.") and name.split(".")[1] not in SHARED
    ]
    assert not strays, "\n".join(strays)


def test_statements_of_sql_are_written_in_the_store_alone() -> None:
    strays = [
        f"{source.path}: {name}"
        for source in python_sources()
        if source.path.startswith(("agent_desk/", "softphone/"))
        and not source.path.startswith(("agent_desk/store/", "agent_desk/models/"))
        for name in imported(source)
        if name.startswith("sqlalchemy")
        and not name.startswith("sqlalchemy.exc.")
        and name not in SESSION_NAMES
    ]
    assert not strays, "\n".join(strays)
