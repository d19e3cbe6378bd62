"""One writer per data directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent_desk.store.lock import DataDirectoryLocked, is_locked, lock_data_directory


def test_a_second_holder_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    with lock_data_directory(tmp_path):
        assert is_locked(tmp_path)
        with pytest.raises(DataDirectoryLocked, match=str(os.getpid())):
            lock_data_directory(tmp_path)
    assert not is_locked(tmp_path)


def test_a_killed_holder_leaves_no_lock_behind(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from agent_desk.store.lock import *;"
        "held = lock_data_directory(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        assert is_locked(tmp_path)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with lock_data_directory(tmp_path):
        pass
