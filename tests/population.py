"""Operators, one campaign and a list of practice customers, written before the desk is started.

For load rather than for looks: everybody's password is `demo`, the customers are named by their
number, and the number says what the practice carrier does (docs/number-plan.md). The external id
is the number too, so that a test's operator knows from the caller record what must be heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from agent_desk.services.dialing.safe_harbours import (
    SHIPPED,
    SHIPPED_TEXT,
    approve_directly,
    examine,
)
from agent_desk.services.lists import normalise
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import lists
from agent_desk.store.lists.customers import CustomerWriter, Target
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.people import accounts
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import DeskConfig

PASSWORD = "demo"
TEAM = "load"
CAMPAIGN = "load"
STATUSES = ("contact", "valid", "payment_date")
SOURCE = "test"


def numbers(endings: Sequence[str], count: int) -> Iterator[str]:
    """`count` numbers in E.164, no two alike; the last four digits go round `endings`.

    There are a thousand numbers to an ending.
    """
    assert count <= 1000 * len(endings)
    for place in range(count):
        block, turn = divmod(place, len(endings))
        yield f"+81900{block:03d}{endings[turn]}"


def usernames(count: int) -> list[str]:
    """The operators' log-ins."""
    return [f"op{number:03d}" for number in range(1, count + 1)]


def populate(
    environ: Mapping[str, str],
    *,
    operators: int,
    customers: Sequence[str],
    now: datetime | None = None,
    **settings: Any,
) -> None:
    """Fill a migrated database nobody serves; `settings` are columns of the campaign.

    `customers` are numbers in E.164; their list entries are due from `now` on.
    """
    config = DeskConfig.from_environ(environ)
    sealer = Sealer.of_keys(config.data_keys, config.index_key)
    at = now or datetime.now(UTC)
    with Database(config.database_url).write() as session:
        team_id = _people(session, operators, at)
        product_id = campaigns.add_product(session, CAMPAIGN)
        columns = {"kind": "sales", "mode": "ratio", "ratio": 2.0, "running": "running"}
        campaign_id = campaigns.add_campaign(
            session, at=at, name=CAMPAIGN, product_id=product_id, **(columns | settings)
        )
        for position, code in enumerate(STATUSES, start=1):
            campaigns.add_status(
                session,
                campaign_id,
                code=code,
                label_ja=code,
                label_en=code,
                hotkey=str(position),
                colour="#2563eb",
                position=position,
            )
        approve_directly(session, campaign_id, examine(SHIPPED), SHIPPED_TEXT, actor=SOURCE, at=at)
        campaigns.add_team(session, campaign_id, team_id)
        list_id = lists.list_id_of(session, CAMPAIGN, product_id, source=SOURCE, at=at)
        campaigns.add_list(session, campaign_id, list_id)
        writer = CustomerWriter(session, sealer, Target(0, list_id, product_id, SOURCE, at))
        for number in customers:
            keys = {sealer.number_key(number): (number, "mobile")}
            known = writer.write(_record(number), normalise.name(number), None, keys)
            lists.add_entry(session, list_id, known.id, at=at)


def _people(session: Session, operators: int, at: datetime) -> int:
    team_id = accounts.add_team(session, TEAM)
    hashed = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    for username in usernames(operators):
        accounts.add_user(
            session,
            username=username,
            name=username,
            role="operator",
            team_id=team_id,
            password_hash=hashed,
            at=at,
        )
    return team_id


def _record(number: str) -> Record:
    blank: dict[str, Any] = dict.fromkeys(
        ("kana", "birth_date", "address_town", "member_last4", "product", "amount_yen", "due_on")
    )
    return Record(
        name=number, numbers=((number, "mobile"),), external_id=number, fields=(), **blank
    )
