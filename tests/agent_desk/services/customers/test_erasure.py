"""Everything held about a person handed out; and erased, where nothing binds it any more."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from agent_desk.dialer.business_time import JST
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt, Call, Recording
from agent_desk.models.customers import Customer, Debt, DoNotCall, Note, Phone, SearchKey
from agent_desk.models.lists import ListEntry
from agent_desk.models.orders import Order
from agent_desk.services.actor import Actor
from agent_desk.services.customers.erasure import Erasure
from agent_desk.services.customers.records import CustomerRecords
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.store import audit
from agent_desk.store.rules import do_not_call
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import (
    NOON,
    SEALER,
    add_customer,
    add_entry,
    small_centre,
)
from tests.fakes.clock import FakeClock

ADMIN = Actor("admin1", "admin")
DAY = timedelta(days=1)
KEY = b"a" * 32
NUMBERS = ("+819012345678", "+81312340000")


class House:
    """One customer of a sales campaign, who was called a year and a half ago."""

    def __init__(self, database: Database, clock: FakeClock, kind: str = "sales") -> None:
        self.database, self.clock = database, clock
        parts: dict[str, Any] = {
            "database": database,
            "sealer": SEALER,
            "commits": DirectDoor(database),
            "clock": clock,
        }
        self.erasure = Erasure(**parts)
        self.records = CustomerRecords(**parts, pause=lambda: None)
        with database.write() as session:
            centre = small_centre(session, kind=kind)
            self.campaign_id, self.product_id = centre.campaign_id, centre.product_id
            self.customer_id = add_customer(session, *NUMBERS)
            self.entry_id = add_entry(session, centre.list_id, self.customer_id)
            session.execute(
                insert(Note).values(
                    customer_id=self.customer_id,
                    text_sealed=SEALER.seal("娘さんが電話に出た"),
                    at=NOON,
                )
            )
        self.call("c" * 32, NOON - 550 * DAY)

    def call(self, call_id: str, at: datetime, *, is_open: bool = False) -> None:
        with self.database.write() as session:
            phone = session.scalars(
                select(Phone).where(Phone.customer_id == self.customer_id).order_by(Phone.id)
            ).first()
            assert phone is not None
            session.execute(
                insert(Attempt).values(
                    id=call_id,
                    campaign_id=self.campaign_id,
                    list_entry_id=self.entry_id,
                    customer_id=self.customer_id,
                    phone_id=phone.id,
                    number_key=phone.number_key,
                    number_today=1,
                    cap_today=2,
                    trunk_id="trunk1",
                    gateway_id="gw1",
                    desk_epoch=1,
                    leased_at=at,
                    not_after=at,
                    open=is_open,
                )
            )
            session.execute(
                insert(Call).values(
                    id=call_id,
                    campaign_id=self.campaign_id,
                    customer_id=self.customer_id,
                    live=False,
                    since=at,
                    leased_at=at,
                )
            )

    def recording(self, state: str, delete_after: datetime | None) -> None:
        with self.database.write() as session:
            session.execute(
                insert(Recording).values(
                    call_id="c" * 32,
                    path="x",
                    started_at=NOON,
                    state=state,
                    delete_after=delete_after,
                )
            )

    def debt(self, closed_at: datetime | None) -> None:
        with self.database.write() as session:
            session.execute(
                insert(Debt).values(
                    customer_id=self.customer_id,
                    product_id=self.product_id,
                    amount_yen=1,
                    closed_at=closed_at,
                    created_at=NOON,
                )
            )

    def bound(self) -> list[tuple[str, datetime | None]]:
        return [(each.code, each.until) for each in self.erasure.bound_by(self.customer_id)]

    def one(self, query: Any) -> Any:
        with self.database.read() as session:
            return session.scalar(query)


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return House(database, clock)


def refusal(house: House, actor: Actor = ADMIN) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        house.erasure.erase(house.customer_id, actor=actor)
    return refused.value


def test_an_open_debt_binds_without_an_end_and_a_paid_one_for_ten_years(house: House) -> None:
    house.debt(None)
    assert house.bound() == [("debt-open", None)]
    assert refusal(house).details == {"reason": "debt-open", "until": ""}


def test_a_paid_debt_binds_ten_years_from_its_end(house: House) -> None:
    house.debt(NOON - DAY)
    until = (NOON - DAY).replace(year=2036)
    assert house.bound() == [("record-kept", until)]
    refused = refusal(house)
    assert refused.error_id == "erasure-bound"
    assert refused.details == {"reason": "record-kept", "until": until.isoformat()}
    house.clock.advance((until - house.clock.now()).total_seconds())
    assert house.bound() == []


def test_a_collections_call_binds_even_where_no_debt_is_known(
    database: Database, clock: FakeClock
) -> None:
    house = House(database, clock, kind="collections")
    assert [code for code, _ in house.bound()] == ["record-kept"]


def test_recordings_bind_until_they_are_deleted(house: House) -> None:
    house.recording("verified", NOON + 9 * DAY)
    assert house.bound() == [("recording-kept", NOON + 9 * DAY)]


def test_a_deleted_recording_binds_nobody(house: House) -> None:
    house.recording("deleted", NOON - DAY)
    assert house.bound() == []


def order(house: House, last_day: date | None, cancelled_on: date | None = None) -> None:
    with house.database.write() as session:
        session.execute(
            insert(Order).values(
                call_id="c" * 32,
                customer_id=house.customer_id,
                campaign_id=house.campaign_id,
                product_id=house.product_id,
                ordered_on=NOON.date(),
                cooling_off_days=8,
                documents_on=None if last_day is None else last_day - 7 * DAY,
                document_id="佐藤様 12-3",
                cooling_off_until=last_day,
                cancelled_on=cancelled_on,
                by="lead1",
                at=NOON,
            )
        )


def test_an_order_binds_while_its_documents_are_awaited_and_is_handed_out(house: House) -> None:
    order(house, None)
    assert house.bound() == [("order-open", None)]
    assert refusal(house).details == {"reason": "order-open", "until": ""}
    data = house.records.export(house.customer_id, actor=Actor("manager1", "manager"))
    assert json.loads(data)["held"]["orders"][0]["document_id"] == "佐藤様 12-3"


def test_a_cooling_off_binds_to_the_end_of_its_last_day_in_japan(house: House) -> None:
    order(house, NOON.date() + 7 * DAY)
    end = datetime.combine(NOON.date() + 8 * DAY, time(), JST)
    assert house.bound() == [("cooling-off", end)]
    assert refusal(house).details == {
        "reason": "cooling-off",
        "until": end.astimezone(UTC).isoformat(),
    }
    house.clock.advance((end - house.clock.now()).total_seconds())
    assert house.bound() == []
    house.erasure.erase(house.customer_id, actor=ADMIN)
    assert house.one(select(Order.document_id)) is None


def test_an_order_that_was_taken_back_binds_nobody(house: House) -> None:
    order(house, NOON.date() + 7 * DAY, NOON.date())
    assert house.bound() == []


def test_who_is_being_called_or_was_called_lately_is_not_erased(house: House) -> None:
    house.call("d" * 32, NOON - DAY, is_open=True)
    assert house.bound() == [("call-under-way", None), ("calls-count", NOON + 89 * DAY)]


def test_erasing_leaves_the_figures_the_chain_and_what_bars_the_numbers(house: House) -> None:
    with house.database.write() as session:
        do_not_call.add(
            session,
            since=NOON,
            reason="田中様ご本人",
            source="lead1",
            customer_id=house.customer_id,
        )
        audit.append(session, at=NOON, actor="x", action="y", subject="z")
        audit.seal(session, KEY)
        attempts = session.scalar(select(func.count()).select_from(Attempt))

    house.erasure.erase(house.customer_id, actor=ADMIN)

    with house.database.write() as session:
        audit.seal(session, KEY)
        assert audit.verify(session, KEY) is None
        assert session.scalar(select(func.count()).select_from(Attempt)) == attempts
        customer = session.get_one(Customer, house.customer_id)
        assert SEALER.open(customer.name_sealed) == ""
        assert (customer.external_id, customer.birth_date_sealed) == (None, None)
        assert session.scalars(select(SearchKey)).all() == []
        assert [SEALER.open(each) for each in session.scalars(select(Phone.number_sealed))] == [
            "",
            "",
        ]
        assert [SEALER.open(each) for each in session.scalars(select(Note.text_sealed))] == [""]
        assert session.get_one(ListEntry, house.entry_id).state == "closed"
        keys = {SEALER.number_key(number) for number in NUMBERS}
        assert do_not_call.blocked_keys(session, keys, house.product_id) == keys
        assert set(session.scalars(select(DoNotCall.reason))) == {"erased"}
        held = {
            *session.scalars(select(Phone.number_key)),
            *session.scalars(select(Attempt.number_key)),
        }
        assert not held & keys
    assert refusal(house).error_id == "customer-erased"


def test_only_administrators_erase_and_managers_hand_out(house: House) -> None:
    assert refusal(house, Actor("manager1", "manager")).error_id == "role-too-low"
    with pytest.raises(ServiceError) as refused:
        house.records.export(house.customer_id, actor=Actor("lead1", "lead", frozenset({1})))
    assert refused.value.error_id == "role-too-low"


def test_the_export_has_what_is_held_in_the_clear_and_no_hash(house: House) -> None:
    house.recording("verified", None)
    data = house.records.export(house.customer_id, actor=Actor("manager1", "manager"))
    told = json.loads(data)["held"]
    assert told["customers"][0]["name"] == "山田 太郎"
    assert [row["number"] for row in told["phones"]] == list(NUMBERS)
    assert told["notes"][0]["text"] == "娘さんが電話に出た"
    assert [row["call_id"] for row in told["recordings"]] == ["c" * 32]
    assert {"list_entries", "attempts", "calls"} <= set(told)
    assert SEALER.number_key(NUMBERS[0]) not in data.decode()


def test_opening_is_refused_out_of_scope_and_noted_within(house: House) -> None:
    stranger = Actor("lead2", "lead", frozenset({99}))
    with pytest.raises(ServiceError) as refused:
        house.records.open(house.customer_id, actor=stranger)
    assert refused.value.error_id == "customer-unknown"
    page = house.records.open(house.customer_id, actor=Actor("lead1", "lead", frozenset({1})))
    assert (page.person.name, len(page.calls), len(page.entries)) == ("山田 太郎", 1, 1)
    with house.database.read() as session:
        rows = session.execute(select(AuditRow.actor, AuditRow.action, AuditRow.subject)).all()
    assert rows == [("lead1", "customer.opened", f"customer:{house.customer_id}")]
