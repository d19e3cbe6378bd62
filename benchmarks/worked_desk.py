"""A database as a desk leaves it that has called for a while: what a backup and its checks meet.

Three calls to each customer, on three days; of each its attempt, its outcome, its moves of a seat
and its rows of the audit trail, sealed: about 2.5 KB a call. Made by bulk SQL.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from agent_desk.models.audit import AuditRow
from agent_desk.models.base import to_microseconds
from agent_desk.models.users import User
from agent_desk.store import audit, schema
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import lists
from agent_desk.store.unit_of_work import Database

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
_NOW = to_microseconds(NOW)
_DAY = to_microseconds(NOW) - to_microseconds(NOW - timedelta(days=1))
AT_ONCE = 6_000  # calls in a transaction
SEATS = 50
ROWS_OF_THE_TRAIL = ("call.leased", "customer.record.shown", "call.result.saved")


def fill(database: Database, calls: int, key: bytes) -> None:
    """So many calls, rounded up to 6,000; none: a new desk. `key` seals the trail."""
    schema.upgrade(database)
    if not calls:
        return
    with database.write() as session:
        _people(session)
    for first in range(1, calls + 1, AT_ONCE):
        with database.write() as session:
            span = {"first": first, "last": first + AT_ONCE - 1}
            for statement in _STATEMENTS:
                session.execute(text(f"{_NUMBERS}{statement}"), span)
            numbers = range(span["first"], span["last"] + 1)
            session.execute(
                insert(AuditRow),
                [_told(number, action) for number in numbers for action in ROWS_OF_THE_TRAIL],
            )
            audit.seal(session, key, limit=AT_ONCE * len(ROWS_OF_THE_TRAIL))


def _people(session: Session) -> None:
    """One campaign with its list, and the operators, who log in."""
    product_id = campaigns.add_product(session, "bench")
    campaigns.add_campaign(
        session, at=NOW, name="bench", kind="sales", product_id=product_id, running="running"
    )
    lists.list_id_of(session, "bench", product_id, source="bench", at=NOW)
    for seat in range(SEATS):
        who = {"username": f"operator{seat}", "name": "x", "role": "operator"}
        session.execute(insert(User).values(**who, password_hash="x", created_at=NOW))
    session.execute(
        text(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :seats)"
            " INSERT INTO seat_moves (id, seat_id, user_id, from_state, to_state, cause, at)"
            f" SELECT i, 'seat' || i, i, 'offline', 'available', 'command', {_NOW - 30 * _DAY}"
            " FROM n"
        ),
        {"seats": SEATS},
    )


def _told(number: int, action: str) -> dict[str, object]:
    details = {"call": f"{number:032x}", "why": "x" * 40}
    subject = f"customer:{(number + 2) // 3}"
    told = {"actor": f"operator{number % SEATS}", "action": action, "subject": subject}
    return {**told, "at": NOW, "details": details}


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
_LEASED = f"{_NOW} - (1 + i % 3) * {_DAY} + i % 10000 * 1000000"
_MOVED = f"{_NOW} - 29 * {_DAY} + i * 1000000"
_ID = "printf('%032x', i)"


def _move(place: int, left: str, entered: str, call: str) -> str:
    return (
        "INSERT INTO seat_moves (id, seat_id, user_id, from_state, to_state, cause, call_id, at)"
        f" SELECT {SEATS} + 3 * i + {place}, 'seat' || (i % {SEATS} + 1), i % {SEATS} + 1,"
        f" '{left}', '{entered}', 'command', {call}, {_MOVED} + {place} FROM n"
    )


_STATEMENTS = (
    "INSERT INTO customers (id, source, name_sealed, name_key, created_at, updated_at)"
    f" SELECT i / 3, 'bench', randomblob(48), hex(randomblob(32)), {_NOW}, {_NOW}"
    " FROM n WHERE i % 3 = 0",
    "INSERT INTO phones (id, customer_id, position, kind, number_sealed, number_key, created_at)"
    f" SELECT i / 3, i / 3, 1, 'mobile', randomblob(42), hex(randomblob(32)), {_NOW}"
    " FROM n WHERE i % 3 = 0",
    "INSERT INTO list_entries"
    " (id, list_id, customer_id, priority, state, next_at, tries, ladder_times, created_at)"
    f" SELECT i / 3, 1, i / 3, 3, 'ready', {_NOW}, 5, 0, {_NOW} FROM n WHERE i % 3 = 0",
    "INSERT INTO attempts (id, campaign_id, list_entry_id, customer_id, phone_id, number_key,"
    " number_today, cap_today, trunk_id, gateway_id, desk_epoch, leased_at, not_after,"
    " placed_at, open, counts)"
    f" SELECT {_ID}, 1, phones.id, phones.id, phones.id, number_key, 1, 2, 'trunk1', 'gw1', 1,"
    f" {_LEASED}, {_LEASED} + 30000000, {_LEASED} + 200000, 0, 1"
    " FROM n JOIN phones ON phones.id = (i + 2) / 3",
    "INSERT INTO calls (id, campaign_id, customer_id, seat_user_id, state, live, since, leased_at,"
    " rang_at, answered_at, bridged_at, ended_at, ended_by, identity, record)"
    f" SELECT {_ID}, 1, (i + 2) / 3, i % {SEATS} + 1, 'ended', 0, {_LEASED}, {_LEASED},"
    f" {_LEASED} + 2000000, {_LEASED} + 8000000, {_LEASED} + 9000000, {_LEASED} + 99000000,"
    " 'customer', 'unknown', 0 FROM n",
    "INSERT INTO attempt_outcomes (attempt_id, campaign_id, outcome, blame, by, counts,"
    " answered, live_answer, abandoned, cause, at)"
    f" SELECT {_ID}, 1, 'talked', 'none', 'trunk', 1, 1, 1, 0, '', {_LEASED} + 99000000 FROM n",
    _move(1, "available", "talking", _ID),
    _move(2, "talking", "wrap_up", _ID),
    _move(3, "wrap_up", "available", "NULL"),
)
