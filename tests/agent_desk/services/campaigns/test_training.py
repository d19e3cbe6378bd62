"""Practice: pretend customers, real buttons, and nothing of it in anybody's figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent_desk.dialer.floor import SeatState
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.without_training import without_training
from agent_desk.services.running.day_figures import JST, DayFigures
from agent_desk.store.campaigns import training as rows
from agent_desk.store.reports import figures
from agent_desk.store.rows import today
from tests.agent_desk.small_desk import Shift

LEAD = Actor("lead1", "lead")


def prepared(shift: Shift) -> int:
    """The practice campaign's id."""
    desk = shift.desk.desk
    desk.training.prepare(shift.desk.campaign_id, teams=None, actor=LEAD)
    with desk.database.read() as session:
        [copied] = rows.ids(session)
    return copied


def reported(shift: Shift) -> list[figures.OperatorRow]:
    now = shift.desk.clock.now()
    with shift.desk.desk.database.read() as session:
        day = timedelta(days=1)
        return figures.operators(session, now - day, now + day, now=now)


def test_a66_practice_is_worked_like_the_real_thing_and_enters_no_figure(shift: Shift) -> None:
    before = reported(shift)
    copied = prepared(shift)
    shift.page.do("enter_practice")
    state = shift.page.follow()
    assert (state["campaign"]["id"], state["campaign"]["training"]) == (copied, True)
    call_id = shift.talk()
    assert shift.desk.call(call_id).campaign_id == copied
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.page.do("check_identity", call_id=call_id, answer="1980-01-01")
    shift.page.do("set_promise", call_id=call_id, due_on="2026-11-30", amount_yen=3000)
    shift.desk.clock.advance(60)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="練習")
    metrics = shift.page.follow()["metrics"]
    assert (metrics["calls"], metrics["promises"], metrics["talk_s"]) == (0, 0, 0.0)
    assert not any(metrics["codes"].values())
    for row in reported(shift):
        assert (row.calls, row.promises, row.talk_s, row.codes) == (0, 0, 0.0, {})
    assert sum(row.calls for row in before) == 0
    with shift.desk.desk.database.read() as session:
        now = shift.desk.clock.now()
        day = timedelta(days=1)
        assert figures.funnel(session, now - day, now + day).attempts == 0


def test_after_practice_the_seat_is_back_at_its_own_work(shift: Shift) -> None:
    prepared(shift)
    shift.page.do("enter_practice")
    shift.page.do("leave_practice")
    assert shift.page.follow()["campaign"]["id"] == shift.desk.campaign_id
    shift.desk.clock.advance(60)
    call_id = shift.talk()
    shift.end(call_id)
    assert shift.page.follow()["metrics"]["calls"] == 1


def test_nobody_changes_to_practice_with_a_customer_on_the_line(shift: Shift) -> None:
    prepared(shift)
    shift.talk()
    assert shift.page.refused("enter_practice") == "call-on-seat"
    assert shift.desk.seat().state is SeatState.TALKING


def test_what_nobody_prepared_cannot_be_practised(shift: Shift) -> None:
    assert shift.page.refused("enter_practice") == "no-practice"


def test_practice_is_prepared_once_and_in_scope_only(shift: Shift) -> None:
    prepared(shift)
    training = shift.desk.desk.training
    with pytest.raises(ServiceError, match="campaign-exists"):
        training.prepare(shift.desk.campaign_id, teams=None, actor=LEAD)
    with pytest.raises(ServiceError, match="not-in-scope"):
        training.prepare(shift.desk.campaign_id, teams=frozenset({999}), actor=LEAD)
    assert [each.practice_id is not None for each in training.overview(None)][0]


def test_a66_a_call_that_was_practised_is_marked_on_the_page_and_in_no_file(shift: Shift) -> None:
    prepared(shift)
    shift.page.do("enter_practice")
    call_id = shift.talk()
    shift.end(call_id)
    lists, lead = shift.desk.desk.call_lists, shift.desk.person("lead1")
    day = shift.desk.clock.now().astimezone(JST).date()
    [line] = lists.page(lead, day, campaign_id=None, talked=False, cursor="").calls
    assert (line.call_id, line.practised, line.charge_sen) == (call_id, True, None)
    assert list(lists.export(lead, day, campaign_id=None, talked=False)) == []


def test_a66_a_desk_that_starts_anew_counts_no_practice_either(shift: Shift) -> None:
    prepared(shift)
    shift.page.do("enter_practice")
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    desk = shift.desk
    figures_of_today = DayFigures(desk.clock.now().astimezone(JST).date())
    with desk.desk.database.read() as session:
        midnight = desk.clock.now() - timedelta(hours=12)
        told = today.events_since(session, midnight)
    figures_of_today.apply(
        without_training(told, is_training=desk.desk.book.is_training, campaign_of=lambda _: None)
    )
    own = figures_of_today.of(shift.page.who.user_id)
    assert (own.calls, own.codes, own.promises) == (0, {}, 0)
