"""What is shown of a customer, and what 本人確認 compares with."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import insert

from agent_desk.dialer import events
from agent_desk.dialer.ids import CallId, UserId
from agent_desk.models.customers import Customer, Debt
from agent_desk.store.records import caller_records, identity
from agent_desk.store.rows import past
from agent_desk.store.unit_of_work import Session
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER, at


def fill(session: Session, customer_id: int, product_id: int) -> None:
    customer = session.get(Customer, customer_id)
    assert customer is not None
    customer.kana_sealed = SEALER.seal("ヤマダタロウ")
    customer.birth_date_sealed = SEALER.seal("1980-01-01")
    customer.member_last4_sealed = SEALER.seal("4567")
    customer.fields_sealed = SEALER.seal(json.dumps([["備考", "夜間"], ["店", "本店"]]))
    for amount, due in ((5000, date(2026, 10, 1)), (100, None)):
        values = {"customer_id": customer_id, "product_id": product_id, "created_at": at()}
        session.execute(
            insert(Debt).values(**values, amount_yen=amount, due_on=due, external_id=str(amount))
        )
    past.add_note(session, SEALER, customer_id, text="前回不在", at=at(-60))
    past.add_promise(
        session,
        customer_id,
        due_on=date(2026, 11, 1),
        amount_yen=3000,
        state="broken",
        made_at=at(-60),
    )


def test_the_record_has_the_person_and_the_affairs_newest_first(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at(1))
    with story.database.write() as session:
        fill(session, row.customer_id, story.centre.product_id)
    story.bridge(row, "operator1", at(2))
    story.mark(row, "operator1", "contact", at(3))
    story.hang_up(row, "operator1", at(60))
    story.save(row, "operator1", at(70), note="また電話する", codes=("contact",))
    with story.database.read() as session:
        person = caller_records.person(session, SEALER, row.customer_id, phone_id=row.phone_id)
        affairs = caller_records.affairs(
            session, SEALER, row.customer_id, campaign_id=story.centre.campaign_id, limit=10
        )
        newest = caller_records.affairs(
            session, SEALER, row.customer_id, campaign_id=story.centre.campaign_id, limit=1
        )
    assert (person.name, person.kana) == ("山田 太郎", "ヤマダタロウ")
    assert person.number.startswith("+8190")
    assert [(row.name, value) for row, value in affairs.fields] == [
        ("備考", "夜間"),
        ("店", "本店"),
    ]
    assert {debt.amount_yen for debt in affairs.debts} == {5000, 100}
    assert [(p.due_on, p.state) for p in affairs.promises] == [(date(2026, 11, 1), "broken")]
    assert [(n.by, n.text) for n in affairs.notes] == [
        ("operator1", "また電話する"),
        ("", "前回不在"),
    ]
    assert [(h.outcome, h.codes) for h in affairs.history] == [("human", ("contact",))]
    assert [n.text for n in newest.notes] == ["また電話する"]


@pytest.mark.parametrize(
    ("factor", "known"),
    [("birth_date", "1980-01-01"), ("member_last4", "4567"), ("address_town", None)],
)
def test_a_factor_is_what_was_told_or_nothing(story: Story, factor: str, known: str | None) -> None:
    row = story.lease(at())
    with story.database.write() as session:
        fill(session, row.customer_id, story.centre.product_id)
        assert identity.factor(session, SEALER, row.customer_id, factor=factor) == known
        last4 = identity.factor(session, SEALER, row.customer_id, factor="phone_last4")
    assert last4 is not None and len(last4) == 4


def test_tries_without_a_match_are_counted_per_call(story: Story) -> None:
    first, second = story.lease(at()), story.lease(at())
    user_id = UserId(story.centre.users["operator1"])
    for state in ("unknown", "unknown", "verified"):
        story.write(
            events.IdentityRecorded(CallId(first.call_id), user_id, state, "birth_date", at())
        )
    with story.database.read() as session:
        assert identity.failures(session, first.call_id) == 2
        assert identity.failures(session, second.call_id) == 0
