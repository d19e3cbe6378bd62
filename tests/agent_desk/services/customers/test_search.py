"""Looking customers up: what can be searched for, within which teams, and what is noted of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.services.actor import Actor
from agent_desk.services.customers.search import Asked, CustomerSearch
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.store.customers import search
from agent_desk.store.customers.search_keys import field_key
from agent_desk.store.lists import lists
from agent_desk.store.lists.customers import CustomerWriter, Known, Target
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, SEALER, Centre, small_centre
from tests.fakes.clock import FakeClock

MANAGER = Actor("manager1", "manager")
BLANK = Record(
    name="",
    kana=None,
    numbers=(),
    external_id=None,
    birth_date=None,
    address_town=None,
    member_last4=None,
    product=None,
    amount_yen=None,
    due_on=None,
    fields=(),
)
PEOPLE = {
    "yamada": replace(
        BLANK, name="山田 太郎", kana="ヤマダタロウ", numbers=(("+819012345678", "mobile"),)
    ),
    "yamane": replace(
        BLANK,
        name="山根 花子",
        kana="ヤマネハナコ",
        numbers=(("+819099995678", "mobile"), ("+81312340000", "fixed")),
        external_id="A-1",
    ),
    "sato": replace(
        BLANK, name="佐藤 次郎", kana="サトウジロウ", numbers=(("+819055550000", "mobile"),)
    ),
}


class House:
    """A search over three people; the third is on nobody's list."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.ids: dict[str, int] = {}
        with database.write() as session:
            self.centre: Centre = small_centre(session)
            for name, record in PEOPLE.items():
                self.ids[name] = self.write(session, record).id
            for name in ("yamada", "yamane"):
                lists.add_entry(session, self.centre.list_id, self.ids[name], at=NOON)
        self.search = CustomerSearch(
            database=database,
            sealer=SEALER,
            commits=DirectDoor(database),
            clock=clock,
            practice=False,
        )

    def write(self, session: object, record: Record, known: Known | None = None) -> Known:
        target = Target(0, self.centre.list_id, self.centre.product_id, "import", NOON)
        keys = {SEALER.number_key(e164): (e164, kind) for e164, kind in record.numbers}
        writer = CustomerWriter(session, SEALER, target)  # type: ignore[arg-type]
        return writer.write(record, normalise.name(record.name), known, keys)

    def find(self, actor: Actor = MANAGER, **typed: str) -> set[str]:
        found = self.search.find(Asked(**typed), actor=actor)
        names = {customer_id: name for name, customer_id in self.ids.items()}
        return {names[row.customer_id] for row in found.rows}


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return House(database, clock)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ({"number": "090-1234-5678"}, {"yamada"}),
        ({"last4": "5678"}, {"yamada", "yamane"}),
        ({"last4": "５６７８", "kana": "ヤマネ"}, {"yamane"}),
        ({"external_id": "A-1"}, {"yamane"}),
        ({"kana": "やま"}, {"yamada", "yamane"}),
        ({"kana": "ヤマダ タロウ"}, {"yamada"}),
        ({"name": "山"}, {"yamada", "yamane"}),
        ({"name": "山田 太郎"}, {"yamada"}),
        ({"name": "山田太次"}, set()),
        ({"kana": "マダ"}, set()),
        ({"name": "太郎"}, set()),
        ({"number": "090-1234-5678", "last4": "0000"}, set()),
    ],
)
def test_everything_typed_must_fit_from_its_beginning(
    house: House, typed: dict[str, str], wanted: set[str]
) -> None:
    assert house.find(**typed) == wanted


def test_a_lead_finds_the_customers_of_the_own_teams_only(house: House) -> None:
    lead = Actor("lead1", "lead", frozenset({house.centre.team_id}))
    stranger = Actor("lead2", "lead", frozenset({house.centre.team_id + 100}))
    assert house.find(lead, last4="0000") == {"yamane"}
    assert house.find(MANAGER, last4="0000") == {"yamane", "sato"}
    assert house.find(stranger, last4="0000") == set()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({}, "search-empty"),
        ({"name": "  "}, "search-empty"),
        ({"kana": "ヤ"}, "search-too-short"),
        ({"kana": "山"}, "search-unusable"),
        ({"last4": "123"}, "search-unusable"),
        ({"number": "110"}, "search-unusable"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(
    house: House, typed: dict[str, str], error: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        house.find(**typed)
    assert refused.value.error_id == error


def test_a_search_is_noted_with_whom_it_found_and_not_with_what_was_typed(house: House) -> None:
    house.find(last4="5678", kana="ヤマ")
    with house.database.read() as session:
        row = session.scalars(select(AuditRow)).one()
    assert (row.actor, row.action) == ("manager1", "customer.searched")
    found = sorted([house.ids["yamada"], house.ids["yamane"]], reverse=True)
    assert row.details == {"by": ["last4", "kana"], "found": found, "more": False}


def test_a_value_that_changed_is_not_found_by_what_it_was(house: House, clock: FakeClock) -> None:
    clock.advance(timedelta(days=1).total_seconds())
    yamada = PEOPLE["yamada"]
    for value in ("建設業", "小売業"):
        with house.database.write() as session:
            known = Known(house.ids["yamada"], None, None, "", {SEALER.number_key("+819012345678")})
            house.write(session, replace(yamada, fields=(("業種", value),)), known)
    with house.database.read() as session:
        found = {
            value: search.find(
                session,
                search.Wanted(keys=(field_key(SEALER, "業種", value),)),
                teams=None,
                limit=9,
            )
            for value in ("建設業", "小売業")
        }
    assert found == {"建設業": [], "小売業": [house.ids["yamada"]]}
