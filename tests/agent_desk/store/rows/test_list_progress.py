"""Where list entries go: ladders of outcomes and statuses, numbers, callbacks, hours learnt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desk.dialer import events
from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, ListEntryId, UserId
from agent_desk.models.campaigns import Campaign, Status
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback
from agent_desk.models.strategy import CampaignHour, CustomerHour, ReservedEntry
from agent_desk.store.leasing.lease import LeasedRow
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import at

HOUR = 3600
TOMORROW = at(24 * HOUR)


def plan(story: Story, **values: Any) -> None:
    with story.database.write() as session:
        mine = update(Campaign).where(Campaign.id == story.centre.campaign_id)
        session.execute(mine.values(**values))


def entry_of(story: Story, row: LeasedRow) -> ListEntry:
    with story.database.read() as session:
        return session.get_one(ListEntry, row.list_entry_id)


def callbacks_of(story: Story, row: LeasedRow) -> list[tuple[str, str]]:
    query = select(Callback.cause, Callback.state).where(
        Callback.list_entry_id == row.list_entry_id
    )
    with story.database.read() as session:
        return [(cause, state) for cause, state in session.execute(query.order_by(Callback.id))]


def again(story: Story, row: LeasedRow, when: datetime) -> LeasedRow:
    """Lease this very entry once more."""
    with story.database.write() as session:
        session.execute(update(ListEntry).values(next_at=when + timedelta(days=365)))
        mine = update(ListEntry).where(ListEntry.id == row.list_entry_id)
        session.execute(mine.values(next_at=when))
    found = story.lease(when)
    assert found.list_entry_id == row.list_entry_id
    return found


def talk(story: Story, row: LeasedRow, when: datetime, *codes: str) -> None:
    """A talk and its result."""
    story.bridge(row, "operator1", when)
    story.hang_up(row, "operator1", when + timedelta(seconds=30))
    story.save(row, "operator1", when + timedelta(seconds=60), codes=codes)


def asked(
    story: Story, row: LeasedRow, when: datetime, due_at: datetime | None, *, own: bool = False
) -> None:
    story.write(
        events.CallbackAsked(
            call_id=CallId(row.call_id),
            customer_id=CustomerId(row.customer_id),
            list_entry_id=ListEntryId(row.list_entry_id),
            campaign_id=CampaignId(row.campaign_id),
            user_id=UserId(story.centre.users["operator1"]),
            own=own,
            due_at=due_at,
            at=when,
        )
    )


def test_a_campaigns_own_waits_hold_for_outcomes(story: Story) -> None:
    plan(story, retry={"no_answer": [30, 90]})
    row = story.lease(at())
    story.write(story.finished(row, "no_answer", at(30)))
    assert entry_of(story, row).next_at == at(30 + 30 * 60)
    row = again(story, row, at(HOUR))
    story.write(story.finished(row, "no_answer", at(HOUR)))
    assert entry_of(story, row).next_at == at(HOUR + 90 * 60)


def test_a_campaigns_own_waits_hold_for_its_statuses_rung_by_rung(story: Story) -> None:
    plan(story, retry={"status:contact": [60, 600]})
    story.available("operator1", at(-5))
    row = story.lease(at())
    talk(story, row, at(), "contact")
    assert entry_of(story, row).next_at == at(60 + HOUR)
    row = again(story, row, at(2 * HOUR))
    talk(story, row, at(2 * HOUR), "contact")
    assert entry_of(story, row).next_at == at(2 * HOUR + 60 + 10 * HOUR)


def test_a_corrected_result_stands_on_the_rung_it_corrects(story: Story) -> None:
    plan(story, retry={"status:contact": [60, 600]})
    story.available("operator1", at(-5))
    row = story.lease(at())
    talk(story, row, at(), "contact")
    story.write(story.result(row, "operator1", at(120), codes=("contact",)))
    assert entry_of(story, row).next_at == at(120 + HOUR)


def test_a_status_follows_the_ladder_it_names(story: Story) -> None:
    with story.database.write() as session:
        session.execute(update(Status).where(Status.code == "contact").values(retry="close"))
    story.available("operator1", at(-5))
    row = story.lease(at())
    talk(story, row, at(), "contact")
    entry = entry_of(story, row)
    assert (entry.state, entry.closed_reason) == ("closed", "close")


@pytest.mark.parametrize(
    "retry", [{"none_such": [5]}, {"busy": ["soon"]}, {"busy": [-5]}, {"busy": 5}]
)
def test_waits_nobody_can_read_lose_no_outcome(story: Story, retry: dict[str, Any]) -> None:
    plan(story, retry=retry)
    row = story.lease(at())
    story.write(story.finished(row, "no_answer", at(30)))
    assert entry_of(story, row).next_at == at(30 + 2 * HOUR)


# --- callbacks ----------------------------------------------------------------------------------


def test_a_customer_who_asks_is_called_again_then_and_first(story: Story) -> None:
    story.available("operator1", at(-5))
    row = story.lease(at())
    story.bridge(row, "operator1", at())
    asked(story, row, at(10), TOMORROW)
    story.hang_up(row, "operator1", at(30))
    story.save(row, "operator1", at(60), codes=("contact",))
    entry = entry_of(story, row)
    assert (entry.state, entry.next_at, entry.priority) == ("ready", TOMORROW, 0)
    row = again(story, row, TOMORROW)
    talk(story, row, TOMORROW)
    assert entry_of(story, row).priority == 5
    assert callbacks_of(story, row) == [("asked", "done")]


def test_asked_for_after_the_talk_it_replaces_what_the_result_would_say(story: Story) -> None:
    story.available("operator1", at(-5))
    row = story.lease(at())
    story.bridge(row, "operator1", at())
    story.hang_up(row, "operator1", at(30))
    asked(story, row, at(40), at(7200))
    asked(story, row, at(45), TOMORROW)
    story.save(row, "operator1", at(60), codes=("valid",))
    assert entry_of(story, row).next_at == TOMORROW
    assert callbacks_of(story, row) == [("asked", "cancelled"), ("asked", "open")]


def test_taken_back_it_leaves_the_entry_as_the_result_says(story: Story) -> None:
    story.available("operator1", at(-5))
    row = story.lease(at())
    story.bridge(row, "operator1", at())
    story.hang_up(row, "operator1", at(30))
    asked(story, row, at(40), TOMORROW)
    asked(story, row, at(50), None)
    story.save(row, "operator1", at(60), codes=("valid",))
    entry = entry_of(story, row)
    assert (entry.next_at, entry.priority) == (at(60 + 7 * 24 * HOUR), 5)


def test_an_own_callback_is_kept_for_its_operator_in_preview_and_then_anybodys(
    story: Story,
) -> None:
    plan(story, mode="preview")
    story.available("operator1", at(-5))
    row = story.lease(at())
    story.bridge(row, "operator1", at())
    asked(story, row, at(10), TOMORROW, own=True)
    story.hang_up(row, "operator1", at(30))
    with story.database.read() as session:
        kept = session.get_one(ReservedEntry, row.list_entry_id)
        assert (kept.user_id, kept.due_at) == (story.centre.users["operator1"], TOMORROW)
    assert entry_of(story, row).next_at == TOMORROW + timedelta(minutes=30)


def test_a_callback_owed_outlives_the_tries(story: Story) -> None:
    plan(story, max_tries=1)
    row = story.lease(at())
    asked(story, row, at(1), at(5))
    story.write(story.finished(row, "no_answer", at(30)))
    row = again(story, row, at(HOUR))
    story.write(story.finished(row, "no_answer", at(HOUR)))
    entry = entry_of(story, row)
    assert (entry.state, entry.priority) == ("ready", 0)
    assert entry.next_at > at(HOUR)
    assert callbacks_of(story, row) == [("asked", "open")]


def test_nobody_is_owed_a_callback_on_a_number_that_does_not_exist(story: Story) -> None:
    row = story.lease(at())
    asked(story, row, at(1), at(5))
    story.write(story.finished(row, "no_answer", at(30)))
    row = again(story, row, at(HOUR))
    story.write(story.finished(row, "invalid_number", at(HOUR)))
    assert entry_of(story, row).state == "closed"
    assert callbacks_of(story, row) == [("asked", "cancelled")]


# --- hours --------------------------------------------------------------------------------------


def test_the_hour_is_learnt_from_what_the_customer_did(story: Story) -> None:
    story.available("operator1", at(-5))
    row = story.lease(at())
    story.write(story.finished(row, "no_answer", at(30), blame="customer"))
    row = again(story, row, at(40))
    talk(story, row, at(40))
    with story.database.read() as session:
        (own,) = session.scalars(select(CustomerHour))
        (group,) = session.scalars(select(CampaignHour))
    assert (own.weekday, own.hour, own.tries, own.answers) == (1, 12, 2, 1)
    assert (group.weekday, group.hour) == (1, 12)
    assert (group.tries, group.answers) == (pytest.approx(1.998), 1)


@pytest.mark.parametrize(
    ("outcome", "counts"), [("congestion", True), ("not_placed", False), ("cancelled", True)]
)
def test_what_was_not_the_customers_doing_teaches_nothing(
    story: Story, outcome: str, counts: bool
) -> None:
    row = story.lease(at())
    story.write(story.finished(row, outcome, at(30), counts=counts))
    with story.database.read() as session:
        assert session.scalar(select(CustomerHour.tries)) is None
