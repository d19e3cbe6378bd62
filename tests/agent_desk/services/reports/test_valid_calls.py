"""What a valid call is: one definition for funnel, columns and lists, by the day of the call."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from agent_desk.services.actor import Actor
from agent_desk.services.reports.figures import Report
from agent_desk.store.lists.valid_calls import Definition, History, Version
from tests.agent_desk.services.reports.test_figures import TODAY, report, worked
from tests.agent_desk.small_desk import Shift

ADMIN = Actor("admin1", "admin")
MONDAY = date(2026, 11, 23)
FIRST, SECOND = Definition(talk_s=1), Definition(talk_s=2)


def counted(found: Report) -> tuple[int, int]:
    """Valid calls of the funnel and of the operator."""
    (step,) = [step for step in found.funnel if step.code == "valid"]
    (row,) = [row for row in found.rows if row.username == "operator1"]
    assert found.total.codes.get("valid", 0) == row.codes.get("valid", 0)
    return step.count, row.codes.get("valid", 0)


def define(shift: Shift, definition: Definition, *, also_past: bool = False) -> None:
    shift.desk.desk.lists.steering.define_valid_calls(
        shift.desk.campaign_id, definition, also_past=also_past, actor=ADMIN
    )


def test_b14_funnel_and_columns_follow_the_definition_at_once(each_shift: Shift) -> None:
    worked(each_shift)  # 60 s, marked as contact and as valid
    assert counted(report(each_shift)) == (1, 1)
    define(each_shift, Definition(talk_s=90))
    assert counted(report(each_shift)) == (0, 0)
    define(each_shift, Definition(("contact",), talk_s=50, identity=True))
    assert counted(report(each_shift)) == (1, 1)
    steps = [step.code for step in report(each_shift).funnel]
    assert steps[3:] == ["contact", "valid", "payment_date"], "the other steps are as they were"


def test_days_past_keep_what_was_reported_unless_they_are_to_be_counted_anew(shift: Shift) -> None:
    worked(shift)
    shift.desk.clock.advance(24 * 3600)
    define(shift, Definition(talk_s=90))
    assert counted(report(shift, TODAY, TODAY + timedelta(days=1))) == (1, 1)
    define(shift, Definition(talk_s=90), also_past=True)
    assert counted(report(shift)) == (0, 0)


@pytest.mark.parametrize(
    ("versions", "before", "after"),
    [
        ((), Definition(), Definition()),
        ((Version(MONDAY, FIRST),), Definition(), FIRST),
        ((Version(None, FIRST), Version(MONDAY, SECOND)), FIRST, SECOND),
        ((Version(MONDAY, FIRST), Version(None, SECOND)), SECOND, SECOND),
        ((Version(MONDAY, FIRST), Version(MONDAY, SECOND)), Definition(), SECOND),
    ],
)
def test_the_newest_version_that_is_for_a_day_counts(
    versions: tuple[Version, ...], before: Definition, after: Definition
) -> None:
    history = History(versions)
    days = (MONDAY - timedelta(days=1), MONDAY, MONDAY + timedelta(days=9))
    assert [history.on(day) for day in days] == [before, after, after]
