"""What is kept of calls without anybody's doing, and that a shift needs no dialing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.results import Result
from agent_desk.store.records import caller_records
from softphone import protocol
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk, ended
from tests.agent_desk.store.desk_rows import SEALER

DIALING = ("next_customer", "place_previewed", "dial_by_hand")


@pytest.fixture
def busy(sqlite_url: str, tmp_path: Path) -> Iterator[Shift]:
    """A list long enough for thirty calls."""
    settings = {"kind": "sales", "identity_needed": False, "customers": 40, "wrap_up_s": 60}
    desk = SmallDesk(sqlite_url, tmp_path, **settings)
    yield Shift.begin(desk)
    desk.stop()


def test_a22_every_attempt_leaves_a_history_without_a_click(shift: Shift) -> None:
    unanswered = shift.available()
    lost = {"by": protocol.EndedBy.TRUNK, "answered": False, "sip_code": 480, "cause": ""}
    shift.gateway.tell(
        protocol.CallPlaced(unanswered, "trunk1"),
        ended(unanswered, verdict=protocol.Verdict.NOT_SCREENED, **lost),
    )
    shift.desk.settle()
    talked = shift.placed()
    shift.answer(talked)
    shift.gateway.tell(protocol.CallBridged(talked, shift.seat_id, 800))
    shift.desk.settle()
    shift.end(talked)
    shift.desk.tick(61)  # nobody saves: the wrap-up ends by itself
    with shift.desk.desk.database.read() as session:
        for call_id in (unanswered, talked):
            attempt = session.get_one(Attempt, call_id)
            past = caller_records.affairs(
                session,
                SEALER,
                attempt.customer_id or 0,
                campaign_id=attempt.campaign_id,
                limit=10,
            ).history
            assert call_id in [each.call_id for each in past]
            assert attempt.number_key and attempt.leased_at
            assert session.get_one(AttemptOutcome, call_id).outcome
        result = session.scalars(select(Result).where(Result.call_id == talked)).one()
        assert (result.recorded, result.counterpart) == (False, "unknown")
        assert session.get_one(Call, talked).seat_user_id == result.user_id


def test_a22_r50_a_saved_result_has_every_field_of_the_record_of_a_negotiation(
    shift: Shift,
) -> None:
    call_id = shift.talk()
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="来週支払う")
    with shift.desk.desk.database.read() as session:
        row = session.execute(
            select(Result, Attempt, Call)
            .join(Attempt, Attempt.id == Result.call_id)
            .join(Call, Call.id == Result.call_id)
        ).one()
    result, attempt, call = row
    assert result.counterpart == "customer"
    assert result.codes == ["contact"] and result.note_id is not None
    assert attempt.number_key and call.bridged_at and call.record
    assert result.user_id == call.seat_user_id


def test_b05_thirty_calls_without_one_dialing_action(busy: Shift) -> None:
    pressed: list[str] = []
    call_id = busy.available()
    for turn in range(30):
        busy.answer(call_id)
        busy.gateway.tell(protocol.CallBridged(call_id, busy.seat_id, 800))
        busy.desk.settle()
        busy.end(call_id)
        for event, more in (("mark_status", {"code": "contact", "on": True}),):
            busy.page.do(event, call_id=call_id, **more)
            pressed.append(event)
        busy.page.do("save_result", call_id=call_id, note="")
        busy.alive()
        if turn < 29:
            call_id = busy.placed()
    assert not set(pressed) & set(DIALING)
    with busy.desk.desk.database.read() as session:
        assert session.scalar(select(func.count(Result.id))) == 30
