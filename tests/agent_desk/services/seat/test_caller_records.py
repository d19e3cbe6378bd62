"""What a caller record holds before and after 本人確認, and that each showing is audited."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Debt, Note
from agent_desk.services.seat.caller_records import mask_number, show_number
from tests.agent_desk.small_desk import BORN, Shift
from tests.agent_desk.store.desk_rows import NOON, SEALER
from tests.builders import call

SECRETS = ("54321", "2026-10-31", "前回は不在", "顧客番号77", "職業")


@pytest.mark.parametrize(
    ("number", "masked", "shown"),
    [
        ("+819012345678", "090-••••-5678", "090-1234-5678"),
        ("+81312345678", "••••••5678", "0312345678"),
        ("+15551234", "•••••1234", "+15551234"),
    ],
)
def test_a_number_is_masked_to_its_last_four(number: str, masked: str, shown: str) -> None:
    assert mask_number(number) == masked
    assert show_number(number) == shown


def test_a_number_is_masked_to_nothing_where_its_end_is_the_question() -> None:
    assert mask_number("+819012345678", end_shown=False) == "090-••••-••••"
    assert mask_number("+81312345678", end_shown=False) == "••••••••••"


def test_the_screen_does_not_show_the_answer_it_asks_for(shift: Shift) -> None:
    desk = shift.desk.desk
    with desk.database.write() as session:
        session.execute(update(Campaign).values(identity_factor="phone_last4"))
    desk.book.reload()
    call_id = shift.talk()
    assert record(shift)["customer"]["phone_masked"] == "090-••••-••••"
    shift.page.do("check_identity", call_id=call_id, answer="0000")
    assert record(shift)["customer"]["phone_masked"] == "090-••••-0000"


@pytest.fixture
def rich_shift(each_shift: Shift) -> Shift:
    """Every customer has a debt, a note, a field and an id of their own."""
    desk = each_shift.desk
    centre = desk.people.centre
    with desk.desk.database.write() as session:
        fields = SEALER.seal(json.dumps([["職業", "会社員"]]))
        for customer_id in session.scalars(select(Customer.id)).all():
            session.execute(
                update(Customer)
                .where(Customer.id == customer_id)
                .values(fields_sealed=fields, external_id=f"顧客番号77-{customer_id}")
            )
            session.execute(
                insert(Debt).values(
                    customer_id=customer_id,
                    product_id=centre.product_id,
                    amount_yen=54321,
                    due_on=date(2026, 10, 31),
                    created_at=NOON,
                )
            )
            session.execute(
                insert(Note).values(
                    customer_id=customer_id,
                    user_id=desk.people.users["operator1"],
                    text_sealed=SEALER.seal("前回は不在"),
                    at=NOON,
                )
            )
        session.execute(update(Campaign).values(script="ご本人様でしょうか"))
    desk.desk.book.reload()
    return each_shift


def record(shift: Shift) -> dict[str, Any]:
    found: dict[str, Any] = shift.page.follow()["record"]
    return found


def test_r32_before_the_identity_is_known_nothing_of_the_debt_is_sent(rich_shift: Shift) -> None:
    rich_shift.talk()
    shown = record(rich_shift)
    assert shown["customer"]["name"] == "山田 太郎"
    assert shown["customer"]["phone"] is None
    assert shown["script"] == "ご本人様でしょうか"
    withheld = ("debts", "promises", "notes", "history", "messages")
    assert [shown[key] for key in withheld] == [None] * 5
    assert shown["fields"] == []
    sent = json.dumps([each.data for each in rich_shift.page.heard()], ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in sent] == []


def test_r32_r33_a_wrong_answer_and_a_third_party_open_nothing(rich_shift: Shift) -> None:
    call_id = rich_shift.talk()
    rich_shift.page.do("check_identity", call_id=call_id, answer="1979-01-01")
    assert record(rich_shift)["debts"] is None
    assert record(rich_shift)["identity"]["tries_left"] == 2
    rich_shift.page.do("third_party", call_id=call_id)
    assert record(rich_shift)["debts"] is None


def test_after_the_match_the_whole_record_is_there(rich_shift: Shift) -> None:
    call_id = rich_shift.talk()
    rich_shift.page.do("check_identity", call_id=call_id, answer=BORN)
    shown = record(rich_shift)
    assert shown["customer"]["phone"].startswith("090-")
    (debt,) = shown["debts"]
    assert debt == {
        "product": "card",
        "amount_yen": 54321,
        "due_on": "2026-10-31",
        "days_overdue": 24,
    }
    (note,) = shown["notes"]
    assert (note["by"], note["text"]) == ("operator1", "前回は不在")
    assert [(each["name"], each["value"]) for each in shown["fields"]] == [("職業", "会社員")]
    assert (shown["promises"], shown["history"]) == ([], [])


def test_the_next_call_shows_what_came_of_the_last(rich_shift: Shift) -> None:
    shift = rich_shift
    call_id = shift.talk()
    customer_id = shift.desk.call(call_id).customer_id
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.page.do("set_promise", call_id=call_id, due_on="2026-11-30", amount_yen=3000)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="約束あり")
    shift.desk.settle()

    records = shift.desk.desk.publisher._states._records
    floor = shift.desk.desk.commits.floor
    # A later call to the same customer, as the dialer makes it.
    later = call("e" * 32, customer_id=customer_id, phone_id=1, identity="verified")
    assert later.campaign_id in floor.campaigns
    loaded = records.load(later)
    assert [(p["due_on"], p["amount_yen"], p["state"]) for p in loaded["promises"]] == [
        ("2026-11-30", 3000, "open")
    ]
    assert loaded["notes"][0]["text"] == "約束あり"
    (past,) = loaded["history"]
    assert (past["outcome"], sorted(past["codes"])) == ("human", ["contact", "payment_date"])


def test_a_campaign_without_identity_shows_all_at_once(rich_shift: Shift) -> None:
    commits = rich_shift.desk.desk.commits
    campaigns = {
        key: replace(campaign, identity_needed=False)
        for key, campaign in commits.floor.campaigns.items()
    }
    commits.floor = replace(commits.floor, campaigns=campaigns)
    rich_shift.talk()
    assert record(rich_shift)["debts"] != []
    assert record(rich_shift)["identity"]["needed"] is False


def test_each_showing_is_audited_with_ids_only(rich_shift: Shift) -> None:
    call_id = rich_shift.talk()
    rich_shift.page.do("check_identity", call_id=call_id, answer=BORN)
    rich_shift.desk.settle()
    customer_id = rich_shift.desk.call(call_id).customer_id
    with rich_shift.desk.desk.database.read() as session:
        query = select(AuditRow).where(AuditRow.action == "customer.record.shown")
        rows = session.scalars(query.order_by(AuditRow.id)).all()
    assert {row.subject for row in rows} == {f"customer:{customer_id}"}
    assert {row.actor for row in rows} == {"operator1"}
    assert [row.details["full"] for row in rows] == [False, True]
    told = str([row.details for row in rows])
    assert not any(secret in told for secret in (*SECRETS, "山田", BORN))
