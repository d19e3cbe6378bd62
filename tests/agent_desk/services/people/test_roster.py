"""Shifts, what is paid of them, corrections that stand beside, and what reports divide by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from agent_desk.models.working_time import RosterShift, TimeCorrection
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.paid_time import paid_so_far, paid_times
from agent_desk.services.people.roster import RosterService, read_clock, require_week
from agent_desk.services.people.roster_files import RosterFiles
from agent_desk.store.people.roster import Shift
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.services.reports import rows_now
from tests.agent_desk.small_desk import Shift as Working
from tests.agent_desk.small_desk import SmallDesk
from tests.fakes.clock import NOON

DAY = timedelta(days=1)
TUESDAY = date(2026, 11, 24)  # the clock's day, at 12:00
NINE_TO_SIX = Shift(9 * 60, 18 * 60, 60)
WEEK = [(number, NINE_TO_SIX) for number in range(5)]


@pytest.fixture
def roster(small_desk: SmallDesk) -> RosterService:
    desk = small_desk.desk
    return RosterService(database=desk.database, commits=desk.commits, clock=desk.clock)


@pytest.fixture
def user(small_desk: SmallDesk) -> int:
    return small_desk.people.users["operator1"]


def paid_hours(desk: SmallDesk, user: int, first: date, last: date) -> float | None:
    with desk.desk.database.read() as session:
        found = paid_times(session, [user], first, last, now=desk.clock.now()).get(user)
    return None if found is None else found.paid_s / 3600


def set_week(
    roster: RosterService, user: int, week: Sequence[tuple[int, Shift]], valid_from: date
) -> None:
    roster.set_week(user, week, valid_from=valid_from, teams=None, actor="admin1")


def test_of_a_shift_as_much_is_paid_as_has_passed() -> None:
    assert paid_so_far(NINE_TO_SIX, TUESDAY, NOON) == pytest.approx(8 * 3600 / 3)
    assert paid_so_far(NINE_TO_SIX, TUESDAY + DAY, NOON) == 0
    assert paid_so_far(NINE_TO_SIX, TUESDAY - DAY, NOON) == 8 * 3600
    night = Shift(22 * 60, 30 * 60)
    assert paid_so_far(night, TUESDAY - DAY, NOON) == 8 * 3600


def test_a_new_week_leaves_what_was_paid_as_it_was(
    small_desk: SmallDesk, roster: RosterService, user: int
) -> None:
    set_week(roster, user, WEEK, TUESDAY)
    small_desk.clock.advance(7 * 86_400)
    before = paid_hours(small_desk, user, TUESDAY, TUESDAY + 6 * DAY)
    assert before == 5 * 8
    set_week(roster, user, [(1, Shift(9 * 60, 13 * 60))], TUESDAY + 7 * DAY)
    assert paid_hours(small_desk, user, TUESDAY, TUESDAY + 6 * DAY) == before
    small_desk.clock.advance(7 * 86_400)
    assert paid_hours(small_desk, user, TUESDAY + 7 * DAY, TUESDAY + 13 * DAY) == 4
    with small_desk.desk.database.read() as session:
        assert session.scalar(select(func.count()).select_from(RosterShift)) == 6, "none is gone"
    with pytest.raises(ServiceError, match="day-is-over"):
        set_week(roster, user, WEEK, TUESDAY)


def test_a_day_may_differ_and_be_as_usual_again(
    small_desk: SmallDesk, roster: RosterService, user: int
) -> None:
    set_week(roster, user, WEEK, TUESDAY)
    thursday, friday = TUESDAY + 2 * DAY, TUESDAY + 3 * DAY
    roster.set_day(user, thursday, None, usual=False, teams=None, actor="lead1")
    roster.set_day(user, friday, Shift(9 * 60, 12 * 60), usual=False, teams=None, actor="lead1")
    small_desk.clock.advance(2 * 86_400)
    later = RosterService(
        database=small_desk.desk.database, commits=small_desk.desk.commits, clock=small_desk.clock
    )
    assert [row.kind for row in later.person(user, None).exceptions] == ["off", "changed"]
    small_desk.clock.advance(5 * 86_400)
    assert paid_hours(small_desk, user, thursday, friday) == 3
    small_desk.clock.advance(-5 * 86_400)
    later.set_day(user, thursday, None, usual=True, teams=None, actor="lead1")
    small_desk.clock.advance(5 * 86_400)
    assert paid_hours(small_desk, user, thursday, friday) == 11


@pytest.mark.parametrize(
    "week",
    [
        [(0, Shift(540, 540))],
        [(0, Shift(-10, 60))],
        [(7, Shift(540, 600))],
        [(0, Shift(540, 1080, 540))],
        [(0, Shift(540, 720)), (0, Shift(700, 800))],
        [(0, Shift(1320, 1800)), (1, Shift(300, 700))],
        [(6, Shift(1320, 1800)), (0, Shift(300, 700))],
    ],
)
def test_nobody_works_an_impossible_week(week: list[tuple[int, Shift]]) -> None:
    with pytest.raises(ServiceError, match="shift-unusable"):
        require_week(week)


def test_times_after_midnight_are_written_on() -> None:
    assert (read_clock("9:00"), read_clock("25:30")) == (540, 1530)
    for text in ("9", "9:5", "37:00", "9:60", "x:00", ""):
        with pytest.raises(ServiceError, match="shift-unusable"):
            read_clock(text)


def test_a_correction_is_a_row_beside_and_counts_when_somebody_else_agrees(
    small_desk: SmallDesk, roster: RosterService, user: int
) -> None:
    asked = roster.ask_correction(
        user, day=TUESDAY, kind="paid", minutes=90, reason="早出", teams=None, actor="lead1"
    )
    assert paid_hours(small_desk, user, TUESDAY, TUESDAY) is None
    for nobody in ("lead1", "operator1"):
        with pytest.raises(ServiceError, match="correction-own"):
            roster.decide_correction(asked, True, teams=None, actor=nobody)
    roster.decide_correction(asked, True, teams=None, actor="admin1")
    assert paid_hours(small_desk, user, TUESDAY, TUESDAY) == 1.5
    with pytest.raises(ServiceError, match="correction-unknown"):
        roster.decide_correction(asked, False, teams=None, actor="admin1")
    refused = roster.ask_correction(
        user, day=TUESDAY, kind="paid", minutes=-30, reason="遅刻", teams=None, actor="lead1"
    )
    roster.decide_correction(refused, False, teams=None, actor="admin1")
    assert paid_hours(small_desk, user, TUESDAY, TUESDAY) == 1.5
    with small_desk.desk.database.read() as session:
        assert list(session.scalars(select(TimeCorrection.minutes))) == [90, -30]


def test_corrections_that_cannot_be_are_refused(roster: RosterService, user: int) -> None:
    def ask(error_id: str, **more: object) -> None:
        given: dict[str, object] = {"day": TUESDAY, "kind": "paid", "minutes": 5, "reason": "x"}
        with pytest.raises(ServiceError, match=error_id):
            roster.ask_correction(user, **{**given, "teams": None, "actor": "a", **more})  # type: ignore[arg-type]

    ask("reason-needed", reason=" ")
    ask("correction-unusable", minutes=0)
    ask("correction-unusable", minutes=2000)
    ask("correction-unusable", day=TUESDAY + DAY)
    ask("correction-unusable", day=TUESDAY - 90 * DAY)
    ask("correction-unusable", kind="idle")
    ask("not-in-scope", teams=frozenset())


def test_utilisation_divides_by_paid_time(each_shift: Working) -> None:
    desk = each_shift.desk
    roster = RosterService(database=desk.desk.database, commits=desk.desk.commits, clock=desk.clock)
    user = desk.people.users["operator1"]
    set_week(roster, user, [(1, Shift(12 * 60, 13 * 60))], TUESDAY)
    call_id = each_shift.talk()
    desk.clock.advance(600)
    each_shift.end(call_id)
    desk.settle()
    desk.clock.advance(1200)
    report = rows_now.report(desk, TUESDAY)
    (row,) = report.rows
    assert row.paid_s == pytest.approx((desk.clock.now() - NOON).total_seconds())
    assert row.utilisation == pytest.approx(row.work_s / row.paid_s)
    assert report.total.utilisation == row.utilisation
    asked = roster.ask_correction(
        user, day=TUESDAY, kind="work", minutes=10, reason="x", teams=None, actor="lead1"
    )
    roster.decide_correction(asked, True, teams=None, actor="admin1")
    again = rows_now.report(desk, TUESDAY)
    assert again.rows[0].paid_work_s == pytest.approx(row.work_s + 600)
    assert again.rows[0].work_s == row.work_s, "what was measured stays"
    one = rows_now.report(desk, TUESDAY, campaign_id=desk.campaign_id)
    assert one.rows[0].utilisation is None, "nobody is paid by the campaign"


def test_a_file_brings_whole_weeks_and_says_what_it_left_out(
    small_desk: SmallDesk, roster: RosterService, user: int
) -> None:
    text = (
        "ユーザー名,曜日,開始,終了,休憩（分）,適用開始日\r\n"
        "operator1,火,9:00,12:00,0,2026/11/24\r\n"
        "operator1,火曜日,13:00,18:00,15,2026/11/24\r\n"
        "operator3,水,9:00,8:00,0,2026-11-24\r\n"
        "nobody,水,9:00,18:00,0,2026-11-24\r\n"
    )
    answers = RosterFiles(roster).take(text.encode("cp932"), teams=None, actor="admin1")
    assert [each.error_id for each in answers] == [None, None, "shift-unusable", "person-unknown"]
    assert [each.row.line for each in answers] == [2, 3, 4, 5]
    small_desk.clock.advance(86_400)
    assert paid_hours(small_desk, user, TUESDAY, TUESDAY) == 7.75
    lead = signed_in(small_desk, "lead2")
    page = lead.get("/admin/shifts").get_data(as_text=True)
    assert 'data-user="operator3"' in page
    assert 'data-user="operator1"' not in page, "another team's"
    assert lead.get(f"/admin/shifts/{user}").status_code == 403
    assert lead.post(f"/admin/shifts/{user}", {"valid_from": "2026-12-01"}).status_code == 403
