"""The pictures of the machines are those of the tables, not of last month's."""

from __future__ import annotations

from tools.diagram import drawings


def test_the_pictures_in_the_docs_are_drawn_from_the_tables() -> None:
    stale = [
        path.name
        for path, text in drawings().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, f"run `make diagram`: {stale}"
