"""The rules of SIP stay apart from sockets, clocks and chance: few modules may touch those."""

from __future__ import annotations

import ast
from pathlib import Path

import softphone.sip.server

FOLDER = Path(softphone.sip.server.__file__).parent
BANNED = {"asyncio", "socket", "time", "random", "secrets", "threading", "datetime"}
SHELL = {
    "calls/ladder.py",
    "server.py",
    "transport/endpoint.py",
    "transport/lifeline.py",
    "transport/resolution.py",
    "transport/streams.py",
    "trunk/addresses.py",
    "trunk/trunk.py",
}
ON_IT = {"transport/mixed.py"}  # touches none of them itself


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
        str(path.relative_to(FOLDER))
        for path in FOLDER.rglob("*.py")
        if {name.partition(".")[0] for name in imported(path)} & BANNED
    }
    assert touching == SHELL


def test_nothing_below_the_shell_imports_it():
    shell = {f"softphone.sip.{name.removesuffix('.py').replace('/', '.')}" for name in SHELL}
    for path in FOLDER.rglob("*.py"):
        if str(path.relative_to(FOLDER)) not in SHELL | ON_IT:
            assert not imported(path) & shell, path
