"""A third number sees the caller id it would see if it were dialed, and the row says which."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from agent_desk.models.campaigns import Campaign
from agent_desk.models.scripts import CallParty
from softphone import protocol as wire
from tests.agent_desk.small_desk import Shift


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("03-3581-0001", "0311112222"),
        ("06-6341-0001", "0611112222"),
        ("052-961-0001", "0120000001"),
        ("090-0000-9999", "0120000001"),
    ],
)
def test_a_third_number_sees_the_campaigns_number_for_its_area(
    shift: Shift, number: str, shown: str
) -> None:
    with shift.desk.desk.database.write() as session:
        session.execute(
            update(Campaign).values(
                caller_id="0120000001",
                # A prefecture says nothing of a number whose owner nobody knows.
                local_caller_ids=[
                    ["03", "0311112222"],
                    ["06", "0611112222"],
                    ["東京都", "0422000000"],
                ],
            )
        )
    shift.talk()
    shift.page.do("call_number", number=number, blind=False)
    shift.desk.settle()
    order = shift.gateway.newest(wire.AddParty)
    assert order.caller_id == shown
    with shift.desk.desk.database.read() as session:
        assert session.scalars(select(CallParty.caller_id)).all() == [shown]
