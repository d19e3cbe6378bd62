"""What `make check` judges holds: lint, format, types, import arrows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

TOOLS = Path(sys.executable).parent


@pytest.mark.timeout(400)  # a first run of mypy reads the whole of SQLAlchemy
@pytest.mark.parametrize(
    "command",
    ["ruff check .", "ruff format --check .", "mypy", "lint-imports"],
)
def test_the_tree_passes(command: str) -> None:
    tool, *arguments = command.split()
    done = subprocess.run(
        [str(TOOLS / tool), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
