"""Events as rows: what each one leaves behind."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from agent_desk.dialer import events
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId, TrunkId, UserId
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt, AttemptOutcome, Call, CallPrompt
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Note, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import (
    Callback,
    IdentityCheck,
    NoteDraft,
    Promise,
    Result,
    StatusMark,
)
from agent_desk.store.leasing.lease import LeasedRow
from agent_desk.store.rows import gateway_events
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER, at


def test_a_call_keeps_the_instants_of_the_states_it_passed(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at(1))
    story.write(story.moved(row, "leased", "placed", at(2)))
    story.write(story.moved(row, "placed", "ringing", at(3)))
    story.write(story.moved(row, "ringing", "answered", at(5)))
    story.write(
        story.moved(
            row, "answered", "waiting", at(6), verdict="human", greeting_end_ms=700, evidence="v"
        )
    )
    with story.database.read() as session:
        call = session.get(Call, row.call_id)
        assert (call.rang_at, call.answered_at, call.offered_at) == (at(3), at(5), at(6))
        assert call.greeting_end_at == at(5.7)
        assert (call.state, call.since, call.verdict) == ("waiting", at(6), "human")
        assert session.get(Attempt, row.call_id).placed_at == at(2)


def test_a_verdict_after_the_bridge_replaces_the_one_before(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at(1))
    story.write(
        story.moved(row, "answered", "waiting", at(6), verdict="not_screened", evidence="voice")
    )
    story.bridge(row, "operator1", at(7))
    story.write(story.moved(row, "bridged", "bridged", at(9), verdict="machine", evidence="beep"))
    with story.database.read() as session:
        call = session.get(Call, row.call_id)
        assert (call.state, call.verdict, call.evidence) == ("bridged", "machine", "beep")
        assert call.bridged_at == at(7)


def test_what_was_heard_before_an_answer_is_kept_and_nothing_heard_erases_nothing(
    story: Story,
) -> None:
    unanswered, answered = story.lease(at(1)), story.lease(at(2))
    story.write(story.finished(unanswered, "announcement", at(9), evidence="information tone"))
    story.write(story.moved(answered, "answered", "waiting", at(6), evidence="700 ms of voice"))
    story.write(story.finished(answered, "abandoned", at(9)))
    with story.database.read() as session:
        assert session.get(Call, unanswered.call_id).evidence == "information tone"
        assert session.get(Call, answered.call_id).evidence == "700 ms of voice"


def test_a_call_that_skipped_states_was_answered_at_the_latest_when_offered(story: Story) -> None:
    row = story.lease(at())
    story.write(story.moved(row, "leased", "waiting", at(4)))
    with story.database.read() as session:
        call = session.get(Call, row.call_id)
        assert (call.rang_at, call.answered_at, call.offered_at) == (None, at(4), at(4))
        assert session.get(Attempt, row.call_id).placed_at == at(4)


def test_a_seat_has_one_live_call_by_the_schema(story: Story) -> None:
    first, second = story.lease(at()), story.lease(at())
    seat = SeatId("operator1")
    story.write(story.moved(first, "leased", "waiting", at(1), seat_id=seat))
    with pytest.raises(IntegrityError):
        story.write(story.moved(second, "leased", "waiting", at(1), seat_id=seat))
    story.write(story.moved(first, "waiting", "waiting", at(2)))
    story.write(story.moved(second, "leased", "waiting", at(2), seat_id=seat))


def test_an_attempt_has_one_outcome_by_the_schema(story: Story) -> None:
    row = story.lease(at())
    story.write(story.finished(row, "busy", at(3)))
    with pytest.raises(IntegrityError):
        story.write(story.finished(row, "no_answer", at(4)))
    with story.database.read() as session:
        attempt, call = session.get(Attempt, row.call_id), session.get(Call, row.call_id)
        assert (attempt.open, call.live, call.state, call.ended_at) == (
            False,
            False,
            "ended",
            at(3),
        )
        assert session.get(AttemptOutcome, row.call_id).outcome == "busy"


def test_a_released_attempt_does_not_count(story: Story) -> None:
    row = story.lease(at())
    story.write(story.finished(row, "congestion", at(3), counts=False))
    with story.database.read() as session:
        assert session.get(Attempt, row.call_id).counts is False
        assert session.get(ListEntry, row.list_entry_id).tries == 0


def test_a_busy_number_is_tried_again_by_its_ladder(story: Story) -> None:
    waits = []
    for turn in range(4):
        began = at(turn * 10_000)
        row = story.lease(began)
        story.write(story.finished(row, "busy", began))
        with story.database.write() as session:
            entry = session.get(ListEntry, row.list_entry_id)
            waits.append(entry.next_at - began)
            assert (entry.state, entry.tries) == ("ready", turn + 1)
            entry.priority = 0  # so that the next lease finds the same one
    assert waits == [timedelta(minutes=m) for m in (15, 15, 15, 120)]


def test_the_ladder_begins_anew_when_something_else_happens(story: Story) -> None:
    for turn, outcome in enumerate(("busy", "no_answer", "busy")):
        row = story.lease(at(turn * 20_000))
        story.write(story.finished(row, outcome, at(turn * 20_000)))
        with story.database.write() as session:
            entry = session.get(ListEntry, row.list_entry_id)
            assert (entry.ladder, entry.ladder_times) == (outcome, 1)
            entry.priority = 0


def test_a_campaigns_own_ladder_goes_before_the_cores(story: Story) -> None:
    with story.database.write() as session:
        session.get(Campaign, story.centre.campaign_id).retry = {"busy": [45]}
    row = story.lease(at())
    story.write(story.finished(row, "busy", at()))
    with story.database.read() as session:
        assert session.get(ListEntry, row.list_entry_id).next_at == at(45 * 60)


def test_a_number_not_in_use_is_struck_out_and_closes_its_entry(story: Story) -> None:
    row = story.lease(at())
    story.write(story.finished(row, "invalid_number", at(1)))
    with story.database.read() as session:
        assert session.get(Phone, row.phone_id).unusable_reason == "invalid"
        entry = session.get(ListEntry, row.list_entry_id)
        assert (entry.state, entry.closed_reason) == ("closed", "invalid")


def test_the_result_replaces_what_the_outcome_said(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at())
    story.bridge(row, "operator1", at(1))
    story.hang_up(row, "operator1", at(60))
    with story.database.read() as session:
        after_outcome = session.get(ListEntry, row.list_entry_id).next_at
    story.save(row, "operator1", at(90), codes=("contact", "valid"))
    with story.database.read() as session:
        entry = session.get(ListEntry, row.list_entry_id)
        assert after_outcome == at(60) + timedelta(days=1)
        assert entry.next_at == at(90) + timedelta(days=7)
        assert entry.tries == 1


def test_a_customer_who_lost_the_line_is_called_first_whatever_the_result(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at())
    story.bridge(row, "operator1", at(1))
    story.hang_up(row, "operator1", at(60))
    story.write(
        events.CallbackDue(
            CallId(row.call_id),
            row.customer_id,
            row.list_entry_id,
            CampaignId(row.campaign_id),
            "seat_lost",
            at(60),
        )
    )
    story.save(row, "operator1", at(90), codes=("contact",))
    with story.database.read() as session:
        entry = session.get(ListEntry, row.list_entry_id)
        assert (entry.state, entry.priority, entry.next_at) == ("ready", 0, at(60))
    assert story.lease(at(120)).list_entry_id == row.list_entry_id


def seat_lost(story: Story, row: LeasedRow, when: datetime) -> None:
    """The talk breaks off by our fault, and the customer is owed a call."""
    story.write(
        story.finished(row, "seat_lost", when),
        events.CallbackDue(
            CallId(row.call_id),
            row.customer_id,
            row.list_entry_id,
            CampaignId(row.campaign_id),
            "seat_lost",
            when,
        ),
        story.seat("operator1", "wrap_up", when, from_state="talking", call_id=row.call_id),
    )
    story.save(row, "operator1", when)


def test_a_callback_is_done_when_an_operator_has_spoken_with_the_customer(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at())
    with story.database.read() as session:
        own = session.get(ListEntry, row.list_entry_id).priority
    for second in (1, 11):
        story.bridge(row, "operator1", at(second))
        seat_lost(story, row, at(second + 5))
        again = story.lease(at(second + 9))
        assert again.list_entry_id == row.list_entry_id
        row = again
    story.bridge(row, "operator1", at(21))
    story.hang_up(row, "operator1", at(60))
    story.save(row, "operator1", at(90), codes=("contact", "valid"))
    with story.database.read() as session:
        entry = session.get(ListEntry, row.list_entry_id)
        assert (entry.priority, entry.own_priority) == (own, None)
        assert entry.next_at == at(90) + timedelta(days=7), "the result counts again"
        callbacks = session.scalars(select(Callback).order_by(Callback.id)).all()
        assert [(each.state, each.ended_at) for each in callbacks] == [
            ("done", at(16)),
            ("done", at(60)),
        ]


def test_a_callback_nobody_answers_is_still_owed(story: Story) -> None:
    story.available("operator1", at())
    row = story.lease(at())
    story.bridge(row, "operator1", at(1))
    seat_lost(story, row, at(6))
    row = story.lease(at(10))
    story.write(story.finished(row, "no_answer", at(40)))
    with story.database.read() as session:
        assert session.get(ListEntry, row.list_entry_id).priority == 0
        assert session.scalars(select(Callback.state)).all() == ["open"]


def test_of_several_marks_the_newest_is_current(story: Story) -> None:
    row = story.lease(at())
    for second, on in enumerate((True, False, True)):
        story.mark(row, "operator1", "contact", at(second), on=on)
    with story.database.read() as session:
        marks = session.scalars(select(StatusMark).order_by(StatusMark.id)).all()
    assert [(mark.marked, mark.current) for mark in marks] == [
        (True, False),
        (False, False),
        (True, True),
    ]


def test_a_promise_is_replaced_and_withdrawn_and_never_deleted(story: Story) -> None:
    row = story.lease(at())
    user_id = UserId(story.centre.users["operator1"])
    for day in (1, 2):
        due = date(2026, 12, day)
        story.write(
            events.PromiseMade(CallId(row.call_id), row.customer_id, user_id, due, 5000, at(day))
        )
    story.write(events.PromiseWithdrawn(CallId(row.call_id), user_id, at(3)))
    with story.database.read() as session:
        found = session.scalars(select(Promise).order_by(Promise.id)).all()
    assert [(p.due_on.day, p.state) for p in found] == [(1, "replaced"), (2, "withdrawn")]


def test_identity_is_kept_per_try_and_on_the_call_without_what_was_typed(story: Story) -> None:
    row = story.lease(at())
    user_id = UserId(story.centre.users["operator1"])
    for second, state in enumerate(("unknown", "verified")):
        story.write(
            events.IdentityRecorded(CallId(row.call_id), user_id, state, "birth_date", at(second))
        )
    with story.database.read() as session:
        assert session.get(Call, row.call_id).identity == "verified"
        tries = session.scalars(select(IdentityCheck.state).order_by(IdentityCheck.id)).all()
        audited = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert tries == ["unknown", "verified"]
    assert [a.details for a in audited] == [
        {"state": state, "factor": "birth_date"} for state in tries
    ]
    assert {a.actor for a in audited} == {"operator1"}


def test_a_note_is_sealed_drafted_and_becomes_the_results(story: Story) -> None:
    row = story.lease(at())
    user_id = UserId(story.centre.users["operator1"])
    for text in ("折り", "折り返し希望"):
        story.write(events.NoteDrafted(CallId(row.call_id), user_id, text, at(1)))
    with story.database.read() as session:
        draft = session.get(NoteDraft, row.call_id)
        assert SEALER.open(draft.text_sealed) == "折り返し希望"
    story.write(story.finished(row, "human", at(2)))
    story.write(story.result(row, "operator1", at(3), note=None))
    with story.database.read() as session:
        assert session.get(NoteDraft, row.call_id) is None
        result = session.scalars(select(Result)).one()
        assert SEALER.open(session.get(Note, result.note_id).text_sealed) == "折り返し希望"


def test_a_result_nobody_saved_leaves_the_draft_and_a_later_one_is_the_next_version(
    story: Story,
) -> None:
    row = story.lease(at())
    user_id = UserId(story.centre.users["operator1"])
    story.write(events.NoteDrafted(CallId(row.call_id), user_id, "途中", at(1)))
    story.write(story.finished(row, "human", at(2)))
    story.write(story.result(row, "operator1", at(3), recorded=False))
    with story.database.read() as session:
        assert session.get(NoteDraft, row.call_id) is not None
    story.write(story.result(row, "operator1", at(9), note="全部", codes=("contact",)))
    with story.database.read() as session:
        found = session.scalars(select(Result).order_by(Result.version)).all()
    assert [(r.version, r.recorded, r.codes) for r in found] == [
        (1, False, []),
        (2, True, ["contact"]),
    ]


def test_what_a_lead_sets_and_a_gateway_says_is_kept(story: Story) -> None:
    campaign_id = CampaignId(story.centre.campaign_id)
    row = story.lease(at())
    story.write(
        events.CampaignRunningSet(campaign_id, "paused", at(), "lead1"),
        events.ScreeningSet(campaign_id, "watch", at()),
        events.AbandonTargetSet(campaign_id, 0.02, at()),
        events.PacingSet(campaign_id, "ratio", 2.5, at()),
        events.GatewayBooted(GatewayId("gw1"), "b" * 36, False, at()),
        events.CallPromptPlayed(CallId(row.call_id), "safe_harbour", at(1)),
        events.CallRerouted(CallId(row.call_id), TrunkId("spare"), 503, at(1)),
    )
    with story.database.write() as session:
        gateway_events.set_last_seq(session, "gw1", "b" * 36, 7, at=at())
        gateway_events.set_last_seq(session, "gw1", "b" * 36, 5, at=at())
    with story.database.read() as session:
        campaign = session.get(Campaign, campaign_id)
        assert (campaign.running, campaign.mode, campaign.ratio) == ("paused", "ratio", 2.5)
        assert (campaign.running_by, campaign.running_at) == ("lead1", at())
        assert campaign.screening == "watch"
        assert campaign.abandon_target == 0.02
        assert gateway_events.last_seq(session, "gw1", "b" * 36) == 7
        assert gateway_events.last_boots(session) == {"gw1": "b" * 36}
        assert session.scalars(select(CallPrompt.prompt)).all() == ["safe_harbour"]
        assert session.get(Attempt, row.call_id).trunk_id == "spare"
