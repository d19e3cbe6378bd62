"""How far lists have come: counted by a timer, never more often than it may cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.services.campaigns.list_progress import PART, ListProgress, within_hours
from agent_desk.store.bulk_rows import here
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import progress
from agent_desk.store.lists.progress import CalledList
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store import desk_rows
from tests.agent_desk.store.desk_rows import NOON


def counted(desk: SmallDesk) -> ListProgress:
    made = ListProgress(database=desk.desk.database, clock=desk.clock, aside=here)
    made.count()
    return made


def test_entries_are_counted_by_list_and_state(each_desk: SmallDesk) -> None:
    desk, centre = each_desk, each_desk.people.centre
    late = NOON + timedelta(hours=2)
    states = [
        {"state": "closed", "closed_reason": "tries", "last_at": NOON},
        {"state": "leased"},
        {"next_at": late, "last_at": NOON},
    ]
    with desk.desk.database.write() as session:
        for entry_id, values in zip(desk.people.entries, states, strict=False):
            session.execute(update(ListEntry).where(ListEntry.id == entry_id).values(values))
        empty = desk_rows.add_list(session, centre.product_id, "empty")
        first = desk_rows.add_list(session, centre.product_id, "first")
        desk_rows.add_list(session, centre.product_id, "nobody calls it")
        for list_id in (empty, first):
            campaigns.add_list(session, centre.campaign_id, list_id)
        session.execute(
            update(CustomerList)
            .where(CustomerList.id == first)
            .values(priority=0, paused=True, created_at=NOON)
        )
        desk_rows.add_entries(session, first, 2, next_s=60)
    known = CampaignId(centre.campaign_id)
    assert counted(desk).of(known) == (
        CalledList(known, first, "first", True, 2, 0, 0, 0, 0, NOON + timedelta(seconds=60)),
        CalledList(
            known, centre.list_id, "spring list", False, 6, 2, 1, 3, 1, NOON - timedelta(seconds=60)
        ),
        CalledList(known, empty, "empty", False, 0, 0, 0, 0, 0, None),
    )
    assert counted(desk).of(CampaignId(desk.people.other_campaign_id)) == ()


def test_a_count_that_took_long_is_not_made_again_soon(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, made = small_desk.clock, []

    def slowly(*_: object) -> list[CalledList]:
        made.append(clock.monotonic())
        clock.advance(0.5)
        return []

    monkeypatch.setattr(progress, "called_lists", slowly)
    watched = ListProgress(database=small_desk.desk.database, clock=clock, aside=here)
    watched.step()
    clock.advance(0.5 * PART - 1)
    watched.step()
    assert len(made) == 1
    clock.advance(1)
    watched.step()
    assert len(made) == 2


def test_what_may_be_called_of_a_list_keeps_to_the_campaigns_hours(small_desk: SmallDesk) -> None:
    known = CampaignId(small_desk.campaign_id)
    small_desk.desk.routine.count()
    facts = small_desk.desk.book.get(known)
    [one] = counted(small_desk).of(known)
    assert facts.dialable == 6
    assert within_hours(one, facts) == {"dialable": 6, "next_due_at": one.next_at}
    paused = replace(one, paused=True)
    assert within_hours(paused, facts) == {"dialable": 0, "next_due_at": None}
    morning = NOON + timedelta(hours=20)
    closed = replace(facts, dialable=0, next_due_at=morning)
    assert within_hours(one, closed) == {"dialable": 0, "next_due_at": morning}
    later = replace(one, next_at=morning + timedelta(hours=1))
    assert within_hours(later, closed)["next_due_at"] == later.next_at
