"""The doors of the tree, `make` and `.ci/run`, are what the README and the servers expect."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.house.sources import ROOT

TARGETS = {"run", "test", "check", "setup", "migrate", "diagram", "bench", "soak", "reset"}
TARGETS |= {"desk", "gateway", "practice-carrier"}  # one part alone


def test_bare_make_prints_help_with_every_target() -> None:
    command = ["make", "--no-print-directory"]  # this test runs inside another make
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert set(listed) == TARGETS | {"help"}


def test_continuous_integration_runs_exactly_make_test() -> None:
    *_, last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert last.endswith("exec make test")


@pytest.mark.parametrize("path", sorted(path.name for path in (ROOT / "tools").glob("*.sh")))
def test_scripts_are_plain_sh(path: str) -> None:
    shell = shutil.which("dash") or "sh"
    script = ROOT / "tools" / path
    done = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert script.stat().st_mode & 0o100, f"{path} cannot be executed"
