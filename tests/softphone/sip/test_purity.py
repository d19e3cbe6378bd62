"""The rules of SIP stay apart from sockets, clocks and chance: few modules may touch those."""

from __future__ import annotations

import ast
from pathlib import Path

import softphone.sip.message

FOLDER = Path(softphone.sip.message.__file__).parent
BANNED = {"asyncio", "socket", "time", "random", "secrets", "threading", "datetime"}
SHELL = {
    "ladder.py",
    "endpoint.py",
    "lifeline.py",
    "resolution.py",
    "server.py",
    "streams.py",
    "trunk.py",
    "trunk_addresses.py",
}
ON_IT = {"mixed.py"}  # touches none of them itself


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_only_the_shell_touches_sockets_clocks_and_chance():
    touching = {
        path.name
        for path in FOLDER.glob("*.py")
        if {name.partition(".")[0] for name in imported(path)} & BANNED
    }
    assert touching == SHELL


def test_nothing_below_the_shell_imports_it():
    shell = {f"softphone.sip.{name.removesuffix('.py')}" for name in SHELL}
    for path in FOLDER.glob("*.py"):
        if path.name not in SHELL | ON_IT:
            assert not imported(path) & shell, path.name
