"""Leads' orders on a whole desk: scope, roles, what both pages show, rows, and a desk that dies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.results import Result
from agent_desk.models.seat_orders import SeatOrder
from tests.agent_desk.services.running.test_recovery import Restarts
from tests.agent_desk.small_desk import Page, Shift
from tests.waiting import until


@pytest.fixture
def lead(shift: Shift) -> Page:
    page = shift.desk.page("lead1", "/floor")
    return page


@pytest.fixture
def restarts(database_url: str, tmp_path: Any) -> Iterator[Restarts]:
    made = Restarts(database_url, tmp_path)
    yield made
    made.stop()


def tile(shift: Shift, lead: Page) -> dict[str, Any]:
    shift.desk.desk.publisher.flush_floor()
    found: dict[str, Any] = lead.follow()["seats"]["operator1"]
    return found


def test_an_order_is_shown_to_both_taken_back_and_written(shift: Shift, lead: Page) -> None:
    shift.talk()
    lead.do("order_seat", seat="operator1", what="away", reason="meeting", note="会議室Bへ")
    for shown in (shift.page.follow()["seat"]["order"], tile(shift, lead)["order"]):
        assert (shown["what"], shown["reason"], shown["by"]) == ("away", "meeting", "lead1")
        assert (shown["note"], shown["done"]) == ("会議室Bへ", False)
    assert shift.page.follow()["seat"]["state"] == "talking"
    lead.do("cancel_order", seat="operator1")
    assert shift.page.follow()["seat"]["order"] is None
    assert lead.refused("cancel_order", seat="operator1") == "nothing-ordered"
    with shift.desk.desk.database.read() as session:
        row = session.scalars(select(SeatOrder)).one()
        trail = session.execute(
            select(AuditRow.action, AuditRow.actor, AuditRow.details).where(
                AuditRow.action.like("seat.order%")
            )
        ).all()
    assert (row.how, row.note) == ("cancelled", "会議室Bへ")
    assert [(each.action, each.actor) for each in trail] == [
        ("seat.ordered", "lead1"),
        ("seat.order-ended", "lead1"),
    ]
    assert "会議室" not in str([each.details for each in trail])


def test_a_command_id_orders_once(shift: Shift, lead: Page) -> None:
    shift.talk()
    for _ in range(2):
        lead.do("order_seat", seat="operator1", what="logout", command_id="same-order-id")
    with shift.desk.desk.database.read() as session:
        assert len(session.scalars(select(SeatOrder)).all()) == 1


def test_another_teams_lead_reaches_nobody_and_nonsense_nothing(shift: Shift, lead: Page) -> None:
    other = shift.desk.page("lead2", "/floor")
    call_id = shift.talk()
    for event, fields in [
        ("order_seat", {"what": "logout"}),
        ("cancel_order", {}),
        ("finish_wrap_up", {}),
    ]:
        assert other.refused(event, seat="operator1", **fields) == "not-in-scope"
        assert lead.refused(event, seat="nobody", **fields) == "seat-not-open"
    assert lead.refused("order_seat", seat="operator1", what="nap") == "bad-payload"
    assert lead.refused("order_seat", seat="operator1", what="away", reason="nap") == (
        "unknown-reason"
    )
    assert lead.refused("order_seat", seat="operator1", what="work_on", campaign_id=999) == (
        "campaign-elsewhere"
    )
    assert lead.refused("order_seat", seat="operator1", what="logout", when="now") == "call-on-seat"
    assert shift.page.follow()["call"]["id"] == call_id


def test_a_lead_finishes_a_wrap_up_and_the_draft_is_the_unrecorded_result(
    shift: Shift, lead: Page
) -> None:
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.end(call_id)
    assert shift.page.follow()["seat"]["state"] == "wrap_up"
    lead.do("finish_wrap_up", seat="operator1")
    assert shift.page.follow()["seat"]["state"] == "available"
    with shift.desk.desk.database.read() as session:
        result = session.scalars(select(Result).where(Result.call_id == call_id)).one()
        actor = session.scalars(
            select(AuditRow.actor).where(AuditRow.action == "wrap-up.finished")
        ).one()
    assert not result.recorded
    assert actor == "lead1"


def test_logged_out_means_signed_out(shift: Shift, lead: Page) -> None:
    shift.alive()
    person = shift.desk.person("operator1")
    lead.do("order_seat", seat="operator1", what="logout")
    shift.desk.settle()
    assert "operator1" not in shift.desk.desk.commits.floor.seats
    accounts = shift.desk.desk.people.accounts
    assert accounts.person_by_id(person.user_id, person.session_id) is None
    until(lambda: not shift.page.open, what="the page without a seat closed")


def test_what_waits_is_there_after_the_desk_died(restarts: Restarts) -> None:
    shift = Shift.begin(restarts.start())
    shift.talk()
    shift.desk.page("lead1", "/floor").do("order_seat", seat="operator1", what="logout", note="x")
    again = restarts.start()
    order = again.desk.commits.floor.seats["operator1"].order  # type: ignore[index]
    assert order is not None
    assert (order.what, order.by, order.note, order.done) == ("logout", "lead1", "x", False)
