"""架電禁止 is effective at once: for calls that ring, for the gateways, for the next lease."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt
from agent_desk.models.customers import Customer, Phone
from agent_desk.routes.admin import do_not_call as do_not_call_page
from agent_desk.services.errors import ServiceError
from softphone import protocol
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.routes.test_internal import post
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store.desk_rows import SEALER


def refusal(verb: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as refused:
        verb()
    return refused.value.error_id


def number_of(shift: Shift, call_id: str) -> str:
    with shift.desk.desk.database.read() as session:
        phone = session.get(Phone, shift.desk.call(call_id).phone_id)
        assert phone is not None
        return SEALER.open(phone.number_sealed)


def audited(desk: SmallDesk) -> list[tuple[str, str]]:
    query = select(AuditRow.actor, AuditRow.action).where(AuditRow.action.like("do_not_call.%"))
    with desk.desk.database.read() as session:
        return [(row[0], row[1]) for row in session.execute(query.order_by(AuditRow.id))]


def test_a_ringing_call_ends_and_the_gateways_are_told_before_it_returns(each_shift: Shift) -> None:
    shift = each_shift
    call_id = shift.available()
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), protocol.CallRinging(call_id, 180))
    shift.desk.settle()

    shift.desk.desk.do_not_call.block_number(
        number_of(shift, call_id), reason="本人の申出", actor="lead1"
    )

    blocked = shift.gateway.newest(protocol.BlockNumbers)
    assert blocked.number_keys == (shift.desk.call(call_id).number_key,)
    assert shift.gateway.newest(protocol.EndWithPrompt).call_id == call_id
    assert audited(shift.desk) == [("lead1", "do_not_call.added")]


def test_no_later_lease_takes_a_blocked_customer(each_shift: Shift) -> None:
    shift = each_shift
    with shift.desk.desk.database.write() as session:
        people = list(session.scalars(select(Customer.id).order_by(Customer.id)))
        for customer_id in people:
            session.execute(
                update(Customer)
                .where(Customer.id == customer_id)
                .values(external_id=f"A{customer_id}")
            )
    service = shift.desk.desk.do_not_call
    spared = people[-1]
    for customer_id in people[:-1]:
        service.block_customer(f"A{customer_id}", reason="本人の申出", actor="lead1")
    call_id = shift.available()
    assert shift.desk.call(call_id).customer_id == spared
    with shift.desk.desk.database.read() as session:
        assert set(session.scalars(select(Attempt.customer_id))) == {spared}


def test_a_block_is_lifted_once_and_both_are_audited(small_desk: SmallDesk) -> None:
    service = small_desk.desk.do_not_call
    service.block_number("090-0000-9999", reason="苦情", actor="lead1")
    (line,) = service.current()
    assert (line.last4, line.customer_id, line.reason) == ("9999", None, "苦情")
    service.lift(line.id, actor="admin1")
    assert service.current() == []
    assert refusal(lambda: service.lift(line.id, actor="admin1")) == "block-unknown"
    assert audited(small_desk) == [
        ("lead1", "do_not_call.added"),
        ("admin1", "do_not_call.lifted"),
    ]


def test_what_names_nobody_or_gives_no_reason_is_refused(small_desk: SmallDesk) -> None:
    service = small_desk.desk.do_not_call
    for number, reason, error in (
        ("110", "x", "number-unusable"),
        ("090-0000-9999", "  ", "reason-needed"),
        ("090-0000-9999", "x" * 65, "reason-needed"),
    ):
        verb = lambda n=number, r=reason: service.block_number(n, reason=r, actor="a")  # noqa: E731
        assert refusal(verb) == error
    unknown = lambda: service.block_customer("none", reason="x", actor="a")  # noqa: E731
    assert refusal(unknown) == "customer-unknown"
    assert refusal(lambda: service.lift_number("090-0000-9999", actor="a")) == "block-unknown"
    assert (service.current(), audited(small_desk)) == ([], [])


def test_the_page_blocks_and_shows_no_more_than_the_end_of_a_number(small_desk: SmallDesk) -> None:
    with small_desk.desk.database.read() as session:
        number = SEALER.open(session.scalars(select(Phone.number_sealed)).first() or b"")
    lead, admin = signed_in(small_desk, "lead1"), signed_in(small_desk, "admin1")
    answer = lead.post("/admin/do-not-call", {"number": number, "reason": "本人の申出"})
    assert (answer.status_code, answer.location) == (303, "/admin/do-not-call")
    page = admin.get("/admin/do-not-call").get_data(as_text=True)
    assert f"下4桁 {number[-4:]}" in page
    assert number not in page
    assert "block-row" not in lead.get("/admin/do-not-call").get_data(as_text=True)
    (line,) = small_desk.desk.do_not_call.current()
    assert lead.post(f"/admin/do-not-call/{line.id}/lift").status_code == 403
    assert admin.post(f"/admin/do-not-call/{line.id}/lift").status_code == 303
    assert small_desk.desk.do_not_call.current() == []


@pytest.mark.parametrize(
    "form",
    [
        {"reason": "x"},
        {"number": "090-0000-0001", "customer": "A1", "reason": "x"},
        {"number": "090-0000-0001"},
        {"number": "110", "reason": "x"},
    ],
)
def test_a_form_that_lacks_something_blocks_nobody(
    small_desk: SmallDesk, form: dict[str, str]
) -> None:
    answer = signed_in(small_desk, "lead1").post("/admin/do-not-call", form)
    assert answer.status_code == 400
    assert "field-error" in answer.get_data(as_text=True)
    assert small_desk.desk.do_not_call.current() == []


def test_the_command_line_blocks_through_the_running_desk(small_desk: SmallDesk) -> None:
    told = {"number": "090-0000-9999", "reason": "苦情"}
    assert post(small_desk, "/internal/do-not-call", told).status_code == 200
    assert [line.reason for line in small_desk.desk.do_not_call.current()] == ["苦情"]
    assert post(small_desk, "/internal/do-not-call/lift", told).status_code == 200
    again = post(small_desk, "/internal/do-not-call/lift", told)
    assert (again.status_code, again.get_json()["error"]["id"]) == (404, "block-unknown")
    assert post(small_desk, "/internal/do-not-call", {"number": 1}).status_code == 400


def test_the_list_goes_on_page_by_page_to_the_oldest_block(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(do_not_call_page, "SHOWN", 2)
    for number in range(5):
        small_desk.desk.do_not_call.block_number(
            f"090-0000-999{number}", reason="本人の申出", actor="lead1"
        )
    admin, path, seen = signed_in(small_desk, "admin1"), "/admin/do-not-call", []
    while path:
        page = admin.get(path).get_data(as_text=True)
        seen.append(page.count('data-testid="block-row"'))
        following = re.search(r'href="(/admin/do-not-call\?before=\d+)"', page)
        path = following[1] if following else ""
    assert seen == [2, 2, 1]
