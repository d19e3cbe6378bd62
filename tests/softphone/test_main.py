"""Starting the gateway where it cannot start: it says why, in words, and leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.processes


def start(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "DESK_DATA_DIR": str(tmp_path),
        "GATEWAY_SECRET": "a secret between the two",
        **settings,
    }
    return subprocess.run(
        [sys.executable, "-m", "softphone"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_wrong_settings_are_named_all_at_once(tmp_path: Path) -> None:
    done = start(tmp_path, RTP_PORTS="many", SIP_TRUNK="no port:here")
    assert done.returncode == 1
    assert "RTP_PORTS" in done.stderr and "SIP_TRUNK" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_epoch_file_is_not_taken_for_no_epoch(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    folder.mkdir()
    (folder / "epoch").write_text("seven")
    done = start(tmp_path, SIP_TRUNK="127.0.0.1:5070")
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = start(
        tmp_path, SIP_TRUNK="127.0.0.1:5070", GATEWAY_DATA_DIR=str(tmp_path / "file" / "below")
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
