"""The audit trail: sealed in order, and every kind of tampering is named."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, literal_column, select, update

from agent_desk.models.audit import AuditHead, AuditRow
from agent_desk.store import audit
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import at

KEY = b"a" * 32


def write(database: Database, count: int, start: int = 0) -> None:
    with database.write() as session:
        for number in range(start, start + count):
            audit.append(
                session,
                at=at(number),
                actor="operator1",
                action="customer.record.shown",
                subject=f"customer:{number}",
                details={"call": "c", "full": True},
            )


def seal(database: Database) -> int:
    with database.write() as session:
        return audit.seal(session, KEY)


def flaw(database: Database, log: Path | None = None, key: bytes = KEY) -> audit.Flaw | None:
    heads = audit.read_heads(log) if log is not None else []
    with database.read() as session:
        return audit.verify(session, key, heads)


@pytest.fixture
def sealed(database: Database) -> Database:
    write(database, 6)
    assert seal(database) == 6
    return database


def ids(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(select(AuditRow.id).order_by(AuditRow.id)))


def test_rows_are_chained_in_id_order_over_several_seals(sealed: Database) -> None:
    write(sealed, 2, start=6)
    assert seal(sealed) == 2 and seal(sealed) == 0
    with sealed.read() as session:
        positions = session.scalars(select(AuditRow.position).order_by(AuditRow.id)).all()
    assert positions == list(range(1, 9))
    assert flaw(sealed) is None


def test_unsealed_rows_are_not_a_flaw(sealed: Database) -> None:
    write(sealed, 1, start=6)
    with sealed.read() as session:
        assert audit.unsealed(session)
    assert flaw(sealed) is None


def test_an_id_used_up_by_a_rollback_leaves_no_gap(sealed: Database) -> None:
    with pytest.raises(ZeroDivisionError), sealed.write() as session:
        audit.append(session, at=at(), actor="a", action="b", subject="c")
        raise ZeroDivisionError
    write(sealed, 1, start=6)
    seal(sealed)
    assert flaw(sealed) is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody"},
        {"action": "x"},
        {"subject": "customer:99"},
        {"details": {"call": "c", "full": False}},
        {"hash": "改"},
        {"at": at(99)},
        {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_row_is_named(sealed: Database, change: dict[str, object]) -> None:
    victim = ids(sealed)[3]
    with sealed.write() as session:
        session.execute(update(AuditRow).where(AuditRow.id == victim).values(**change))
    found = flaw(sealed)
    assert found is not None and (found.position, found.row_id) == (4, victim)


def test_f38_a_row_that_is_no_longer_json_is_named(sealed: Database) -> None:
    victim = ids(sealed)[3]
    broken = literal_column("'{'" if sealed.dialect == "sqlite" else "'null'::json")
    with sealed.write() as session:
        session.execute(update(AuditRow).where(AuditRow.id == victim).values(details=broken))
    found = flaw(sealed)
    assert found is not None and found.row_id == victim


def test_a_removed_row_is_missed_at_its_place(sealed: Database) -> None:
    with sealed.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.id == ids(sealed)[2]))
    found = flaw(sealed)
    assert found is not None and (found.position, found.row_id) == (3, None)


def test_swapped_rows_are_named(sealed: Database) -> None:
    first, second = ids(sealed)[1:3]
    with sealed.write() as session:
        for row_id, position in ((first, 99), (second, 2), (first, 3)):
            session.execute(update(AuditRow).where(AuditRow.id == row_id).values(position=position))
    assert flaw(sealed) is not None


def test_a_row_put_in_by_hand_is_named(sealed: Database) -> None:
    values = {"at": at(), "actor": "a", "action": "b", "subject": "c", "details": {}}
    with sealed.write() as session:
        session.execute(insert(AuditRow).values(position=7, hash="0" * 64, **values))
    found = flaw(sealed)
    assert found is not None and found.position == 7


def test_an_end_that_was_cut_off_is_missed_by_the_heads(sealed: Database, tmp_path: Path) -> None:
    log = tmp_path / audit.HEAD_LOG
    with sealed.write() as session:
        head = audit.note_head(session, at=at(60))
    audit.append_head(log, head, at=at(60))
    write(sealed, 2, start=6)
    seal(sealed)
    assert flaw(sealed, log) is None
    with sealed.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.id.in_(ids(sealed)[4:])))
        session.execute(delete(AuditHead))
    assert flaw(sealed) is None  # the chain alone cannot know
    found = flaw(sealed, log)
    assert found is not None and found.position == 5


def test_another_key_verifies_nothing(sealed: Database) -> None:
    assert flaw(sealed, key=b"b" * 32) is not None


def test_a_torn_line_of_the_log_is_passed_over(sealed: Database, tmp_path: Path) -> None:
    log = tmp_path / audit.HEAD_LOG
    log.write_text("2026-11-24T03:00:00+00:00 4 abc", encoding="ascii")
    assert flaw(sealed, log) is None


def test_any_single_edit_of_a_longer_trail_is_found(database: Database) -> None:
    write(database, 60)
    seal(database)
    rng = random.Random(1)
    everything = ids(database)
    for _ in range(15):
        victim = rng.randrange(len(everything))
        where = AuditRow.id == everything[victim]
        with database.write() as session:
            before = session.scalar(select(AuditRow.subject).where(where))
            session.execute(update(AuditRow).where(where).values(subject=f"x{before}"))
        found = flaw(database)
        assert found is not None and found.row_id == everything[victim]
        with database.write() as session:
            session.execute(update(AuditRow).where(where).values(subject=before))
    assert flaw(database) is None
