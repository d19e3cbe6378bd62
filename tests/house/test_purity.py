"""The core, the gateway link and the protocol load without any framework.

The import contracts cannot see a parent package, so this looks at what a fresh interpreter really
loads.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.sources import ROOT

FRAMEWORKS = ("flask", "flask_socketio", "sqlalchemy", "wtforms", "eventlet", "asyncio", "aiortc")
PURE = (
    "agent_desk.dialer.engine",
    "agent_desk.gateway.link",
    "softphone.protocol",
    "softphone.recording_file",
)


@pytest.mark.parametrize("module", PURE)
def test_a_fresh_interpreter_loads_no_framework(module: str) -> None:
    probe = f"import sys, {module}; print(*[m for m in {FRAMEWORKS!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
