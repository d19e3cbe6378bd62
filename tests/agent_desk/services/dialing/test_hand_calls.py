"""A call by hand from the desk: whom it means, what the rules say, and the same rules again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from agent_desk.models.customers import Phone
from tests.agent_desk.small_desk import Shift
from tests.agent_desk.store.desk_rows import SEALER


def number_of(shift: Shift) -> str:
    with shift.desk.desk.database.read() as session:
        sealed = session.scalars(select(Phone.number_sealed).order_by(Phone.id)).first()
    assert sealed is not None
    return "0" + SEALER.open(sealed).removeprefix("+81")


def test_a_number_is_judged_before_anything_is_dialed(shift: Shift) -> None:
    shift.alive()
    found = shift.page.do("check_dial", wish=number_of(shift))["found"]
    assert (found["name"], found["rules"], found["next_allowed_at"]) == ("山田 太郎", [], None)
    assert "••••" in found["phone_masked"]
    assert shift.desk.seat().call_id is None


def test_what_the_rules_forbid_is_said_and_not_dialed(shift: Shift) -> None:
    shift.alive()
    shift.desk.clock.advance(timedelta(hours=10).total_seconds())  # 22:00 in Japan
    found = shift.page.do("check_dial", wish="#1")["found"]
    assert "R01" in found["rules"]
    assert found["next_allowed_at"] is not None
    assert shift.page.refused("dial_by_hand", wish="#1") == "call-forbidden"


def test_who_is_on_no_list_of_the_seats_is_not_found(shift: Shift) -> None:
    shift.alive()
    for wish in ("090-0999-0000", "#999999", "nobody"):
        assert shift.page.refused("check_dial", wish=wish) == "dial-unknown"
