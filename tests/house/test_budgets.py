"""Modules and functions stay small enough to be read at one sitting.

A longer one needs a row in an allow-list below with its reason; a row that is not needed any more
fails as well.
"""

from __future__ import annotations

import ast

from tests.house.sources import Source, python_sources, texts

MODULE_LINES = 350
TEST_MODULE_LINES = 600  # a file of tests is a list: each is read alone
FUNCTION_LINES = 50
# A migration is a list of columns that is written once and never worked on again.
UNBOUNDED_FUNCTIONS = "migrations/versions/"

# path -> why it is one module all the same
LONG_MODULES: dict[str, str] = {}
# path:function -> why it is one function all the same
LONG_FUNCTIONS: dict[str, str] = {}


def functions(source: Source) -> list[tuple[str, int]]:
    """The name and length in lines of each function, decorators and docstring left out."""
    found = []
    for node in ast.walk(source.parse()):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node) is not None
            first = node.body[0].end_lineno if documented else node.lineno
            assert node.end_lineno is not None and first is not None
            found.append((f"{source.path}:{node.name}", node.end_lineno - first + 1))
    return found


def budget(path: str) -> int:
    """How many lines the module may have."""
    return TEST_MODULE_LINES if path.startswith("tests/") else MODULE_LINES


def test_no_module_is_longer_than_the_budget() -> None:
    long = {
        source.path: lines
        for source in texts()
        if source.path.endswith((".py", ".js"))
        and (lines := source.text.count("\n")) > budget(source.path)
    }
    assert {path: lines for path, lines in long.items() if path not in LONG_MODULES} == {}
    assert set(LONG_MODULES) <= set(long), "a row of LONG_MODULES is not needed any more"


def test_no_function_is_longer_than_the_budget() -> None:
    long = {
        name: lines
        for source in python_sources()
        for name, lines in functions(source)
        if lines > FUNCTION_LINES and not name.startswith(UNBOUNDED_FUNCTIONS)
    }
    assert {name: lines for name, lines in long.items() if name not in LONG_FUNCTIONS} == {}
    assert set(LONG_FUNCTIONS) <= set(long), "a row of LONG_FUNCTIONS is not needed any more"
