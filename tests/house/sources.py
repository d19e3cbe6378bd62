"""What the sweeps of this directory look at: every source file of the tree, read once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SUFFIXES = {".py", ".js", ".css", ".html", ".md", ".toml", ".sh", ".service", ".json", ".svg"}
GENERATED = {"vendor", "node_modules", "__pycache__", "data", "var", "test-results"}


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the tree, and its text."""

    path: str
    text: str

    def parse(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return ast.parse(self.text, filename=self.path)


@cache
def texts() -> tuple[Source, ...]:
    """Every text file of the tree that a person wrote."""
    found = [path for path in _walk(ROOT) if path.suffix in SUFFIXES or path.name == "Makefile"]
    return tuple(
        Source(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in sorted(found)
    )


@cache
def python_sources() -> tuple[Source, ...]:
    """Every Python file of the tree."""
    return tuple(source for source in texts() if source.path.endswith(".py"))


def _walk(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.name.startswith(".") and path.name != ".ci":
            continue
        if path.is_dir():
            if path.name not in GENERATED:
                yield from _walk(path)
        elif path.is_file():
            yield path
