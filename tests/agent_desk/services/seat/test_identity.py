"""本人確認: what is typed is compared by the server, counted, locked and never told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer
from agent_desk.models.results import IdentityCheck, Result
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat.identity import IdentityService, matches, normalise
from tests.agent_desk.small_desk import BORN, Shift
from tests.agent_desk.store.desk_rows import SEALER

SEAT = SeatId("operator1")


@pytest.mark.parametrize(
    "typed",
    [
        "1980-01-01",
        "1980/1/1",
        "1980.01.01",
        "19800101",
        "1980年1月1日",
        "昭和55年1月1日",
        "S55.1.1",
        "s55/1/1",
        "１９８０年１月１日",
        " 1980-01-01 ",
        "昭和 55年 1月 1日",
    ],
)
def test_a_birth_date_may_be_typed_in_any_of_the_usual_ways(typed: str) -> None:
    assert matches("birth_date", typed, BORN)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1980",
        "01-01-1980",
        "1980-01-02",
        "昭和54年1月1日",
        "1980-13-01",
        "令和55年1月1日",
        "S55",
    ],
)
def test_another_date_or_none_does_not_match(typed: str) -> None:
    assert not matches("birth_date", typed, BORN)


@pytest.mark.parametrize(
    ("era", "born"),
    [("令和元年5月1日", "2019-05-01"), ("平成31年4月30日", "2019-04-30"), ("H1/1/8", "1989-01-08")],
)
def test_years_of_an_era_count_from_its_first(era: str, born: str) -> None:
    assert matches("birth_date", era, born)


@pytest.mark.parametrize(
    ("factor", "typed", "stored", "same"),
    [
        ("phone_last4", "５６７８", "5678", True),
        ("phone_last4", "56-78", "5678", True),
        ("phone_last4", "0905678", "5678", False),
        ("phone_last4", "567", "5678", False),
        ("member_last4", "0012", "0012", True),
        ("member_last4", "12", "0012", False),
        ("address_town", "神田 神保町", "神田神保町", True),
        ("address_town", "神田", "神田神保町", False),
    ],
)
def test_other_factors_are_compared_in_one_spelling(
    factor: str, typed: str, stored: str, same: bool
) -> None:
    assert matches(factor, typed, stored) is same


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    factor=st.sampled_from(["birth_date", "phone_last4", "member_last4", "address_town"]),
    typed=st.text(max_size=30),
)
@example(factor="address_town", typed="R¸")  # a loose accent joins the letter before it
def test_whatever_is_typed_is_read_or_nothing(factor: str, typed: str) -> None:
    once = normalise(factor, typed)
    assert normalise(factor, once) == once
    assert not matches(factor, typed, "")


# --- on a call --------------------------------------------------------------------------------


def service(shift: Shift) -> IdentityService:
    namespace = shift.desk.server.namespaces["/desk"]
    found: IdentityService = namespace._use.identity
    return found


def check(shift: Shift, call_id: str, answer: str, command_id: str | None = None) -> object:
    return service(shift).check(SEAT, CallId(call_id), answer=answer, command_id=command_id)


def refusal(verb: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as refused:
        verb()
    return refused.value.error_id


def states(shift: Shift) -> list[str]:
    with shift.desk.desk.database.read() as session:
        return list(session.scalars(select(IdentityCheck.state).order_by(IdentityCheck.id)))


def test_a_match_opens_this_call_and_no_other(each_shift: Shift) -> None:
    shift = each_shift
    call_id = shift.talk()
    checked = check(shift, call_id, "昭和55年1月1日")
    assert (checked.matched, checked.state, checked.tries_left) == (True, "verified", 3)
    assert shift.desk.call(call_id).identity == "verified"
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    shift.alive()
    second = shift.placed()
    assert second != call_id
    assert shift.desk.call(second).identity == "unknown"


def test_the_third_wrong_answer_makes_it_a_third_party_and_locks(each_shift: Shift) -> None:
    shift = each_shift
    call_id = shift.talk()
    told = [check(shift, call_id, "1979-01-01") for _ in range(3)]
    assert [(each.matched, each.state, each.tries_left) for each in told] == [
        (False, "unknown", 2),
        (False, "unknown", 1),
        (False, "third_party", 0),
    ]
    assert states(shift) == ["unknown", "unknown", "third_party"]
    assert refusal(lambda: check(shift, call_id, BORN)) == "identity-locked"
    assert shift.desk.call(call_id).identity == "third_party"


def test_an_answer_sent_twice_is_one_try(shift: Shift) -> None:
    call_id = shift.talk()
    for _ in range(4):
        check(shift, call_id, "1979-01-01", command_id="the-same-answer")
    assert states(shift) == ["unknown"]
    assert check(shift, call_id, BORN).matched


def test_the_last_answer_sent_twice_is_told_the_same_twice(shift: Shift) -> None:
    call_id = shift.talk()
    for number in range(2):
        check(shift, call_id, "1979-01-01", command_id=f"wrong-answer-{number}")
    told = [check(shift, call_id, "1979-01-01", command_id="wrong-answer-2") for _ in range(2)]
    assert told[0] == told[1]
    assert told[1].state == "third_party"


def test_answers_sent_together_are_compared_one_at_a_time(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = shift.talk()
    commits = shift.desk.desk.commits
    submit, second = commits.submit, []

    def in_between(*arguments: object, **options: object) -> object:
        second.append(refusal(lambda: check(shift, call_id, BORN)))
        return submit(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(commits, "submit", in_between)
    assert not check(shift, call_id, "1979-01-01").matched
    monkeypatch.undo()
    assert second == ["too-many-events"]
    assert states(shift) == ["unknown"]
    assert check(shift, call_id, BORN).matched, "the next one has its turn"


def test_somebody_else_on_the_line_closes_the_record(shift: Shift) -> None:
    call_id = shift.talk()
    service(shift).third_party(SEAT, CallId(call_id), command_id=None)
    assert shift.desk.call(call_id).identity == "third_party"
    assert shift.page.follow()["record"]["debts"] is None


def test_a_promise_keeps_the_identity_it_rests_on(shift: Shift) -> None:
    call_id = shift.talk()
    check(shift, call_id, BORN)
    shift.page.do("set_promise", call_id=call_id, due_on="2026-11-30", amount_yen=None)
    verb = lambda: service(shift).third_party(SEAT, CallId(call_id), command_id=None)  # noqa: E731
    assert refusal(verb) == "identity-in-use"


def test_a_customer_whose_answer_nobody_knows_never_matches(shift: Shift) -> None:
    with shift.desk.desk.database.write() as session:
        session.execute(update(Customer).values(birth_date_sealed=None))
    call_id = shift.talk()
    assert not check(shift, call_id, "").matched
    assert not check(shift, call_id, BORN).matched


@pytest.mark.parametrize(
    ("factor", "right"),
    [("phone_last4", "0000"), ("member_last4", "7788"), ("address_town", "神田")],
)
def test_the_campaign_says_which_answer_is_asked_for(shift: Shift, factor: str, right: str) -> None:
    desk = shift.desk.desk
    with desk.database.write() as session:
        session.execute(update(Campaign).values(identity_factor=factor))
        session.execute(
            update(Customer).values(
                member_last4_sealed=SEALER.seal("7788"), address_town_sealed=SEALER.seal("神田")
            )
        )
    desk.book.reload()
    call_id = shift.talk()
    assert shift.page.follow()["record"]["identity"]["factor"] == factor
    assert check(shift, call_id, right).matched


def test_another_seats_call_is_nobodys_to_check(shift: Shift) -> None:
    call_id = shift.talk()
    verb = lambda: service(shift).check(  # noqa: E731
        SeatId("operator2"), CallId(call_id), answer=BORN, command_id=None
    )
    assert refusal(verb) == "not-your-call"


def two_factors(shift: Shift) -> None:
    desk = shift.desk.desk
    with desk.database.write() as session:
        session.execute(update(Campaign).values(identity_also=["member_last4"]))
        session.execute(update(Customer).values(member_last4_sealed=SEALER.seal("7788")))
    desk.book.reload()


def test_each_factor_of_the_campaign_is_asked_before_anything_is_told(shift: Shift) -> None:
    two_factors(shift)
    call_id = shift.talk()
    shown = shift.page.follow()["record"]["identity"]
    assert (shown["factor"], shown["step"], shown["steps"]) == ("birth_date", 1, 2)
    first = check(shift, call_id, BORN)
    assert (first.matched, first.state, first.tries_left) == (True, "unknown", 3)
    record = shift.page.follow()["record"]
    assert (record["identity"]["factor"], record["identity"]["step"]) == ("member_last4", 2)
    assert record["debts"] is None and record["notes"] is None
    assert not check(shift, call_id, BORN).matched  # the first one's answer is not the second's
    assert check(shift, call_id, "7788").state == "verified"
    assert shift.page.follow()["record"]["debts"] is not None


def test_wrong_answers_of_all_factors_count_together(shift: Shift) -> None:
    two_factors(shift)
    call_id = shift.talk()
    assert not check(shift, call_id, "1999-01-01").matched
    assert check(shift, call_id, BORN).matched
    assert check(shift, call_id, "0000").tries_left == 1
    assert check(shift, call_id, "1111").state == "third_party"


@pytest.mark.parametrize(
    ("identity", "code", "expected"),
    [("third_party", "contact", "third_party"), (BORN, None, "customer")],
)
def test_the_counterpart_of_the_record_follows_from_what_was_pressed(
    shift: Shift, identity: str | None, code: str | None, expected: str
) -> None:
    call_id = shift.talk()
    if identity == "third_party":
        shift.page.do("third_party", call_id=call_id)
    elif identity is not None:
        check(shift, call_id, identity)
    if code is not None:
        shift.page.do("mark_status", call_id=call_id, code=code, on=True)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    with shift.desk.desk.database.read() as session:
        assert session.scalar(select(Result.counterpart)) == expected


def test_r50_saving_asks_who_was_spoken_to_only_where_nothing_tells(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.end(call_id)
    assert shift.page.refused("save_result", call_id=call_id, note="") == "counterpart-needed"
    wrong = {"call_id": call_id, "note": "", "counterpart": "customer"}
    assert shift.page.refused("save_result", **wrong) == "bad-payload"
    shift.page.do("save_result", call_id=call_id, note="", counterpart="nobody")
    with shift.desk.desk.database.read() as session:
        assert session.scalar(select(Result.counterpart)) == "nobody"


def test_in_wrap_up_it_may_still_be_said_that_somebody_else_was_there(shift: Shift) -> None:
    call_id = shift.talk()
    shift.end(call_id)
    shift.page.do("third_party", call_id=call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    with shift.desk.desk.database.read() as session:
        assert session.scalar(select(Result.counterpart)) == "third_party"


def test_who_objects_is_taken_for_the_person(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("note_objection", call_id=call_id, reason="complaint", document="")
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    with shift.desk.desk.database.read() as session:
        assert session.scalar(select(Result.counterpart)) == "unverified"
