"""The number a customer sees: ordered by area, and told to people as it was really sent (R30)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from agent_desk.dialer.ids import CallId
from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Phone
from agent_desk.services.running.recovery import Recovery
from softphone import protocol
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Shift
from tests.agent_desk.store.desk_rows import SEALER

OSAKA, DEFAULT, SENT = "06-1234-0000", "03-1234-0000", "05012340000"


def ordered(shift: Shift, prefecture: str) -> str:
    """The number asked for when somebody who lives there is called on a mobile."""
    with shift.desk.desk.database.write() as session:
        key = SEALER.area_key("prefecture", prefecture)
        session.execute(update(Customer).values(prefecture_key=key))
        pool = {"caller_id": DEFAULT, "local_caller_ids": [["大阪府", OSAKA], ["06", OSAKA]]}
        session.execute(update(Campaign).values(**pool))
    shift.available()
    order = shift.gateway.newest(protocol.PlaceCall)
    assert order is not None
    return str(order.caller_id)


def test_who_lives_in_an_area_with_a_number_of_its_own_sees_that_one(shift: Shift) -> None:
    assert ordered(shift, "大阪府") == OSAKA


def test_who_lives_elsewhere_sees_a_number_of_the_pool(shift: Shift) -> None:
    assert ordered(shift, "東京都") == DEFAULT


def test_what_people_are_shown_is_what_was_sent(shift: Shift) -> None:
    call_id = shift.available()
    tell, settle = shift.gateway.tell, shift.desk.settle
    tell(protocol.CallPlaced(call_id, "trunk1", DEFAULT))
    tell(protocol.CallRerouted(call_id, "spare", 503, SENT))
    shift.answer(call_id)
    tell(protocol.CallBridged(call_id, shift.seat_id, 800))
    settle()
    assert shift.page.follow()["call"]["caller_id"] == SENT
    assert kept(shift, call_id) == SENT
    lead = signed_in(shift.desk, "lead1")
    assert f"発信者番号 {SENT}" in lead.get("/reports/calls").get_data(as_text=True)
    header, *rows = lead.get("/reports/calls.csv").get_data(as_text=True).splitlines()
    assert "発信者番号" in header and [SENT in row for row in rows] == [True]
    recovered = Recovery(
        database=shift.desk.desk.database, sealer=SEALER, clock=shift.desk.clock
    ).begin()
    assert recovered.floor.calls[CallId(call_id)].caller_id == SENT, "after a crash too"


def test_a_number_that_was_withheld_is_not_made_up(shift: Shift) -> None:
    call_id = shift.available()
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1", ""))
    shift.answer(call_id)
    shift.desk.settle()
    assert kept(shift, call_id) == ""
    lead = signed_in(shift.desk, "lead1")
    assert "発信者番号 非通知" in lead.get("/reports/calls").get_data(as_text=True)
    assert "非通知" in lead.get("/reports/calls.csv").get_data(as_text=True)


def test_a_number_nobody_told_is_not_said_to_be_withheld(shift: Shift) -> None:
    call_id = shift.talk()  # its gateway tells of none
    assert shift.page.follow()["call"]["caller_id"] == ""
    assert kept(shift, call_id) is None
    lead = signed_in(shift.desk, "lead1")
    for path in ("/reports/calls", "/reports/calls.csv"):
        assert "非通知" not in lead.get(path).get_data(as_text=True)
    with shift.desk.desk.database.write() as session:
        session.execute(update(Phone).values(number_sealed=SEALER.seal("")))  # as when erased
    page = lead.get("/reports/calls").get_data(as_text=True)
    assert "番号なし" in page and "非通知" not in page


def kept(shift: Shift, call_id: str) -> Any:
    with shift.desk.desk.database.read() as session:
        return session.scalar(select(Attempt.caller_id).where(Attempt.id == call_id))
