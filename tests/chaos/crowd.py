"""The call centre of `machine.py`: four operators who share two campaigns that share people.

Few people, so that the same person's turn comes again and again: five of one list, the second of
whom shares a number with a sixth; three of them and a seventh are on the other campaign's list too.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import update

from agent_desk.dialer.selection import LADDERS
from agent_desk.models.campaigns import Campaign
from agent_desk.store import schema
from agent_desk.store.campaigns import campaigns
from agent_desk.store.people import accounts
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.small_desk import People, populate
from tests.agent_desk.store import desk_rows
from tests.chaos.mortal_desk import FEW

OPERATORS = ("operator1", "operator2", "operator4", "operator5")
HOUSEMATES = (2, 6)  # two customers, one number
PEOPLE = range(1, 8)  # ids of customers, and of their numbers
SECOND_LIST = (1, 3, 5, 7)
# Not of collections, where a person rests for hours: nobody would be called up to the cap.
IMPATIENT = {
    "kind": "sales",
    "mode": "ratio",
    "ratio": 2.0,
    "recording": False,
    "min_gap_minutes": 3,
    "retry": {name: [1] for name, rungs in LADDERS.items() if rungs.waits},
}


@cache
def crowd() -> tuple[Path, People]:
    """Its database, which nobody writes to; made once per process."""
    folder = Path(tempfile.mkdtemp(prefix="crowd-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = Database(f"sqlite:///{folder / 'desk.db'}")
    schema.upgrade(database)
    with database.write() as session:
        people = populate(session, customers=FEW, **IMPATIENT)
        _operators(session, people)
        _housemate(session, people)
        _second_campaign(session, people)
    database.close()
    return folder / "desk.db", people


def number_of(people: People, customer_id: int) -> str:
    """Of one of the first five; the sixth has the second's."""
    shared = HOUSEMATES[0] if customer_id == HOUSEMATES[1] else customer_id
    return f"+8190{10_000_000 + people.centre.list_id * 100_000 + shared - 1}"


def _operators(session: Session, people: People) -> None:
    for username in OPERATORS[2:]:
        people.users[username] = accounts.add_user(
            session,
            username=username,
            name=username,
            role="operator",
            team_id=people.centre.team_id,
            password_hash="",
            at=desk_rows.NOON,
        )


def _housemate(session: Session, people: People) -> None:
    customer_id = desk_rows.add_customer(session, number_of(people, HOUSEMATES[1]))
    assert customer_id == HOUSEMATES[1]
    desk_rows.add_entry(session, people.centre.list_id, customer_id)


def _second_campaign(session: Session, people: People) -> None:
    own = desk_rows.add_customer(session, number_of(people, SECOND_LIST[-1]))
    assert own == SECOND_LIST[-1]
    list_id = desk_rows.add_list(session, people.centre.product_id, "autumn list")
    campaigns.add_list(session, people.other_campaign_id, list_id)
    for customer_id in SECOND_LIST:
        desk_rows.add_entry(session, list_id, customer_id)
    campaigns.add_team(session, people.other_campaign_id, people.centre.team_id)
    session.execute(
        update(Campaign).where(Campaign.id == people.other_campaign_id).values(**IMPATIENT)
    )
