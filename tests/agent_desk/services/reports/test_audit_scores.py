"""Scores of audits beside an operator's figures (A48): final ones only, of talks of the period."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime

import pytest

from agent_desk.dialer.business_time import at
from agent_desk.models.listening_audits import ListeningSample, ListeningScore
from agent_desk.services.reports import month_figures, month_figures_report
from agent_desk.store.listening_audits import drawing, settings
from agent_desk.store.listening_audits.settings import SettingRow
from agent_desk.store.reports.operator_rows import OperatorRow, total
from agent_desk.store.unit_of_work import Session
from tests.agent_desk.listening_rows import MONDAY, add_talk
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.services.reports import rows_now
from tests.agent_desk.services.reports.test_closed_months import (
    MONTH,
    december,
    figure,
    page,
    restated,
)
from tests.agent_desk.services.reports.test_figures import worked
from tests.agent_desk.small_desk import Shift
from tests.agent_desk.store.desk_rows import NOON

TODAY = date(2026, 11, 24)
DAY = "from=2026-11-24&to=2026-11-24"
ELEVEN = at(TODAY, 11 * 60)


class Audits:
    """A drawn week, whose calls are put in one by one."""

    def __init__(self, session: Session, shift: Shift) -> None:
        self._session = session
        self._people = shift.desk.people
        self._campaign = shift.desk.campaign_id
        settings.add(session, SettingRow(1, 2, 50, [], "system", NOON), at=NOON)
        week = {"monday": MONDAY, "seed": "5a" * 32, "settings_version": 1, "by": "x", "at": NOON}
        self._week = drawing.add_week(session, **week, operators=2, candidates=9)
        self._placed = 0

    def scored(
        self,
        *sheets: int | None,
        by: str = "operator1",
        begun: datetime = ELEVEN,
        second: bool = False,
        stands: int | None = None,
        campaign: int | None = None,
    ) -> None:
        """A talk with these sheets, in permille; `second`: two are to hear it."""
        operator = self._people.users[by]
        self._placed += 1
        call_id = add_talk(
            self._session,
            f"{self._placed:032x}",
            operator,
            talked_at=begun,
            campaign_id=campaign or self._campaign,
        )
        sample = ListeningSample(
            week_id=self._week,
            operator_id=operator,
            place=self._placed,
            call_id=call_id,
            drawn_hash=f"{self._placed:064x}",
            second_wanted=second,
            stands=stands,
        )
        self._session.add(sample)
        self._session.flush()
        for position, permille in enumerate(sheets, start=1):
            self._session.add(
                ListeningScore(
                    sample_id=sample.id,
                    position=position,
                    listener_id=self._people.users[f"lead{position}"],
                    permille=permille,
                    at=NOON,
                )
            )
        self._session.flush()


@pytest.fixture
def audited(shift: Shift) -> Shift:
    """Both operators are at work; of the first one's talks today three have a final score."""
    worked(shift)
    with shift.desk.desk.database.write() as session:
        audits = Audits(session, shift)
        audits.scored(900)
        audits.scored(500, 700, second=True)  # 600: both are in it
        audits.scored(100, 300, second=True, stands=2)  # 300: the second was found to be right
        audits.scored(None)  # nothing applied: heard, and in no mean
        audits.scored(0, second=True)  # only its writer may see it yet
        audits.scored(0, begun=at(date(2026, 11, 23), 600))  # of another day
        audits.scored(0, campaign=shift.desk.people.other_campaign_id)
        audits.scored(1000, by="operator2")
    return shift


def row_of(browser: Browser, path: str = "/reports/operators.csv") -> dict[str, str]:
    """What the file says of operator1."""
    text = browser.get(f"{path}?{DAY}").get_data(as_text=True).removeprefix("\ufeff")
    rows = {row["ユーザー名"]: row for row in csv.DictReader(io.StringIO(text))}
    return rows["operator1"]


def test_a48_final_scores_of_the_days_talks_stand_beside_the_other_figures(audited: Shift) -> None:
    campaign = audited.desk.campaign_id
    (row,) = [
        each
        for each in rows_now.report(audited.desk, TODAY, campaign_id=campaign).rows
        if each.username == "operator1"
    ]
    assert row.audit_calls == 4
    assert row.audit_mean == pytest.approx((90 + 60 + 30) / 3)
    everywhere = rows_now.report(audited.desk, TODAY)
    assert everywhere.total.audit_calls == 5, "a talk of another campaign as well"
    assert everywhere.total.audit_mean == pytest.approx((90 + 60 + 30 + 0) / 4)
    yesterday = rows_now.report(audited.desk, date(2026, 11, 22))
    assert (yesterday.total.audit_calls, yesterday.total.audit_mean) == (0, None)


def test_a48_page_file_and_other_systems_say_the_same_within_scope(audited: Shift) -> None:
    lead, other = (signed_in(audited.desk, each) for each in ("lead1", "lead2"))
    html = lead.get(f"/reports?{DAY}").get_data(as_text=True)
    row = html.split('data-agent="operator1"')[1].split("</tr>")[0]
    shown = re.findall(r'data-column="audit_(\w+)">([^<]*)<', row)
    assert shown == [("calls", "5"), ("mean", "45.0")]
    told = row_of(lead)
    assert (told["監査した通話"], told["監査の平均点"]) == ("5", "45.0")
    data = lead.get(f"/api/v1/reports/operators?{DAY}").get_json()["operators"]
    assert [(each["audit_calls"], each["audit_mean"]) for each in data] == [(5, 45.0)]
    assert 'data-agent="operator1"' not in other.get(f"/reports?{DAY}").get_data(as_text=True)


def test_a48_operators_see_their_own_score_and_nobody_elses(audited: Shift) -> None:
    operator = signed_in(audited.desk, "operator1")
    html = operator.get(f"/reports/me?{DAY}").get_data(as_text=True)
    assert re.findall(r'data-column="audit_\w+">.*?<dd>([^<]*)<', html) == ["5", "45.0"]
    assert "100.0" not in html, "the other's"


def test_all_calls_weigh_alike_in_the_mean_of_many() -> None:
    one = OperatorRow(1, "a", "a", audit_calls=4, audit_rated=3, audit_permille=1800.0)
    other = OperatorRow(2, "b", "b", audit_calls=1, audit_rated=1, audit_permille=1000.0)
    both = total([one, other])
    assert (both.audit_calls, both.audit_mean) == (5, 70.0)
    untold = OperatorRow(3, "c", "c")
    assert total([untold]).audit_calls is None


def audit_later(shift: Shift) -> None:
    """One of the month's talks is scored when the month is closed."""
    with shift.desk.desk.database.write() as session:
        Audits(session, shift).scored(800)


def close(shift: Shift) -> Browser:
    december(shift, 9 * 3600)
    manager = signed_in(shift.desk, "manager1")
    assert manager.post("/reports/months/close", {"month": "2026-11"}).status_code == 303
    return manager


def test_a_score_after_the_month_was_closed_is_told_beside_it(shift: Shift) -> None:
    worked(shift)
    manager = close(shift)
    audit_later(shift)
    told = restated(page(manager))
    assert told["operator1", "監査の平均点"] == ("—", "80.0", "—")
    assert told["operator1", "監査した通話"] == ("0", "1", "+1")


def test_a_month_closed_before_scores_were_told_is_not_restated_by_them(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(shift)
    with monkeypatch.context() as earlier:
        earlier.setattr(month_figures, "FORMULAS", 1)
        earlier.setattr(month_figures_report, "with_scores", lambda _, rows, *__: list(rows))
        manager = close(shift)
    audit_later(shift)
    html = page(manager)
    assert not any("監査" in which for _, which in restated(html))
    assert figure(html, "audit_calls") == "—"
    assert figure(page(manager, f"{MONTH}&figures=now"), "audit_calls") == "1"
