"""A broad `except` stands only in the loop of a process, with `# boundary: reason` beside it."""

from __future__ import annotations

import ast

from tests.house.sources import python_sources

BROAD = {"Exception", "BaseException"}


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether the handler catches everything."""
    caught = handler.type
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(kind, ast.Name) and kind.id in BROAD for kind in kinds)


def test_a_broad_except_says_which_boundary_it_guards() -> None:
    unexplained = []
    for source in python_sources():
        if "except" not in source.text:
            continue
        lines = source.text.splitlines()
        for node in ast.walk(source.parse()):
            if isinstance(node, ast.ExceptHandler) and is_broad(node):
                _, marker, reason = lines[node.lineno - 1].partition("# boundary: ")
                if not (marker and reason.strip()):
                    unexplained.append(f"{source.path}:{node.lineno}")
    assert not unexplained, "\n".join(unexplained)
