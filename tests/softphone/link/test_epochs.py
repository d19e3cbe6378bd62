"""A desk that was superseded cannot command, not even after a restart of the gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.link.epochs import EpochFile


def test_an_older_epoch_is_refused_after_a_newer_one(tmp_path: Path) -> None:
    epochs = EpochFile(tmp_path / "epoch")
    assert epochs.admit(7)
    assert epochs.admit(7)
    assert not epochs.admit(6)
    assert epochs.newest == 7


def test_the_newest_epoch_survives_a_restart(tmp_path: Path) -> None:
    EpochFile(tmp_path / "epoch").admit(7)
    again = EpochFile(tmp_path / "epoch")
    assert again.newest == 7
    assert not again.admit(6)


def test_a_damaged_file_is_not_taken_for_no_epoch(tmp_path: Path) -> None:
    (tmp_path / "epoch").write_text("seven")
    with pytest.raises(ValueError, match="damaged"):
        EpochFile(tmp_path / "epoch")
