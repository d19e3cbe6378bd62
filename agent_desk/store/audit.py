"""The audit trail: rows appended with their transaction, chained afterwards, verified any time.

A row is appended without a hash, so that a busy desk never waits for another writer's row. One
sealer (`seal`, called once a second by the desk) gives committed rows their position and their
hash, each over the one before, under `DESK_AUDIT_KEY`. Whoever can write the database but has not
the key cannot change, remove, insert or swap a sealed row unnoticed; cutting off the end is found
by the heads appended to a file outside the database each minute. What is less than a second old
is not yet protected.
"""

from __future__ import annotations

import hmac
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, cast, insert, select, type_coerce, update
from sqlalchemy.orm import Session

from agent_desk.models.audit import AuditHead, AuditRow
from agent_desk.store import straight

HEAD_LOG = "audit-head.log"
_GENESIS = "0" * 64
_BEFORE_ALL = -(2**62)
_CHUNK = 1000
# What is chained, in its order; bare columns, for a trail has millions of rows.
_CHAINED: tuple[Any, ...] = (
    AuditRow.id,
    type_coerce(AuditRow.at, BigInteger),  # microseconds, as stored
    AuditRow.actor,
    AuditRow.action,
    AuditRow.subject,
    cast(AuditRow.details, Text),  # read here, for somebody may have made it no JSON
)
_APPEND = insert(AuditRow)  # built once: there is one for nearly everything anybody does
_text = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True)
class Head:
    """How many rows are sealed, and the last one's hash."""

    count: int
    hash: str


@dataclass(frozen=True)
class Flaw:
    """The first place where the chain does not hold. `row_id` is None for a missing row."""

    position: int
    row_id: int | None
    text: str


def append(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note who did what to what, in the caller's transaction.

    `actor` is a username or a part of the product, `action` dotted and stable
    (`customer.record.shown`), `subject` a kind and an id (`customer:12`). `details` hold ids,
    codes and hashes, never a name, a number, an amount or what somebody typed.
    """
    row = {"at": at, "actor": actor, "action": action, "subject": subject}
    straight.write(session, _APPEND, {**row, "details": dict(details or {})})


def head(session: Session) -> Head:
    """The end of the chain."""
    query = (
        select(AuditRow.position, AuditRow.hash)
        .where(AuditRow.position.is_not(None))
        .order_by(AuditRow.position.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return Head(found[0] or 0, found[1] or _GENESIS) if found else Head(0, _GENESIS)


def unsealed(session: Session) -> bool:
    """Whether any row awaits its place in the chain."""
    query = select(AuditRow.id).where(AuditRow.position.is_(None)).limit(1)
    return session.scalar(query) is not None


def seal(session: Session, key: bytes, *, limit: int = _CHUNK) -> int:
    """Chain up to `limit` committed rows in id order; returns how many. One caller at a time."""
    query = select(*_CHAINED).where(AuditRow.position.is_(None)).order_by(AuditRow.id).limit(limit)
    rows = session.execute(query).all()
    if not rows:
        return 0
    last = head(session)
    position, digest = last.count, last.hash
    sealed = []
    for row in rows:
        position += 1
        digest = _chain(key, digest, position, row)
        sealed.append({"row_id": row.id, "position": position, "hash": digest})
    statement = (
        update(AuditRow)
        .where(AuditRow.__table__.c.id == bindparam("row_id"))
        .values(position=bindparam("position"), hash=bindparam("hash"))
    )
    session.connection().execute(statement, sealed)
    return len(sealed)


def note_head(session: Session, *, at: datetime) -> Head:
    """Store the head as a row; the caller appends it to the log after the commit."""
    found = head(session)
    session.execute(insert(AuditHead).values(at=at, count=found.count, hash=found.hash))
    return found


def append_head(log: Path, found: Head, *, at: datetime) -> None:
    """Append the head to the file outside the database, durably; a line that a crash has torn is
    ended first, or it would take this one with it."""
    with log.open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(f"{at.isoformat()} {found.count} {found.hash}\n".encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def read_heads(log: Path) -> list[tuple[int, str]]:
    """Count and hash of each head in the file outside; none when there is no file.

    To be read before the snapshot that is verified: a desk at work notes heads of later rows.
    """
    if not log.exists():
        return []
    heads = []
    for line in log.read_text(encoding="ascii", errors="replace").splitlines():
        parts = line.split()
        # A line torn by a crash has fewer parts or a shorter hash; the next one is whole.
        if len(parts) == 3 and parts[1].isdigit() and len(parts[2]) == len(_GENESIS):
            heads.append((int(parts[1]), parts[2]))
    return heads


def verify(session: Session, key: bytes, heads: Iterable[tuple[int, str]] = ()) -> Flaw | None:
    """The first bad or missing row, or None.

    `heads`, from the file outside (`read_heads`), prove that no end was cut off; without them, or
    when whoever cut off the end could cut the file as well, a trail that merely ends earlier is
    not to be told from one that never went on.
    """
    noted: dict[int, set[str]] = defaultdict(set)
    for count, head_hash in (*session.execute(select(AuditHead.count, AuditHead.hash)), *heads):
        noted[count].add(head_hash)
    digest, expected = _GENESIS, 1
    for position, told, *fields in _sealed_rows(session):
        row_id = fields[0]
        if position < expected:
            return Flaw(position, row_id, f"row {row_id} was never sealed")
        if position != expected:
            return Flaw(expected, None, f"row {expected} is missing; next is {position}")
        try:
            digest = _chain(key, digest, expected, fields)
        except (TypeError, ValueError):
            told = None
        if digest != told:
            return Flaw(expected, row_id, f"row {row_id} is not what was sealed")
        if noted.pop(expected, {digest}) != {digest}:
            return Flaw(expected, row_id, f"row {row_id} is not the head that was noted")
        expected += 1
    longest = max(noted, default=0)
    if longest >= expected:
        return Flaw(expected, None, f"row {expected} is missing: {longest} rows were noted")
    return None


def _sealed_rows(session: Session) -> Iterator[Sequence[Any]]:
    """Every row that has a place, from the lowest on: the first one's is 1, if nobody meddled.

    Position, hash, and what is chained.
    """
    query = (
        select(AuditRow.position, AuditRow.hash, *_CHAINED)
        .where(AuditRow.position > bindparam("after"))
        .order_by(AuditRow.position)
        .limit(_CHUNK)
    )
    after = _BEFORE_ALL
    while True:
        rows = session.execute(query, {"after": after}).all()
        yield from rows
        if len(rows) < _CHUNK:
            return
        after = rows[-1][0]


def _chain(key: bytes, previous: str, position: int, fields: Sequence[Any]) -> str:
    *plain, details = fields
    text = _text([previous, position, *plain, json.loads(details)])
    return hmac.digest(key, text.encode("ascii"), "sha256").hex()
