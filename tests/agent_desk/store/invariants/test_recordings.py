"""I12: each call that must be recorded is, with its hash, or says why not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from agent_desk.models.calls import Call, Recording
from agent_desk.store.invariants import questions as invariants
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import at


def talk(story: Story) -> str:
    """A talk that ended long enough ago, and the next one, which is still fresh."""
    story.available("operator1", at())
    first = story.lease(at(1))
    story.bridge(first, "operator1", at(2))
    story.hang_up(first, "operator1", at(60))
    story.save(first, "operator1", at(80), codes=("contact",))
    second = story.lease(at(130))
    story.bridge(second, "operator1", at(131))
    with story.database.write() as session:
        session.execute(delete(Recording))
    return first.call_id


def violations(story: Story) -> list[tuple[str, tuple[str, ...]]]:
    with story.database.read() as session:
        found = invariants.check(session)
    return [(each.text, each.ids) for each in found if each.invariant == "I12"]


def keep(story: Story, call_id: str, **fields: Any) -> None:
    row = {"call_id": call_id, "path": "x.rec", "started_at": at(2), "sha256": "a" * 64, **fields}
    with story.database.write() as session:
        session.execute(insert(Recording).values(**row))


def test_a_talk_without_any_word_of_its_recording_is_a_violation(story: Story) -> None:
    call_id = talk(story)
    ((text, ids),) = violations(story)
    assert "no recording" in text
    assert ids == (call_id,)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "sealed"},
        {"state": "verified", "truncated": True, "reason": "disk_full"},
        {"state": "failed", "sha256": None, "reason": "disk_full"},
        {"state": "deleted"},
    ],
)
def test_a_file_with_its_hash_or_a_reason_is_enough(story: Story, fields: dict[str, Any]) -> None:
    keep(story, talk(story), **fields)
    assert violations(story) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "damaged", "reason": "other_hash"},
        {"state": "failed", "sha256": None},
        {"state": "sealed", "sha256": None},
    ],
)
def test_damage_and_silence_are_not(story: Story, fields: dict[str, Any]) -> None:
    keep(story, talk(story), **fields)
    assert len(violations(story)) == 1


def test_a_call_that_was_not_to_be_recorded_needs_nothing(story: Story) -> None:
    talk(story)
    with story.database.write() as session:
        session.execute(update(Call).values(record=False))
    assert violations(story) == []
