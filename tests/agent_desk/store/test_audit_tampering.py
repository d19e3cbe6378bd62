"""F38: random edits, deletions, swaps, truncations and insertions; each is found, the first place
that is bad is named.

A tampering happens in a transaction that is undone, so that a thousand of them need one trail.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.audit import AuditHead, AuditRow
from agent_desk.store import audit
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import at

KEY = b"t" * 32
ROWS = 60
TAMPERINGS = int(os.environ.get("AUDIT_TAMPERINGS", "96"))  # all of them: make soak CRASHES=1
SEED = 20301126

# A tampering returns the first position that is bad, or -1 when only the log can tell.
Tampering = Callable[[Session, random.Random], int]


class Undone(Exception):
    """Ends a transaction that must leave nothing."""


@pytest.fixture(scope="module")
def trail(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    folder = tmp_path_factory.mktemp("trail")
    (folder / "trail.db").write_bytes(sqlite_template.read_bytes())
    made = Trail(Database(f"sqlite:///{folder / 'trail.db'}"), folder / audit.HEAD_LOG)
    yield made
    made.database.close()


class Trail:
    """A sealed trail of some days, its head noted outside after every tenth row and at the end."""

    def __init__(self, database: Database, log: Path) -> None:
        self.database, self.log = database, log
        for start in range(0, ROWS, 10):
            with database.write() as session:
                for number in range(start, start + 10):
                    audit.append(
                        session,
                        at=at(60.0 * number),
                        actor=f"operator{number % 5}",
                        action=("customer.record.shown", "campaign.paused")[number % 2],
                        subject=f"customer:{number}",
                        details={"call": f"c{number}", "full": bool(number % 3), "n": number},
                    )
                audit.seal(session, KEY)
                head = audit.note_head(session, at=at(60.0 * (start + 10)))
            audit.append_head(log, head, at=at(60.0 * (start + 10)))

    def judged_after(self, tampering: Tampering, rng: random.Random) -> tuple[int, object]:
        """Which place was made bad, and what the verifier says."""
        heads = audit.read_heads(self.log)
        answer: tuple[int, object] = (0, None)
        try:
            with self.database.write() as session:
                wanted = tampering(session, rng)
                session.flush()
                session.expunge_all()
                answer = wanted, audit.verify(session, KEY, heads)
                raise Undone
        except Undone:
            return answer


def row_at(session: Session, position: int) -> dict[str, object]:
    table = AuditRow.__table__
    found = session.execute(select(table).where(table.c.position == position)).one()
    return dict(found._mapping)


def set_row(session: Session, row_id: object, **values: object) -> None:
    session.execute(update(AuditRow).where(AuditRow.id == row_id).values(**values))


def edit(session: Session, rng: random.Random) -> int:
    position = rng.randint(1, ROWS)
    row = row_at(session, position)
    column = rng.choice(("at", "actor", "action", "subject", "details", "hash", "id"))
    value = {
        "at": at(60.0 * (position - 1) + rng.choice((-1e-6, 1e-6, 1.0, 86_400.0))),
        "actor": f"{row['actor']}x",
        "action": "customer.record.hidden",
        "subject": f"customer:{position + 1000}",
        "details": {**row["details"], "n": str(row["details"]["n"])},  # type: ignore[dict-item, index]
        "hash": "".join(reversed(str(row["hash"]))),
        "id": 100_000 + position,
    }[column]
    set_row(session, row["id"], **{column: value})
    return position


def remove(session: Session, rng: random.Random) -> int:
    position = rng.randint(1, ROWS)
    session.execute(delete(AuditRow).where(AuditRow.position == position))
    return position


def remove_and_close_the_gap(session: Session, rng: random.Random) -> int:
    position = rng.randint(1, ROWS)
    session.execute(delete(AuditRow).where(AuditRow.position == position))
    for later in range(position + 1, ROWS + 1):
        set_row(session, row_at(session, later)["id"], position=later - 1)
    return position


def truncate(session: Session, rng: random.Random) -> int:
    position = rng.randint(1, ROWS)
    session.execute(delete(AuditRow).where(AuditRow.position >= position))
    session.execute(delete(AuditHead).where(AuditHead.count >= position))
    return position


def behead(session: Session, rng: random.Random) -> int:
    """The oldest rows go."""
    session.execute(delete(AuditRow).where(AuditRow.position <= rng.randint(1, ROWS)))
    return 1


def swap_places(session: Session, rng: random.Random) -> int:
    first, second = sorted(rng.sample(range(1, ROWS + 1), 2))
    ids = [row_at(session, place)["id"] for place in (first, second)]
    set_row(session, ids[0], position=10_000)
    set_row(session, ids[1], position=first)
    set_row(session, ids[0], position=second)
    return first


def swap_words(session: Session, rng: random.Random) -> int:
    """Ids, places and hashes stay; what the rows say changes places."""
    first, second = sorted(rng.sample(range(1, ROWS + 1), 2))
    one, other = row_at(session, first), row_at(session, second)
    for to, words in ((one, other), (other, one)):
        said = {name: words[name] for name in ("at", "actor", "action", "subject", "details")}
        set_row(session, to["id"], **said)
    return first


def insert_row(session: Session, rng: random.Random) -> int:
    """A sealed row from nowhere: at the end, before the beginning, or in the place of another."""
    position = rng.choice((ROWS + 1, 0, -1, -7, rng.randint(1, ROWS)))
    copied = row_at(session, rng.randint(1, ROWS))
    if 1 <= position <= ROWS:
        session.execute(delete(AuditRow).where(AuditRow.position == position))
    values = {**copied, "id": 200_000, "position": position}
    session.execute(insert(AuditRow).values(**values))
    return position


def put_back_changed(session: Session, rng: random.Random) -> int:
    """Removed, and put back under the same id and in the same place, with other words."""
    position = rng.randint(1, ROWS)
    row = row_at(session, position)
    session.execute(delete(AuditRow).where(AuditRow.id == row["id"]))
    session.execute(insert(AuditRow).values(**{**row, "subject": "customer:0000"}))
    return position


def unseal(session: Session, rng: random.Random) -> int:
    """A row taken out of the chain, as if it awaited its place."""
    position = rng.randint(1, ROWS)
    values: dict[str, object] = {"position": None, "actor": "somebody else"}
    if rng.random() < 0.5:
        values["hash"] = None
    set_row(session, row_at(session, position)["id"], **values)
    return position


def unseal_the_end(session: Session, rng: random.Random) -> int:
    """Changed, taken out of the chain, and sealed anew by a desk that suspects nothing."""
    position = rng.randint(1, ROWS)
    session.execute(
        update(AuditRow).where(AuditRow.position >= position).values(position=None, hash=None)
    )
    first = session.scalar(select(func.min(AuditRow.id)).where(AuditRow.position.is_(None)))
    set_row(session, first, actor="somebody else")
    audit.seal(session, KEY)
    # Known to be wrong at the next head that was noted; nothing between is provable.
    return -(-position // 10) * 10


TAMPERINGS_KNOWN: tuple[Tampering, ...] = (
    *(edit, edit, remove, remove_and_close_the_gap, truncate, behead, swap_places, swap_words),
    *(insert_row, put_back_changed, unseal, unseal_the_end),
)


def test_f38_every_random_tampering_is_found_and_its_first_place_named(trail: Trail) -> None:
    rng = random.Random(SEED)
    assert trail.judged_after(lambda session, rng: 0, rng) == (0, None)
    for number in range(TAMPERINGS):
        tampering = TAMPERINGS_KNOWN[number % len(TAMPERINGS_KNOWN)]
        wanted, flaw = trail.judged_after(tampering, rng)
        assert isinstance(flaw, audit.Flaw), f"{number}: {tampering.__name__} at {wanted}"
        assert flaw.position == wanted, f"{number}: {tampering.__name__} at {wanted}: {flaw}"
    assert trail.judged_after(lambda session, rng: 0, rng) == (0, None)


def test_a_head_the_log_never_had_is_found(trail: Trail) -> None:
    heads = audit.read_heads(trail.log)
    forged = [(ROWS, "0" * 64), *heads]
    with trail.database.read() as session:
        for order in (forged, [*heads, (ROWS, "0" * 64)]):
            found = audit.verify(session, KEY, order)
            assert found is not None and found.position == ROWS


def test_a_head_that_is_noted_while_the_trail_is_read_is_no_flaw(trail: Trail) -> None:
    """The desk goes on: what it notes after the snapshot was taken is not asked for."""
    heads = audit.read_heads(trail.log)
    with trail.database.read() as session:
        trail.log.write_text(trail.log.read_text() + f"{at()} {ROWS + 5} {'a' * 64}\n")
        assert audit.verify(session, KEY, heads) is None


def test_a_line_torn_by_a_crash_costs_no_later_one(tmp_path: Path) -> None:
    log = tmp_path / audit.HEAD_LOG
    log.write_text("2026-11-24T03:00:00+00:00 4 abc", encoding="ascii")
    audit.append_head(log, audit.Head(7, "b" * 64), at=at())
    assert audit.read_heads(log) == [(7, "b" * 64)]
