"""Do-not-call entries with a product, a basis and an end; and the list as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import update

from agent_desk.dialer.business_time import business_date
from agent_desk.models.customers import Customer
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules import block_files
from agent_desk.services.rules.block_terms import Terms
from agent_desk.store.campaigns import campaigns
from agent_desk.store.rules import do_not_call
from softphone import protocol
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.store.desk_rows import NOON, SEALER

ADMIN = Actor("admin1", "admin")
NUMBER = "090-1234-5678"
KEY = SEALER.number_key("+819012345678")


def products(desk: SmallDesk) -> tuple[int, int]:
    with desk.desk.database.write() as session:
        return 1, campaigns.add_product(session, "insurance")


def barred(desk: SmallDesk, product_id: int) -> bool:
    with desk.desk.database.read() as session:
        return bool(do_not_call.blocked_keys(session, [KEY], product_id))


def test_b17_an_entry_for_one_product_bars_no_other(small_desk: SmallDesk) -> None:
    card, insurance = products(small_desk)
    terms = Terms("refusal", insurance)
    small_desk.desk.do_not_call.block_number(NUMBER, reason="x", actor="lead1", terms=terms)
    assert (barred(small_desk, card), barred(small_desk, insurance)) == (False, True)
    (line,) = small_desk.desk.do_not_call.current()
    assert (line.product, line.basis, line.expires_at) == ("insurance", "refusal", None)


def test_a_ringing_call_for_the_product_ends_and_one_for_another_goes_on(
    each_shift: Shift,
) -> None:
    shift = each_shift
    call_id = shift.available()
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), protocol.CallRinging(call_id, 180))
    shift.desk.settle()
    card, insurance = products(shift.desk)
    desk = shift.desk.desk
    with desk.database.write() as session:
        person = shift.desk.call(call_id).customer_id
        session.execute(update(Customer).where(Customer.id == person).values(external_id="A1"))
    desk.do_not_call.block_customer(
        "A1", reason="x", actor="lead1", terms=Terms("refusal", insurance)
    )
    assert shift.gateway.newest(protocol.EndWithPrompt) is None
    desk.do_not_call.block_customer("A1", reason="x", actor="lead1", terms=Terms("refusal", card))
    assert shift.gateway.newest(protocol.EndWithPrompt).call_id == call_id


def test_an_entry_ends_with_its_last_day_in_japan_and_not_before(small_desk: SmallDesk) -> None:
    desk = small_desk.desk
    today = business_date(desk.clock.now())
    desk.do_not_call.block_number(
        NUMBER, reason="x", actor="lead1", terms=Terms("temporary", None, today)
    )
    assert desk.do_not_call.expire() == 0
    (line,) = desk.do_not_call.current()
    assert line.expires_at is not None
    small_desk.clock.advance((line.expires_at - desk.clock.now()).total_seconds() - 1)
    assert desk.do_not_call.expire() == 0
    small_desk.clock.advance(1)
    assert desk.do_not_call.expire() == 1
    assert desk.do_not_call.current() == []
    assert not barred(small_desk, 1)


@pytest.mark.parametrize(
    ("basis", "days", "error"),
    [
        ("request", 5, "expiry-forbidden"),
        ("refusal", 5, "expiry-forbidden"),
        ("temporary", None, "until-needed"),
        ("temporary", -1, "until-needed"),
        ("register", 9999, "until-needed"),
        ("whim", None, "basis-unknown"),
    ],
)
def test_only_what_the_law_lets_end_has_an_end(basis: str, days: int | None, error: str) -> None:
    last_day = None if days is None else business_date(NOON) + timedelta(days=days)
    with pytest.raises(ServiceError) as refused:
        Terms(basis, None, last_day).expires_at(NOON)
    assert refused.value.error_id == error


def test_a_file_goes_through_the_same_rules_row_by_row_and_comes_out_again(
    small_desk: SmallDesk,
) -> None:
    files = small_desk.desk.lists.block_files
    products(small_desk)
    text = (
        "電話番号,顧客番号,商材,根拠,理由,期限\r\n"
        "090-1234-5678,,,request,=1+1,\r\n"
        "03-1234-5678,,insurance,refusal,いらない,\r\n"
        "090-1111-2222,,,temporary,旅行,2027/01/31\r\n"
        "110,,,request,x,\r\n"
        ",nobody,,request,x,\r\n"
        "090-1111-3333,,none,request,x,\r\n"
        "090-1111-3333,A1,,request,x,\r\n"
        "090-1111-3333,,,request,x,2027-01-31\r\n"
    )
    taken = files.take(text.encode("cp932"), actor=ADMIN)
    assert taken.added == 3
    assert taken.refused == (
        (5, "number-unusable"),
        (6, "customer-unknown"),
        (7, "product-unknown"),
        (8, "number-or-customer"),
        (9, "expiry-forbidden"),
    )
    out = b"".join(files.hand_out(actor=ADMIN)).decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(out))
    assert rows == [
        ["09012345678", "", "", "request", "'=1+1", ""],
        ["0312345678", "", "insurance", "refusal", "いらない", ""],
        ["09011112222", "", "", "temporary", "旅行", "2027-01-31"],
    ]
    assert files.take(out.encode(), actor=ADMIN).added == 3


BAD_FILES = [
    (b"\xff\xfe\xfa", "import-encoding"),
    (b"name\nx\n", "import-header"),
    (b"", "import-header"),
    (b"x" * (block_files.MOST_BYTES + 1), "import-too-large"),
    (b"number\n" + b"1\n" * (block_files.MOST_ROWS + 1), "import-too-many-rows"),
]


def test_what_is_no_such_file_is_refused(small_desk: SmallDesk) -> None:
    for data, error in BAD_FILES:
        with pytest.raises(ServiceError) as refused:
            small_desk.desk.lists.block_files.take(data, actor=ADMIN)
        assert refused.value.error_id == error


def test_the_whole_list_is_handed_out_by_those_who_answer_for_it(small_desk: SmallDesk) -> None:
    lead, admin = signed_in(small_desk, "lead1"), signed_in(small_desk, "admin1")
    assert lead.post("/admin/do-not-call/export").status_code == 403
    answer = admin.post("/admin/do-not-call/export")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert lead.post("/admin/do-not-call/file").status_code == 400
