"""Builders of rows for tests: a small call centre, its customers, and events on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from agent_desk.models.customers import Customer, Phone
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.store.campaigns import campaigns
from agent_desk.store.people import accounts
from agent_desk.store.sealing import Sealer

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday, 12:00 JST
SEALER = Sealer.of_keys([b"d" * 32], b"i" * 32)


@dataclass
class Centre:
    """Ids of what `small_centre` made."""

    team_id: int
    campaign_id: int
    product_id: int
    list_id: int
    users: dict[str, int] = field(default_factory=dict)


def at(seconds: float = 0) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def small_centre(session: Session, *, kind: str = "collections", **columns: object) -> Centre:
    """One team of two operators, one running campaign with one empty list."""
    team_id = accounts.add_team(session, "first")
    product_id = campaigns.add_product(session, "card")
    campaign_id = campaigns.add_campaign(
        session,
        at=NOON,
        **{"name": "spring", "kind": kind, "product_id": product_id, "running": "running"}
        | columns,
    )
    for position, code in enumerate(("contact", "valid", "payment_date")):
        campaigns.add_status(
            session,
            campaign_id,
            code=code,
            label_ja=code,
            label_en=code,
            hotkey=str(position + 1),
            colour="green",
            position=position,
        )
    campaigns.add_team(session, campaign_id, team_id)
    list_id = add_list(session, product_id)
    campaigns.add_list(session, campaign_id, list_id)
    centre = Centre(team_id, campaign_id, product_id, list_id)
    for username in ("operator1", "operator2"):
        centre.users[username] = accounts.add_user(
            session,
            username=username,
            name=username,
            role="operator",
            team_id=team_id,
            password_hash="",
            at=NOON,
        )
    return centre


def add_list(session: Session, product_id: int, name: str = "spring list") -> int:
    """An empty list."""
    row = insert(CustomerList).values(
        name=name, product_id=product_id, source="import", created_at=NOON
    )
    return int(session.execute(row).inserted_primary_key[0])


def add_customer(session: Session, number: str, *more: str, name: str = "山田 太郎") -> int:
    """A customer with one or more numbers."""
    row = insert(Customer).values(
        name_sealed=SEALER.seal(name),
        name_key=SEALER.name_key(name),
        created_at=NOON,
        updated_at=NOON,
    )
    customer_id = int(session.execute(row).inserted_primary_key[0])
    for position, text in enumerate((number, *more), start=1):
        session.execute(
            insert(Phone).values(
                customer_id=customer_id,
                position=position,
                kind="mobile",
                number_sealed=SEALER.seal(text),
                number_key=SEALER.number_key(text),
                created_at=NOON,
            )
        )
    return customer_id


def add_entry(
    session: Session, list_id: int, customer_id: int, *, priority: int = 5, next_s: float = -60
) -> int:
    """A ready list entry, due `next_s` seconds after noon."""
    row = insert(ListEntry).values(
        list_id=list_id,
        customer_id=customer_id,
        priority=priority,
        next_at=at(next_s),
        created_at=NOON,
    )
    return int(session.execute(row).inserted_primary_key[0])


def add_entries(session: Session, list_id: int, count: int, **columns: object) -> list[int]:
    """So many customers on the list, each with a number of their own."""
    first = 10_000_000 + list_id * 100_000
    return [
        add_entry(session, list_id, add_customer(session, f"+8190{first + n}"), **columns)
        for n in range(count)
    ]
