"""The sealer: what was committed is chained, and the head is noted outside the database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from agent_desk.clock import SystemClock
from agent_desk.models.audit import AuditRow
from agent_desk.services.running.audit_seal import AuditSealer
from agent_desk.store import audit, system
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, at

KEY = b"k" * 32


def test_rows_are_sealed_and_heads_noted(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    sealer = AuditSealer(
        database=database, key=KEY, clock=SystemClock(start=NOON), data_dir=tmp_path, epoch=1
    )
    assert sealer.seal() == 0
    with database.write() as session:
        for number in range(3):
            audit.append(session, at=at(), actor="a", action="b", subject=f"c:{number}")
    assert (sealer.seal(), sealer.seal()) == (3, 0)
    head = sealer.note_head()
    line = (tmp_path / audit.HEAD_LOG).read_text("ascii")
    assert head is not None and head.count == 3 and line.endswith(f" 3 {head.hash}\n")
    with database.read() as session:
        assert audit.verify(session, KEY, audit.read_heads(tmp_path / audit.HEAD_LOG)) is None
    database.close()


def test_what_was_changed_between_two_heads_is_found_although_it_was_sealed_anew(
    sqlite_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    sealer = AuditSealer(
        database=database, key=KEY, clock=SystemClock(start=NOON), data_dir=tmp_path, epoch=1
    )
    for number in range(3):
        with database.write() as session:
            audit.append(session, at=at(), actor="a", action="b", subject=f"c:{number}")
        sealer.seal()
    assert audit.read_heads(tmp_path / audit.HEAD_LOG) == []
    with database.write() as session:
        taken_out = {"position": None, "hash": None, "subject": "c:99"}
        session.execute(update(AuditRow).where(AuditRow.position >= 2).values(**taken_out))
    assert sealer.seal() == 2
    with database.read() as session:
        assert audit.verify(session, KEY) is None, "the chain alone cannot know"
        found = audit.verify(session, KEY, audit.read_heads(tmp_path / audit.HEAD_LOG))
    assert found is not None and found.position == 3
    database.close()


def test_a_desk_that_was_taken_over_from_seals_nothing_more(
    database_url: str, tmp_path: Path
) -> None:
    database = Database(database_url)
    with database.write() as session:
        epoch = system.begin_epoch(session)
        audit.append(session, at=at(), actor="a", action="b", subject="c:1")
    older = AuditSealer(
        database=database, key=KEY, clock=SystemClock(start=NOON), data_dir=tmp_path, epoch=epoch
    )
    with database.write() as session:
        system.begin_epoch(session)
    assert (older.seal(), older.note_head()) == (0, None)
    with database.read() as session:
        assert audit.unsealed(session)
    database.close()
