"""What the rules are shown of a customer: loaded together, as the rows say, on both databases."""

from __future__ import annotations

import itertools
import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, func, insert, select, text, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.customers import Customer, Debt, DoNotCall, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback, Promise, StatusMark
from agent_desk.models.rules import AreaHold, Override
from agent_desk.services.dialing.judging import Judge
from agent_desk.store import straight
from agent_desk.store.campaigns import campaigns
from agent_desk.store.leasing import lease as leasing
from agent_desk.store.leasing.candidates import candidates
from agent_desk.store.leasing.facts import Candidate, load_facts
from agent_desk.store.leasing.past_attempts import Ledger
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import (
    NOON,
    SEALER,
    Centre,
    add_customer,
    add_entries,
    add_entry,
    add_list,
    at,
    small_centre,
)
from tests.waiting import until

CALLS = itertools.count(1)


def facts_of(session: Session, centre: Centre) -> list[tuple[Candidate, Ledger]]:
    entries = candidates(session, centre.campaign_id, NOON, 50)
    return list(load_facts(session, centre.campaign_id, entries, NOON))


def attempt(session: Session, entry_id: int, *, at_s: float = -3600, **fields: Any) -> str:
    """A finished attempt on an entry's customer and first number."""
    entry = session.get_one(ListEntry, entry_id)
    phone = session.scalars(select(Phone).where(Phone.customer_id == entry.customer_id)).first()
    assert phone is not None
    campaign_id = fields.pop("campaign_id", 1)
    call_id = f"{next(CALLS):032x}"
    session.execute(
        insert(Attempt).values(
            id=call_id,
            campaign_id=campaign_id,
            list_entry_id=entry_id,
            customer_id=entry.customer_id,
            phone_id=phone.id,
            number_key=phone.number_key,
            number_today=1,
            cap_today=2,
            trunk_id="trunk1",
            gateway_id="gw1",
            desk_epoch=1,
            leased_at=at(at_s),
            not_after=at(at_s + 60),
            open=False,
        )
    )
    session.execute(
        insert(Call).values(
            id=call_id,
            campaign_id=campaign_id,
            customer_id=entry.customer_id,
            since=at(at_s),
            leased_at=at(at_s),
            live=False,
            identity=fields.pop("identity", "unknown"),
            bridged_at=fields.pop("bridged_at", None),
        )
    )
    plain = {"outcome": "no_answer", "by": "customer", "abandoned": False, "answered": False}
    session.execute(
        insert(AttemptOutcome).values(
            attempt_id=call_id,
            campaign_id=campaign_id,
            blame="none",
            counts=True,
            live_answer=False,
            cause="",
            at=at(at_s + 30),
            **(plain | fields),
        )
    )
    return call_id


def test_everything_known_of_a_customer_is_there(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        customer_id = add_customer(session, "+81900000001")
        entry_id = add_entry(session, centre.list_id, customer_id)
        session.execute(
            update(Customer).values(
                vip=True, contact_weekdays=0b11, contact_from_minute=600, contact_until_minute=660
            )
        )
        debt = {"customer_id": customer_id, "product_id": centre.product_id, "created_at": NOON}
        session.execute(insert(Debt).values(amount_yen=9, due_on=date(2026, 11, 1), **debt))
        session.execute(
            insert(Promise).values(
                customer_id=customer_id, due_on=date(2026, 12, 1), made_at=NOON, state="open"
            )
        )
        callback = {"campaign_id": centre.campaign_id, "cause": "asked", "made_at": NOON}
        session.execute(
            insert(Callback).values(
                customer_id=customer_id, list_entry_id=entry_id, due_at=at(60), **callback
            )
        )
        who = {"role": "lead", "actor": "lead1", "reason": "x", "made_at": NOON}
        for subject in (
            {"customer_id": customer_id},
            {"number_key": SEALER.number_key("+81900000001")},
        ):
            session.execute(insert(Override).values(rule_id="R10", until=at(60), **subject, **who))
        session.execute(
            insert(Override).values(rule_id="R11", until=at(-1), customer_id=customer_id, **who)
        )
        [(candidate, ledger)] = facts_of(session, centre)
    assert (candidate.vip, candidate.contact_weekdays) == (True, 0b11)
    assert candidate.owes
    assert candidate.overdue_since == date(2026, 11, 1)
    assert candidate.promise_due == date(2026, 12, 1)
    assert candidate.callback_at == at(60)
    assert [o.rule_id for o in candidate.overrides] == ["R10"]
    assert [o.rule_id for o in candidate.phones[0].overrides] == ["R10"]
    assert ledger.of_customer == ()


@pytest.mark.parametrize(("identity", "theirs"), [("verified", True), ("third_party", False)])
def test_a_callback_somebody_else_asked_for_is_no_wish_of_the_person(
    database: Database, identity: str, theirs: bool
) -> None:
    with database.write() as session:
        centre = small_centre(session)
        customer_id = add_customer(session, "+819010000001")
        entry_id = add_entry(session, centre.list_id, customer_id)
        call_id = attempt(session, entry_id)
        session.execute(update(Call).values(identity=identity))
        session.execute(
            insert(Callback).values(
                customer_id=customer_id,
                list_entry_id=entry_id,
                campaign_id=centre.campaign_id,
                call_id=call_id,
                cause="asked",
                due_at=at(60),
                made_at=NOON,
            )
        )
        [(candidate, _)] = facts_of(session, centre)
    assert (candidate.callback_at is not None) is theirs


def test_nobody_whose_debts_are_all_paid_owes(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 3)
        ids = list(session.scalars(select(Customer.id).order_by(Customer.id)))
        other = campaigns.add_product(session, "loan")
        for customer_id, product_id, closed_at in (
            (ids[0], centre.product_id, NOON),
            (ids[1], centre.product_id, NOON),
            (ids[1], other, None),
        ):
            session.execute(
                insert(Debt).values(
                    customer_id=customer_id,
                    product_id=product_id,
                    amount_yen=1,
                    due_on=None,
                    closed_at=closed_at,
                    created_at=NOON,
                )
            )
        found = facts_of(session, centre)
    assert [candidate.owes for candidate, _ in found] == [False, False, True]


def test_a_refusal_of_the_product_is_not_a_block_of_everything(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 3)
        ids = list(session.scalars(select(Customer.id).order_by(Customer.id)))
        other = campaigns.add_product(session, "loan")
        for customer_id, product_id in (
            (ids[0], None),
            (ids[1], centre.product_id),
            (ids[2], other),
        ):
            session.execute(
                insert(DoNotCall).values(
                    customer_id=customer_id,
                    product_id=product_id,
                    reason="x",
                    source="lead1",
                    since=NOON,
                )
            )
        found = facts_of(session, centre)
    said = [(candidate.blocked, candidate.refused) for candidate, _ in found]
    assert said == [(True, False), (False, True), (False, False)]


def test_areas_are_those_of_the_customer_and_every_number_prefix(database: Database) -> None:
    here, elsewhere = SEALER.area_key("prefecture", "東京都"), SEALER.area_key("city", "札幌市")
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 1)
        session.execute(update(Customer).values(prefecture_key=here))
        who = {"reason": "x", "actor": "lead1", "made_at": NOON}
        for kind, key, until in (
            ("prefecture", here, at(60)),
            ("city", elsewhere, at(60)),
            ("prefecture", here, at(-60)),
            ("number_prefix", "k", at(60)),
        ):
            session.execute(
                insert(AreaHold).values(kind=kind, value="v", area_key=key, until=until, **who)
            )
        [(candidate, _)] = facts_of(session, centre)
    assert [hold.kind for hold in candidate.areas] == ["prefecture", "number_prefix"]


def test_what_became_of_earlier_attempts_is_told(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        [entry_id] = add_entries(session, centre.list_id, 1)
        mine = {"campaign_id": centre.campaign_id}
        attempt(session, entry_id, at_s=-500, identity="verified", outcome="human", **mine)
        attempt(session, entry_id, at_s=-400, identity="third_party", outcome="human", **mine)
        marked = attempt(session, entry_id, at_s=-300, outcome="human", **mine)
        attempt(session, entry_id, at_s=-200, abandoned=True, outcome="abandoned", **mine)
        attempt(session, entry_id, at_s=-100, outcome="machine", **mine)
        session.execute(
            insert(StatusMark).values(
                call_id=marked,
                user_id=centre.users["operator1"],
                campaign_id=centre.campaign_id,
                code="valid",
                marked=True,
                at=NOON,
            )
        )
        [(_, ledger)] = facts_of(session, centre)
    past = ledger.of_customer
    assert [each.talked for each in past] == [True, False, True, False, False]
    assert [each.third_party for each in past] == [False, True, False, False, False]
    assert [each.abandoned for each in past] == [False, False, False, True, False]
    assert {each.list_id for each in past} == {centre.list_id}
    assert {each.product_id for each in past} == {centre.product_id}


def test_who_hangs_up_on_an_operator_within_ten_seconds_has_hung_up_too(
    database: Database,
) -> None:
    """An attempt here ends 30 s after it began; what was said for longer is no hanging up."""
    talks: list[tuple[float, dict[str, Any]]] = [
        (20.1, {}),
        (20.0, {}),
        (21.0, {"by": "desk"}),
        (21.0, {"identity": "verified"}),
    ]
    with database.write() as session:
        centre = small_centre(session, kind="sales")
        [entry_id] = add_entries(session, centre.list_id, 1)
        for n, (bridged_s, fields) in enumerate(talks):
            begun = -1000 + 100 * n
            told = {"outcome": "human", "bridged_at": at(begun + bridged_s), **fields}
            attempt(session, entry_id, at_s=begun, campaign_id=centre.campaign_id, **told)
        attempt(session, entry_id, campaign_id=centre.campaign_id, outcome="hung_up_at_once")
        [(_, ledger)] = facts_of(session, centre)
    at_once, *others = ledger.of_customer
    assert at_once.outcome == "hung_up_at_once" and at_once.hung_up
    assert [each.hung_up for each in others] == [True, False, False, False]


def test_a_household_shares_what_was_tried_on_its_number(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        first = add_entry(session, centre.list_id, add_customer(session, "+81900000001"))
        add_entry(session, centre.list_id, add_customer(session, "+81900000001", name="山田 花子"))
        attempt(session, first, campaign_id=centre.campaign_id)
        found = facts_of(session, centre)
    (_, own), (second, housemate) = found
    assert len(own.of_customer) == 1
    assert housemate.of_customer == ()
    assert len(housemate.of_number[second.phones[0].number_key]) == 1


def test_a_hundred_candidates_take_as_many_queries_as_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    ask = straight.rows

    def counted(session: Session, statement: Executable, values: straight.Values) -> list[Any]:
        asked.append(statement)
        return ask(session, statement, values)

    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 40)
    counts = []
    for many in (1, 40):
        with database.write() as session:
            entries = candidates(session, centre.campaign_id, NOON, many)
            asked.clear()
            with monkeypatch.context() as watched:
                watched.setattr(straight, "rows", counted)
                assert len(list(load_facts(session, centre.campaign_id, entries, NOON))) == many
            counts.append(len(asked))
    assert counts[0] == counts[1] == 3


def test_twenty_leases_at_once_never_exceed_the_cap(database: Database) -> None:
    """One person on the lists of twenty campaigns, and twenty who lease at the same time."""
    campaign_ids = _campaigns_for_one_person(database, 20)
    together = threading.Barrier(20)
    faults: list[BaseException] = []

    def work(number: int) -> None:
        now = NOON + timedelta(minutes=10 * number)
        together.wait()
        try:
            _lease_and_end(database, campaign_ids[number], now)
        except Exception as fault:  # boundary: the thread ends here, the test looks at it
            faults.append(fault)

    workers = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) in range(1, 4)


def test_a_second_lease_of_a_person_waits_until_the_first_is_written(database: Database) -> None:
    """The lock itself: without it the second would judge by a past that lacks the first."""
    first, other = _campaigns_for_one_person(database, 2)
    told: list[int] = []

    def second() -> None:
        later = NOON + timedelta(minutes=10)
        with database.write() as session:
            _lease_one(session, other, later, told=told)

    with database.write() as session:
        _lease_one(session, first, NOON, told=told)
        worker = threading.Thread(target=second)
        worker.start()
        until(lambda: len(told) == 2 or _held_up(database), what="the second lease")
        assert told == [0], "the second has judged before the first was written"
    worker.join()
    assert told == [0, 1]


def _campaigns_for_one_person(database: Database, count: int) -> list[int]:
    """So many campaigns, each with its own list with the same person on it.

    Of one campaign's due entries a second lease gets none while the first holds them.
    """
    with database.write() as session:
        centre = small_centre(session, kind="sales")
        customer_id = add_customer(session, "+818012345678")
        made = []
        for n in range(count):
            campaign_id = campaigns.add_campaign(
                session,
                at=NOON,
                name=f"campaign {n}",
                kind="sales",
                product_id=centre.product_id,
                running="running",
                daily_cap=3,
                min_gap_minutes=3,
            )
            list_id = add_list(session, centre.product_id, f"list {n}")
            campaigns.add_list(session, campaign_id, list_id)
            add_entry(session, list_id, customer_id)
            made.append(campaign_id)
    return made


def _held_up(database: Database) -> bool:
    """Whether a transaction waits for another; SQLite has one writer, who waits at its door."""
    if database.dialect == "sqlite":
        return True
    waiting = "wait_event_type = 'Lock' AND datname = current_database()"
    with database.read() as session:
        found = session.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {waiting}"))
    return bool(found)


def _lease_and_end(database: Database, campaign_id: int, now: datetime) -> None:
    with database.write() as session:
        _lease_one(session, campaign_id, now, told=[])


def _lease_one(session: Session, campaign_id: int, now: datetime, *, told: list[int]) -> None:
    """Lease whom the rules allow, and end the attempt at once as one that rang.

    `told`: of how many attempts on the person the judge knew.
    """
    settings = rule_settings.settings(session, campaign_id, now)
    rules = Judge(settings, SEALER, now, practice=True)

    def judge(candidate: Candidate, ledger: Ledger) -> leasing.Judgement:
        told.append(len(ledger.of_customer))
        return rules(candidate, ledger)

    found = leasing.lease(
        session,
        settings,
        count=1,
        now=now,
        judge=judge,
        routes=[leasing.Route("trunk1", "gw1")],
        new_call_id=lambda: f"{next(CALLS):032x}",
        desk_epoch=1,
    )
    ids = [row.call_id for row in found.rows]
    session.execute(update(Attempt).where(Attempt.id.in_(ids)).values(open=False))
