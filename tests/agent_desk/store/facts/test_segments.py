"""Segments come back as they were written, or are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent_desk.store.facts import segments
from agent_desk.store.facts.segments import DamagedSegment

COLUMNS = {
    "key": np.arange(1000, dtype="<u8"),
    "call_id": np.array([b"a" * 32, b"b"], "S32"),
    "on": np.array([True, False, True]),
    "none": np.empty(0, "<i4"),
}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "00000001.facts"
    segments.write(path, COLUMNS)
    return path


def test_columns_of_any_length_and_type_come_back(written: Path) -> None:
    read = segments.read(written)
    assert read.names == tuple(COLUMNS)
    for name, values in COLUMNS.items():
        column = read.column(name)
        assert column.dtype == values.dtype
        assert column.tolist() == values.tolist()
    read.verify()
    assert [each.name for each in written.parent.iterdir()] == [written.name]


def test_a_column_cannot_be_written_to(written: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        segments.read(written).column("key")[0] = 7


def test_one_changed_bit_is_found(written: Path) -> None:
    found = segments.read(written)
    data = bytearray(written.read_bytes())
    data[found.start + 8] ^= 1
    written.write_bytes(data)
    with pytest.raises(DamagedSegment, match="key"):
        segments.read(written).verify()


@pytest.mark.parametrize("length", [0, 5, 60, 4000])
def test_a_file_that_was_cut_is_refused(written: Path, length: int) -> None:
    written.write_bytes(written.read_bytes()[:length])
    with pytest.raises(DamagedSegment):
        segments.read(written)
