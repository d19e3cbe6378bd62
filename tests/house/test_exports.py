"""F37: whoever writes CSV makes its cells inert, and every file handed out is in the sweep."""

from __future__ import annotations

import ast

import pytest

from tests.agent_desk.routes.test_hostile_exports import FILES
from tests.house.sources import Source, python_sources

# The worker's own way to a file that a page hands out.
INTERNAL = "/internal/"


def desk_sources() -> list[Source]:
    return [source for source in python_sources() if source.path.startswith("agent_desk/")]


def test_whoever_writes_csv_makes_its_cells_inert() -> None:
    careless = [
        source.path
        for source in desk_sources()
        if "csv.writer" in source.text or "csv.DictWriter" in source.text
        if "inert(" not in source.text and "map(inert" not in source.text
    ]
    assert not careless, careless


@pytest.mark.parametrize("named", ['"text/csv', "csv_download("])
def test_every_route_that_hands_out_csv_is_in_the_sweep(named: str) -> None:
    missing = [
        f"{source.path}: {route}"
        for source in desk_sources()
        if source.path.startswith("agent_desk/routes/") and named in source.text
        for route in _routes(source, named)
        if route not in FILES and not route.startswith(INTERNAL)
    ]
    assert not missing, missing


def _routes(source: Source, named: str) -> list[str]:
    """The addresses of the functions in which a text stands."""
    tree = source.parse()
    prefix = "".join(
        str(ast.literal_eval(word.value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Blueprint"
        for word in node.keywords
        if word.arg == "url_prefix"
    )
    return [
        prefix + str(ast.literal_eval(mark.args[0]))
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and named in (ast.get_source_segment(source.text, node) or "")
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).startswith("blueprint.")
    ]
