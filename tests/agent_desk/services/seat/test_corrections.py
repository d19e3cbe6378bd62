"""訂正: a result said anew, by whom, until when, and what follows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.customers import DoNotCall, Note, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.services.errors import ServiceError
from agent_desk.services.seat.corrections import Corrector, Wanted
from agent_desk.store.campaigns import campaigns
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk, populate


@pytest.fixture
def sales(sqlite_url: str, tmp_path: Path) -> Iterator[Shift]:
    """A campaign that can be refused, and whose numbers can be wrong."""
    database = Database(sqlite_url)
    with database.write() as session:
        people = populate(session, kind="sales", identity_needed=False)
        for key, code, bars in (("7", "refused", "product"), ("8", "wrong_number", "number")):
            campaigns.add_status(
                session,
                people.centre.campaign_id,
                code=code,
                label_ja=code,
                label_en=code,
                hotkey=key,
                colour="#b91c1c",
                position=int(key),
                bars=bars,
                implies=["contact"] if code == "refused" else [],
                excludes=["payment_date"] if code == "refused" else [],
            )
    database.close()
    desk = SmallDesk(sqlite_url, tmp_path)
    yield Shift.begin(desk)
    desk.stop()


def saved(shift: Shift, *codes: str, note: str = "") -> str:
    """A call that is over, with these statuses."""
    call_id = shift.talk()
    for code in codes:
        shift.page.do("mark_status", call_id=call_id, code=code, on=True)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note=note, counterpart="unknown")
    shift.desk.settle()
    return call_id


def correct(shift: Shift, call_id: str, *codes: str, based_on: int = 1, **more: Any) -> None:
    more = {"based_on": based_on, "codes": list(codes), **more}
    shift.page.do("correct_result", call_id=call_id, **more)
    shift.desk.settle()


def by_lead(shift: Shift, call_id: str, *codes: str, username: str = "lead1", **more: Any) -> None:
    who = shift.desk.person(username)
    lead = Corrector(who.user_id, who.username, who.role, who.teams)
    wanted = Wanted(**{"based_on": 1, "codes": frozenset(codes), **more})
    shift.desk.desk.paper.corrections.correct(lead, call_id, wanted, command_id=None)
    shift.desk.settle()


def count(session: Session, *where: Any) -> int:
    return session.scalar(select(func.count()).where(*where)) or 0


def test_the_operator_corrects_on_the_same_day_and_nothing_is_edited(each_shift: Shift) -> None:
    shift = each_shift
    call_id = saved(shift, "contact", note="はじめ")
    correct(shift, call_id, "contact", "valid", note="あらため")
    with shift.desk.desk.database.read() as session:
        rows = session.scalars(select(Result).order_by(Result.version)).all()
        assert [(row.version, row.codes) for row in rows] == [
            (1, ["contact"]),
            (2, ["contact", "valid"]),
        ]
        assert rows[0].note_id != rows[1].note_id
        assert count(session, Note.call_id == call_id) == 2
        audited = session.scalars(
            select(AuditRow).where(AuditRow.action == "call.result.corrected")
        ).one()
        assert (audited.actor, audited.subject) == ("operator1", f"call:{call_id}")
        assert "あらため" not in str(audited.details)


def test_figures_follow_the_newest_version(shift: Shift) -> None:
    call_id = saved(shift, "contact", "valid")
    assert shift.page.follow()["metrics"]["codes"] == {"contact": 1, "valid": 1}
    correct(shift, call_id, "contact")
    assert shift.page.follow()["metrics"]["codes"] == {"contact": 1}
    with shift.desk.desk.database.read() as session:
        standing = session.scalars(
            select(StatusMark.code).where(StatusMark.current, StatusMark.marked)
        ).all()
    assert standing == ["contact"]


def test_a_leads_correction_counts_for_the_operator_on_the_day_of_the_call(shift: Shift) -> None:
    call_id = saved(shift, "contact")
    with shift.desk.desk.database.read() as session:
        first = session.scalar(select(Result.at))
    shift.desk.clock.advance(timedelta(days=2).total_seconds())
    by_lead(shift, call_id, "contact", "valid", reason="録音を確認した")
    with shift.desk.desk.database.read() as session:
        mark = session.scalars(select(StatusMark).where(StatusMark.code == "valid")).one()
        assert mark.user_id == shift.desk.people.users["operator1"]
        assert mark.at == first
        newest = session.scalars(select(Result).order_by(Result.version.desc())).first()
        assert newest is not None and newest.reason_sealed is not None
        assert "録音".encode() not in newest.reason_sealed


def test_the_day_ends_by_the_business_clock(shift: Shift) -> None:
    call_id = saved(shift, "contact")
    shift.desk.clock.advance(timedelta(hours=11, minutes=58).total_seconds())  # 23:58 in Japan
    correct(shift, call_id, "valid")
    shift.desk.clock.advance(timedelta(minutes=5).total_seconds())
    asked = {"call_id": call_id, "based_on": 2, "codes": ["contact"]}
    assert shift.page.refused("correct_result", **asked) == "correction-closed"
    assert shift.page.do("find_own_calls")["calls"] == []


def test_of_two_corrections_at_a_time_one_is_told(shift: Shift) -> None:
    call_id = saved(shift, "contact")
    correct(shift, call_id, "valid")
    with pytest.raises(ServiceError, match="correction-stale"):
        by_lead(shift, call_id, "contact", reason="録音を確認した")
    with shift.desk.desk.database.read() as session:
        assert session.scalar(select(func.max(Result.version))) == 2


def test_a_leads_correction_needs_a_reason(shift: Shift) -> None:
    call_id = saved(shift, "contact")
    with pytest.raises(ServiceError, match="reason-needed"):
        by_lead(shift, call_id, "valid", reason=" ")


def test_a_lead_of_another_team_is_refused(shift: Shift) -> None:
    call_id = saved(shift, "contact")
    with pytest.raises(ServiceError, match="result-unknown"):
        by_lead(shift, call_id, "valid", username="lead2", reason="録音を確認した")


def test_nobody_corrects_a_colleagues_call(shift: Shift) -> None:
    call_id = saved(shift, "contact")
    colleague = shift.desk.page("operator2")
    asked = {"call_id": call_id, "based_on": 1, "codes": []}
    assert colleague.refused("correct_result", **asked) == "result-unknown"
    assert colleague.refused("open_result", call_id=call_id) == "result-unknown"


def test_what_is_about_the_person_needs_the_identity_of_that_call(shift: Shift) -> None:
    call_id = saved(shift, "contact", note="ひみつ")
    assert shift.page.do("open_result", call_id=call_id)["result"]["note"] is None
    asked = {"call_id": call_id, "based_on": 1, "codes": ["payment_date"]}
    promise = {"due_on": "2026-11-30", "amount_yen": 5000}
    assert shift.page.refused("correct_result", **asked, **promise) == "identity-needed"


def test_a_promise_is_made_anew_and_withdrawn_with_its_status(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    promise = {"due_on": "2026-11-30", "amount_yen": 5000}
    shift.page.do("set_promise", call_id=call_id, **promise, method=None, parts=None)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="")
    correct(shift, call_id, "payment_date", due_on="2026-12-01", amount_yen=6000)
    correct(shift, call_id, based_on=2)
    assert shift.page.follow()["metrics"]["promises"] == 0
    with shift.desk.desk.database.read() as session:
        rows = session.execute(select(Promise.state, Promise.amount_yen).order_by(Promise.id))
        assert [tuple(row) for row in rows] == [("replaced", 5000), ("withdrawn", 6000)]


def test_a_refusal_corrected_away_is_lifted_and_one_corrected_in_bars(sales: Shift) -> None:
    call_id = saved(sales, "refused")
    with sales.desk.desk.database.read() as session:
        assert count(session, DoNotCall.lifted_at.is_(None)) == 2  # the person and the number
    correct(sales, call_id, "contact")
    with sales.desk.desk.database.read() as session:
        assert count(session, DoNotCall.lifted_at.is_(None)) == 0
        assert count(session, ListEntry.closed_reason == "refused") == 0
    correct(sales, call_id, "refused", based_on=2)
    with sales.desk.desk.database.read() as session:
        assert count(session, DoNotCall.lifted_at.is_(None)) == 2
        assert count(session, ListEntry.closed_reason == "refused") == 1
        newest = session.scalars(select(Result).order_by(Result.version.desc())).first()
        assert newest is not None and newest.codes == ["contact", "refused"]


def test_a_block_stays_while_another_call_holds_it(sales: Shift) -> None:
    call_id = saved(sales, "refused")
    with sales.desk.desk.database.write() as session:
        first = session.scalars(select(Result)).one()
        again = {"version": 1, "customer_id": first.customer_id, "codes": ["contact", "refused"]}
        mine = {"campaign_id": first.campaign_id, "user_id": first.user_id, "recorded": True}
        other = saved_elsewhere(session, call_id)
        session.add(Result(call_id=other, at=first.at, counterpart="customer", **again, **mine))
    correct(sales, call_id, "contact")
    with sales.desk.desk.database.read() as session:
        standing = session.scalars(select(DoNotCall).where(DoNotCall.lifted_at.is_(None))).all()
        assert {row.call_id for row in standing} == {other}


def saved_elsewhere(session: Session, call_id: str) -> str:
    """Another call with the same person, whose rows are those of the first."""
    other = "f" * 32
    for model in (Attempt, Call):
        row = session.get_one(model, call_id)
        values = {column.key: getattr(row, column.key) for column in model.__table__.columns}
        session.add(model(**{**values, "id": other}))
        session.flush()
    return other


def test_a_wrong_number_corrected_in_or_away_takes_effect_at_once(sales: Shift) -> None:
    call_id = saved(sales, "contact")
    correct(sales, call_id, "wrong_number")
    with sales.desk.desk.database.read() as session:
        assert count(session, Phone.unusable_reason == "wrong_number") == 1
        assert (
            session.scalar(select(Result.counterpart).order_by(Result.version.desc()).limit(1))
            == "somebody_else"
        )
    correct(sales, call_id, "contact", based_on=2)
    with sales.desk.desk.database.read() as session:
        assert count(session, Phone.unusable_reason == "wrong_number") == 0


def test_what_contradicts_itself_is_not_saved(sales: Shift) -> None:
    call_id = saved(sales, "contact")
    asked = {"call_id": call_id, "based_on": 1, "codes": ["refused", "payment_date"]}
    promise = {"due_on": "2026-11-30", "amount_yen": 5000}
    assert sales.page.refused("correct_result", **asked, **promise) == "status-contradicts"
