"""Modules are named by what they hold, say so in one sentence, and packages hold nothing."""

from __future__ import annotations

import ast
from pathlib import PurePath

from tests.house.sources import python_sources

NAMES_OF_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}


def test_packages_are_empty() -> None:
    # A framework import there would be loaded with every module below it, the core included.
    full = [
        source.path
        for source in python_sources()
        if source.path.endswith("__init__.py") and source.text
    ]
    assert not full, "\n".join(full)


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = [
        source.path
        for source in python_sources()
        if NAMES_OF_NOTHING & set(PurePath(source.path).stem.split("_"))
        or NAMES_OF_NOTHING & set(PurePath(source.path).parts)
    ]
    assert not drawers, "\n".join(drawers)


def test_every_module_says_what_it_is() -> None:
    silent = [
        source.path
        for source in python_sources()
        if not source.path.endswith("__init__.py") and ast.get_docstring(source.parse()) is None
    ]
    assert not silent, "\n".join(silent)
