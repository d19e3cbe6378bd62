"""Filters: a closed language, counts that are true, lists that follow them (B14 to B17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from agent_desk.hub import ThreadHub
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.customers import Customer, Debt, Payment
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import StatusMark
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.filters import FilterService, read_filter
from agent_desk.services.lists.following import FollowingLists
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.lists.steering import ListSteering
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.store.campaigns import campaigns
from agent_desk.store.customers import search_keys
from agent_desk.store.lists import filter_queries
from agent_desk.store.lists.filter_grammar import FIELDS, OPS, BadFilter, parse, to_json
from agent_desk.store.lists.valid_calls import Definition
from agent_desk.store.rules import do_not_call
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.store.desk_rows import (
    NOON,
    SEALER,
    add_customer,
    add_entry,
    add_list,
    small_centre,
)
from tests.fakes.clock import FakeClock

ADMIN = Actor("admin1", "admin")
DAY = timedelta(days=1)


def is_(field: str, *value: Any, **more: Any) -> dict[str, Any]:
    return {"field": field, "op": "is", "value": list(value), **more}


def flag(field: str, value: bool = True) -> dict[str, Any]:
    return {"field": field, "op": "is", "value": value}


def every(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"all": list(parts)}


class House:
    """Forty customers: every 2nd in Tokyo, every 3rd in construction, every 4th was contacted,
    every 5th did not answer last time, every 8th once paid late."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database, self.clock = database, clock
        with database.write() as session:
            self.centre = small_centre(session, kind="sales")
            self.people = [self._person(session, n) for n in range(1, 41)]
        door = DirectDoor(database)
        parts: dict[str, Any] = {
            "database": database,
            "sealer": SEALER,
            "commits": door,
            "clock": clock,
            "hub": ThreadHub(),
        }
        self.filters = FilterService(**parts)
        self.following = FollowingLists(**parts)
        book = CampaignBook(database, clock)
        book.reload()
        del parts["sealer"]
        self.steering = ListSteering(**parts, book=book, filters=self.filters)

    def _person(self, session: Session, n: int) -> int:
        person = add_customer(session, f"+8190{10_000_000 + n}")
        add_entry(session, self.centre.list_id, person)
        if n % 2 == 0:
            key = SEALER.area_key("prefecture", "東京都")
            where = Customer.id == person
            session.execute(update(Customer).where(where).values(prefecture_key=key))
        field = (("業種", "建設業" if n % 3 == 0 else "小売業"),)
        keys = search_keys.keys_of(SEALER, search_keys.Findable("", None, fields=field))
        search_keys.write(session, person, keys)
        if n % 4 == 0:
            self.call(session, person, f"a{n:031}", "completed", NOON - 9 * DAY, mark="contact")
        if n % 5 == 0:
            self.call(session, person, f"b{n:031}", "no_answer", NOON - 2 * DAY)
        if n % 8 == 0:
            self._paid_late(session, person)
        return person

    def call(
        self,
        session: Session,
        person: int,
        call_id: str,
        outcome: str,
        at: Any,
        *,
        mark: str = "",
        talk_s: int = 30,
    ) -> None:
        shared = {"campaign_id": self.centre.campaign_id}
        session.execute(
            insert(Attempt).values(
                id=call_id,
                customer_id=person,
                number_key=call_id,
                number_today=1,
                cap_today=2,
                trunk_id="t",
                gateway_id="g",
                desk_epoch=1,
                leased_at=at,
                not_after=at,
                open=False,
                **shared,
            )
        )
        self._ended(session, call_id, outcome, at, talked=bool(mark))
        session.execute(
            insert(Call).values(
                id=call_id,
                customer_id=person,
                live=False,
                since=at,
                leased_at=at,
                bridged_at=at if mark else None,
                ended_at=at + timedelta(seconds=talk_s),
                **shared,
            )
        )
        if mark:
            user = self.centre.users["operator1"]
            session.execute(
                insert(StatusMark).values(
                    call_id=call_id, user_id=user, code=mark, marked=True, at=at, **shared
                )
            )

    def _ended(
        self, session: Session, call_id: str, outcome: str, at: Any, *, talked: bool
    ) -> None:
        session.execute(
            insert(AttemptOutcome).values(
                attempt_id=call_id,
                outcome=outcome,
                blame="customer",
                by="trunk",
                counts=True,
                answered=talked,
                live_answer=talked,
                abandoned=False,
                cause="",
                at=at,
                campaign_id=self.centre.campaign_id,
            )
        )

    def _paid_late(self, session: Session, person: int) -> None:
        debt = session.execute(
            insert(Debt).values(
                customer_id=person,
                product_id=self.centre.product_id,
                amount_yen=5000,
                closed_at=NOON - 5 * DAY,
                created_at=NOON,
            )
        ).inserted_primary_key[0]  # type: ignore[attr-defined]
        due = (NOON - 60 * DAY).date()
        session.execute(
            insert(Payment).values(
                debt_id=debt,
                amount_yen=5000,
                paid_on=due + 3 * DAY,
                due_on=due,
                source="test",
                created_at=NOON,
            )
        )

    def count(self, definition: dict[str, Any], actor: Actor = ADMIN) -> int:
        found = self.filters.count(definition, actor=actor)
        assert found.exact
        return found.customers

    def members(self, list_id: int) -> dict[int, str]:
        """State by customer, counted from 1 as in the class's docstring."""
        query = select(ListEntry.customer_id, ListEntry.state).where(ListEntry.list_id == list_id)
        with self.database.read() as session:
            return {self.people.index(p) + 1: state for p, state in session.execute(query)}


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return House(database, clock)


def test_b15_contacted_no_answer_and_past_delinquency_give_the_known_counts(house: House) -> None:
    assert house.count(every(flag("contacted"))) == 10
    assert house.count(every(is_("last_outcome", "no_answer"))) == 8
    assert house.count(every(flag("past_delinquency"))) == 5


def test_b16_industry_area_and_history_combine(house: House) -> None:
    industry = is_("column", "建設業", column="業種")
    tokyo = is_("prefecture", " 東京都 ")
    assert house.count(every(industry)) == 13
    assert house.count(every(industry, tokyo)) == 6
    assert house.count({"any": [industry, tokyo]}) == 27
    assert house.count(every(tokyo, {"any": [flag("contacted"), industry]})) == 13
    assert house.count(every(tokyo, flag("contacted", False))) == 10
    assert house.count(every({**industry, "op": "is_not"})) == 27
    assert house.count(every()) == 40


ASKED = [
    ({"field": "attempts", "op": "at_most", "value": 0}, 24),
    ({"field": "attempts", "op": "at_least", "value": 2}, 2),
    ({"field": "last_attempt_days", "op": "at_most", "value": 3}, 8),
    ({"field": "last_attempt_days", "op": "at_least", "value": 3}, 32),
    ({"field": "debt_yen", "op": "at_least", "value": 1}, 0),
    ({"field": "overdue_days", "op": "at_least", "value": 1}, 0),
    ({"field": "overdue_days", "op": "at_most", "value": 9}, 0),
    ({"field": "registered_days", "op": "at_most", "value": 1}, 40),
    (is_("status", "contact"), 10),
    (is_("phone_kind", "mobile"), 40),
    (is_("phone_kind", "fixed"), 0),
    (is_("delinquency", "d91"), 0),
    (is_("promise", "open"), 0),
    (is_("list", 1), 40),
    (is_("product", 1), 40),
    (is_("city", "港区"), 0),
    (is_("postcode", "100"), 0),
    (flag("vip"), 0),
    (flag("held"), 0),
    (flag("blocked"), 0),
    (flag("callback"), 0),
    (is_("valid_call", 1), 0),
]


def test_every_field_can_be_asked(house: House) -> None:
    found = [(condition, house.count(every(condition))) for condition, _ in ASKED]
    assert found == ASKED


def test_a_lead_counts_the_customers_of_the_own_teams_only(house: House) -> None:
    with house.database.write() as session:
        add_customer(session, "+819099999999")
    lead = Actor("lead1", "lead", frozenset({house.centre.team_id}))
    stranger = Actor("lead2", "lead", frozenset({99}))
    assert [house.count(every(), who) for who in (ADMIN, lead, stranger)] == [41, 40, 0]


def test_b17_two_products_with_three_lists_each_and_do_not_call_per_product(house: House) -> None:
    with house.database.write() as session:
        other = campaigns.add_product(session, "insurance")
        of_card = [house.centre.list_id]
        of_card += [add_list(session, house.centre.product_id, f"card {n}") for n in (2, 3)]
        of_other = [add_list(session, other, f"insurance {n}") for n in (1, 2, 3)]
        for n, list_id in enumerate((*of_card[1:], *of_other)):
            for person in house.people[n * 5 : n * 5 + 5]:
                add_entry(session, list_id, person)
        do_not_call.add(
            session,
            since=NOON,
            reason="x",
            source="x",
            customer_id=house.people[0],
            product_id=other,
        )
        barred = [
            do_not_call.blocked_customers(session, house.people, product)
            for product in (house.centre.product_id, other)
        ]
    assert house.count(every(is_("product", other))) == 15
    assert house.count(every(is_("list", of_other[0], of_card[1]))) == 10
    assert house.count(every(is_("product", other), is_("list", of_card[2]))) == 0
    assert barred == [set(), {house.people[0]}]


def test_a_followed_filter_takes_on_withdraws_and_never_brings_back_who_was_closed(
    house: House,
) -> None:
    filter_id = house.filters.save("tried", every(flag("contacted")), actor=ADMIN)
    campaign = house.centre.campaign_id
    list_id = house.steering.follow(
        filter_id, name="tried", campaign_id=campaign, attach=False, actor=ADMIN
    )
    house.following.finish()
    assert house.members(list_id) == dict.fromkeys(range(4, 41, 4), "ready")

    with house.database.write() as session:
        closed = {ListEntry.list_id == list_id, ListEntry.customer_id == house.people[7]}
        session.execute(
            update(ListEntry).where(*closed).values(state="closed", closed_reason="tries", tries=6)
        )
        session.execute(
            update(StatusMark).values(marked=False).where(StatusMark.call_id == f"a{4:031}")
        )
    house.following.finish()
    assert {n for n, state in house.members(list_id).items() if state == "closed"} == {4, 8}

    with house.database.write() as session:
        session.execute(update(StatusMark).values(marked=True))
    house.following.finish()
    assert {n for n, state in house.members(list_id).items() if state == "closed"} == {8}

    again = house.filters.save("tried", every(is_("last_outcome", "no_answer")), actor=ADMIN)
    assert again == filter_id
    house.following.finish()
    assert {n for n, s in house.members(list_id).items() if s == "ready"} == set(range(5, 41, 5))


def test_who_waits_on_a_sister_list_is_not_taken_on_twice(house: House) -> None:
    filter_id = house.filters.save("all", every(), actor=ADMIN)
    list_id = house.steering.follow(
        filter_id, name="all", campaign_id=house.centre.campaign_id, attach=True, actor=ADMIN
    )
    house.following.finish()
    assert house.members(list_id) == {}


def test_b14_changing_what_a_valid_call_is_recalculates_and_one_click_makes_prospects(
    house: House,
) -> None:
    campaign = house.centre.campaign_id
    with house.database.write() as session:
        for n, talk_s in ((1, 20), (2, 90), (3, 200)):
            person = house.people[n - 1]
            house.call(
                session, person, f"v{n:031}", "completed", NOON - DAY, mark="valid", talk_s=talk_s
            )
    valid = every(is_("valid_call", campaign))
    assert house.count(valid) == 3
    prospects = house.steering.prospects(campaign, name="prospects", actor=ADMIN)
    house.following.finish()
    assert house.members(prospects) == dict.fromkeys((1, 2, 3), "ready")

    def define(definition: Definition, *, also_past: bool = True) -> None:
        house.steering.define_valid_calls(campaign, definition, also_past=also_past, actor=ADMIN)

    define(Definition(talk_s=120), also_past=False)
    assert house.count(valid) == 3, "they were valid by what was said on their day"
    define(Definition(talk_s=60))
    assert house.count(valid) == 2
    house.following.finish()
    assert {n for n, s in house.members(prospects).items() if s == "ready"} == {2, 3}

    define(Definition(("valid", "contact")))
    assert house.count(valid) == 13
    with pytest.raises(ServiceError):
        define(Definition(("nothing",)))


def test_who_used_up_their_tries_is_tried_anew_but_not_who_has_paid(house: House) -> None:
    list_id = house.centre.list_id
    with house.database.write() as session:
        closed = {"state": "closed", "closed_reason": "tries", "tries": 6}
        for n, outcome in ((7, "no_answer"), (9, "busy"), (16, "no_answer"), (11, "no_answer")):
            mine = ListEntry.customer_id == house.people[n - 1]
            session.execute(update(ListEntry).where(mine).values(last_outcome=outcome, **closed))
        refused = ListEntry.customer_id == house.people[10]
        session.execute(update(ListEntry).where(refused).values(closed_reason="refused"))
    assert house.steering.tried_out(list_id, actor=ADMIN) == [("no_answer", 2), ("busy", 1)]
    assert house.steering.recycle(list_id, ["no_answer"], actor=ADMIN) == 1
    members = house.members(list_id)
    assert {n for n, state in members.items() if state == "closed"} == {9, 11, 16}
    with house.database.read() as session:
        mine = ListEntry.customer_id == house.people[6]
        assert session.scalar(select(ListEntry.tries).where(mine)) == 0
    with pytest.raises(ServiceError):
        house.steering.recycle(list_id, [], actor=ADMIN)


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        (None, "not-a-group"),
        ([], "not-a-group"),
        ({"all": [], "any": []}, "not-a-group"),
        ({"all": [{"all": [{"all": [{"all": []}]}]}]}, "too-deep"),
        (every(*[flag("vip")] * 31), "too-many"),
        (every(is_("name_sealed", "x")), "field-unknown"),
        (every({**flag("vip"), "op": "at_least"}), "operator-unknown"),
        (every(flag("vip", 1)), "value-unusable"),  # type: ignore[arg-type]
        (every(is_("list", "1; DROP TABLE customers")), "value-unusable"),
        (every(is_("delinquency", "d1")), "value-unusable"),
        (every(is_("city")), "value-unusable"),
        (every(is_("column", "x")), "column-needed"),
        (every({**flag("vip"), "sql": "x"}), "not-a-condition"),
    ],
)
def test_what_is_no_filter_is_refused(definition: Any, reason: str) -> None:
    with pytest.raises(ServiceError) as refused:
        read_filter(definition)
    assert refused.value.details == {"reason": reason}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([*FIELDS]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["all", "any", "field", "op", "value", "column"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_is_sent_is_a_filter_or_refused_as_one(data: Any) -> None:
    try:
        group = parse(data)
    except BadFilter:
        return
    assert parse(to_json(group)) == group


def test_every_field_has_operators_and_a_test_of_its_own() -> None:
    assert set(filter_queries._TESTS) == set(FIELDS)
    assert {field.kind for field in FIELDS.values()} == set(OPS)
    assert replace(parse(every(flag("vip"))), every=False) == parse({"any": [flag("vip")]})


def test_a_name_another_team_took_meanwhile_stays_theirs(house: House) -> None:
    theirs = Actor("lead2", "lead", frozenset({house.centre.team_id + 1}))
    mine = Actor("lead1", "lead", frozenset({house.centre.team_id}))

    class Slow(DirectDoor):
        """Somebody else is first."""

        def submit(self, *asked: Any, **told: Any) -> Any:
            house.filters.save("spring", {"all": []}, actor=theirs)
            return super().submit(*asked, **told)

    late = FilterService(
        database=house.database,
        sealer=SEALER,
        commits=Slow(house.database),
        clock=house.clock,
        hub=ThreadHub(),
    )
    with pytest.raises(ServiceError) as refused:
        late.save("spring", {"any": []}, actor=mine)
    assert refused.value.error_id == "not-in-scope"
    [kept] = house.filters.saved(actor=theirs)
    assert (kept.version, kept.definition) == (1, {"all": []})
