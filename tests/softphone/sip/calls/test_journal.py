"""The dialog journal over kills, torn lines and full disks."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.sip.calls.journal import DialogJournal, DialogRecord

RECORD = DialogRecord(
    trunk_id="t1",
    call_id="c1",
    phase="confirmed",
    local="<sip:a@b>;tag=1",
    remote='"会社" <sip:c@d>;tag=2',
    cseq=7,
    uri="sip:0901230001@carrier.test",
    via="SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1",
    address=("192.0.2.1", 5060),
    target="sip:line@192.0.2.1",
    routes=("<sip:p;lr>",),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "dialogs"


def test_records_come_back_as_they_were(path):
    journal = DialogJournal(path)
    journal.put(replace(RECORD, phase="early"))
    journal.put(RECORD)
    journal.put(replace(RECORD, call_id="c2", trunk_id="t2"))
    again = DialogJournal(path)
    assert again.records("t1") == [RECORD]
    assert [record.call_id for record in again.records("t2")] == ["c2"]


def test_a_removed_record_stays_removed(path):
    journal = DialogJournal(path)
    journal.put(RECORD)
    journal.put(replace(RECORD, call_id="c2"))
    journal.remove("c1")
    journal.remove("unknown")
    assert [record.call_id for record in DialogJournal(path).records("t1")] == ["c2"]


def test_no_number_stays_on_disk_when_no_call_is_open(path):
    journal = DialogJournal(path)
    journal.put(RECORD)
    assert b"0901230001" in path.read_bytes()
    journal.remove("c1")
    assert path.read_bytes() == b""
    journal.put(replace(RECORD, call_id="c3"))
    assert len(DialogJournal(path).records("t1")) == 1


def test_only_the_owner_may_read_it(path):
    DialogJournal(path).put(RECORD)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_torn_last_line_and_foreign_lines_are_skipped(path):
    journal = DialogJournal(path)
    journal.put(RECORD)
    journal.put(replace(RECORD, call_id="c2"))
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] + b'\n[]\n{"put": {"x": 1}}\n\xff\xfe\n{"del": "nobody"}\n')
    assert [record.call_id for record in DialogJournal(path).records("t1")] == ["c1"]


def test_it_does_not_grow_for_ever(path):
    journal = DialogJournal(path)
    journal.put(RECORD)
    for number in range(3000):
        journal.put(replace(RECORD, call_id=f"x{number}"))
        journal.remove(f"x{number}")
    assert len(path.read_bytes().splitlines()) < 1100
    assert DialogJournal(path).records("t1") == [RECORD]


def test_beside_many_open_dialogs_an_end_does_not_rewrite_them_all(path):
    journal = DialogJournal(path)
    for n in range(1200):
        journal.put(replace(RECORD, call_id=f"live {n}"))
    rewritten = set()
    for n in range(300):
        journal.put(replace(RECORD, call_id=f"short {n}"))
        journal.remove(f"short {n}")
        rewritten.add(path.stat().st_ino)
    assert len(rewritten) == 1


def test_a_journal_that_cannot_be_written_ends_no_call(tmp_path, caplog):
    path = tmp_path / "dialogs"
    path.with_suffix(".new").mkdir()  # nothing can be written in its place
    journal = DialogJournal(path)
    journal.put(RECORD)
    journal.remove("c1")
    assert "cannot rewrite" in caplog.text and not path.exists()
