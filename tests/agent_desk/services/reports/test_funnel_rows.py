"""The funnel of the page against the raw rows: attempts, calls, and the newest results (B11)."""

from __future__ import annotations

import re

from sqlalchemy import select

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.results import Result
from softphone import protocol
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import BORN, Shift, ended

DAY = "from=2026-11-24&to=2026-11-24"
STEPS = ("contact", "valid", "payment_date")
# What was marked on each call; the last one nobody answers.
MARKED = (STEPS, STEPS[:2], STEPS[:2], STEPS[:1], ())
STEP = re.compile(r'data-step="(\w+)" data-count="(\d+)"(?: data-lost="(\d+)")?( data-worst)?')
Told = list[tuple[str, int, int | None, bool]]


def talked(shift: Shift, call_id: str, codes: tuple[str, ...]) -> None:
    """A call with these statuses, written down and saved."""
    shift.answer(call_id)
    shift.gateway.tell(protocol.CallBridged(call_id, shift.seat_id, 800))
    shift.desk.settle()
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    for code in set(codes) - {"payment_date"}:
        shift.page.do("mark_status", call_id=call_id, code=code, on=True)
    if "payment_date" in codes:
        shift.page.do("set_promise", call_id=call_id, due_on="2026-11-30", amount_yen=5000)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    shift.alive()


def worked(shift: Shift) -> list[str]:
    """The ids of the calls somebody talked on; one more rang out."""
    made, call_id = [], shift.available()
    for codes in MARKED:
        talked(shift, call_id, codes)
        made.append(call_id)
        call_id = shift.placed()
    shift.gateway.tell(
        protocol.CallPlaced(call_id, "trunk1"),
        protocol.CallRinging(call_id, 180),
        ended(
            call_id,
            by=protocol.EndedBy.TRUNK,
            answered=False,
            verdict=protocol.Verdict.NOT_SCREENED,
            sip_code=480,
            cause="",
        ),
    )
    shift.desk.settle()
    return made


def counted(shift: Shift) -> Told:
    """The steps as somebody with the tables and a pencil would have them."""
    with shift.desk.desk.database.read() as session:
        placed = session.scalars(select(Attempt.id).where(Attempt.placed_at.is_not(None))).all()
        calls = [each for each in session.scalars(select(Call)) if each.id in placed]
        answered = sum(each.answered_at is not None for each in calls)
        bridged = sum(each.bridged_at is not None for each in calls)
        results = session.scalars(select(Result).order_by(Result.call_id, Result.version)).all()
    newest = {result.call_id: set(result.codes) for result in results}
    numbers = [len(placed), answered, bridged]
    numbers += [sum(code in codes for codes in newest.values()) for code in STEPS]
    names = ("attempts", "answered", "bridged", *STEPS)
    lost = [None, *(before - after for before, after in zip(numbers, numbers[1:], strict=False))]
    shares = {
        name: after / before
        for name, before, after in zip(names[3:], numbers[2:], numbers[3:], strict=False)
        if after < before
    }
    worst = min(shares, key=lambda name: shares[name])
    return [
        (name, number, gone, name == worst)
        for name, number, gone in zip(names, numbers, lost, strict=True)
    ]


def shown(shift: Shift) -> Told:
    page = signed_in(shift.desk, "manager1").get(f"/reports?{DAY}").get_data(as_text=True)
    return [
        (name, int(count), int(lost) if lost else None, bool(worst))
        for name, count, lost, worst in STEP.findall(page)
    ]


def test_b11_the_drop_at_each_step_and_the_worst_are_those_of_the_raw_rows(shift: Shift) -> None:
    made = worked(shift)
    assert shown(shift) == counted(shift)
    assert [number for _, number, _, _ in shown(shift)] == [6, 5, 5, 4, 3, 1]
    assert [name for name, _, _, worst in shown(shift) if worst] == ["payment_date"]
    for call_id in made[1:3]:  # what was taken for valid was not: a second version of each
        shift.page.do("correct_result", call_id=call_id, based_on=1, codes=["contact"])
    shift.desk.settle()
    assert shown(shift) == counted(shift)
    assert [number for _, number, _, _ in shown(shift)] == [6, 5, 5, 4, 1, 1]
    assert [name for name, _, _, worst in shown(shift) if worst] == ["valid"]
    lost = [gone for _, _, gone, _ in shown(shift) if gone is not None]
    assert 6 - sum(lost) == 1, "what is lost on the way adds up"
