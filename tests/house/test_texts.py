"""Files carry no tabs, no unfinished business, no path of a developer's machine, no waiting."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from tests.house.sources import ROOT, python_sources, texts

# In two pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
SLEEPS = {"time.sleep", "asyncio.sleep", "eventlet.sleep", "sleep"}
# The one place where a test may wait: it polls with a deadline.
WAITING = "tests/waiting.py"
# On the line of a sleep that is no waiting: a stand-in that sends something at a rate.
PACE = "# pace: "


def test_no_file_is_indented_with_tabs() -> None:
    tabbed = [
        source.path for source in texts() if "\t" in source.text and not made_of_tabs(source.path)
    ]
    assert not tabbed, "\n".join(tabbed)


def made_of_tabs(path: str) -> bool:
    """Whether the format itself demands tabs."""
    return path == "Makefile"


def test_nothing_is_left_unfinished() -> None:
    assert [source.path for source in texts() if UNFINISHED.search(source.text)] == []


def test_no_path_of_this_machine_is_in_the_tree() -> None:
    here = [str(ROOT), str(Path.home())]
    found = [
        f"{source.path}: {path}"
        for source in texts()
        for path in here
        if len(path) > 1 and re.search(rf"(?<![\w.~-]){re.escape(path)}(?![\w-])", source.text)
    ]
    assert not found, "\n".join(found)


def test_no_address_of_a_private_registry_is_in_the_lock_file() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    addresses = [package.get("resolved", "") for package in lock["packages"].values()]
    assert [url for url in addresses if url and "//registry.npmjs.org/" not in url] == []
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)


def test_tests_do_not_sleep() -> None:
    sleeping = [
        f"{source.path}:{node.lineno}"
        for source in python_sources()
        if source.path.startswith("tests/") and source.path != WAITING
        for node in ast.walk(source.parse())
        if isinstance(node, ast.Call) and is_sleep(node)
        if PACE not in source.text.splitlines()[node.lineno - 1]
    ]
    assert not sleeping, "\n".join(sleeping)


def is_sleep(call: ast.Call) -> bool:
    """Whether the call waits a fixed time; `asyncio.sleep(0)` only gives way."""
    name = ast.unparse(call.func)
    if name.endswith("wait_for_timeout"):  # Playwright's sleep
        return True
    gives_way = len(call.args) == 1 and ast.unparse(call.args[0]) in ("0", "0.0")
    return name in SLEEPS and not gives_way
