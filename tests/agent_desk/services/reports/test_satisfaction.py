"""Scores at the end of calls, computed by hand: means, intervals, trend, and whom one may see."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from agent_desk.dialer import events
from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, UserId
from agent_desk.models.campaigns import Campaign, CampaignTeam
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import files, pages, satisfaction_report
from agent_desk.services.reports.making import Asked, Ground, Made, Table
from agent_desk.services.reports.satisfaction import Scores, trend
from agent_desk.store.people import accounts
from agent_desk.store.satisfaction import voices
from agent_desk.store.satisfaction.figures import ScoreCount
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER, add_entries, at, small_centre

DAY = date(2026, 11, 24)
HOURS = 3600.0


@pytest.fixture
def story(database: Database) -> Story:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 40)
    return Story(database, centre)


def question(
    story: Story,
    by: str,
    score: int | None,
    *,
    hours: float = 1.0,
    outcome: str = "",
    campaign_id: int | None = None,
) -> str:
    """One customer who was asked so many hours after the day began at work; the call's id."""
    row = story.lease(at(hours * HOURS))
    outcome = outcome or ("answered" if score else "silent")
    asked = events.ScoreAsked(
        CallId(row.call_id),
        CustomerId(row.customer_id),
        CampaignId(campaign_id or story.centre.campaign_id),
        UserId(story.centre.users[by]),
        "7b" * 32,
        skipped=outcome == "skipped",
        at=at(hours * HOURS + 60),
    )
    story.write(asked)
    if outcome not in ("skipped", "asking"):
        given = events.ScoreGiven(CallId(row.call_id), score, outcome, 1, at(hours * HOURS + 70))
        story.write(given)
    story.write(story.finished(row, "human", at(hours * HOURS + 60)))
    return row.call_id


def other_campaign(story: Story, *, team: int | None = None) -> int:
    """A second campaign, of the same team or of another."""
    with story.database.write() as session:
        made = session.execute(
            insert(Campaign).values(
                name="winter",
                kind="sales",
                product_id=story.centre.product_id,
                created_at=at(0),
            )
        ).inserted_primary_key[0]
        team_id = team or story.centre.team_id
        session.execute(insert(CampaignTeam).values(campaign_id=made, team_id=team_id))
    return int(made)


def asked(**more: object) -> Asked:
    params = {"from": DAY.isoformat(), "to": DAY.isoformat()} | dict(more.pop("params", {}))
    values = {
        "kind": "satisfaction",
        "params": params,
        "teams": None,
        "user_id": None,
        "username": "manager1",
        "locale": "ja",
        "now": at(86_400),
    }
    return Asked(**(values | more))


def made(story: Story, **more: object) -> Made:
    ground = Ground(story.database, SEALER, Path("facts"))
    return satisfaction_report.make(asked(**more), ground)


def lines(table: Table) -> dict[str, dict[str, object]]:
    """Rows by their first cell, with cells by metric (scores by their number)."""
    names = [column.label or column.metric for column in table.columns]
    rows = [*table.rows, *([table.total] if table.total is not None else [])]
    return {str(row[0]): dict(zip(names, row, strict=True)) for row in rows}


def test_a11_the_mean_of_each_operator_and_campaign_is_what_the_keys_add_up_to(
    story: Story,
) -> None:
    winter = other_campaign(story)
    for score in (5, 4, 4):
        question(story, "operator1", score)
    question(story, "operator1", 2, campaign_id=winter)
    question(story, "operator2", 1, campaign_id=winter)
    question(story, "operator2", 3)
    question(story, "operator2", None)
    campaigns, operators = (lines(table) for table in made(story).tables[:2])
    assert campaigns["spring"]["csat_mean"] == pytest.approx((5 + 4 + 4 + 3) / 4)
    assert campaigns["winter"]["csat_mean"] == pytest.approx((2 + 1) / 2)
    one, two = sorted(name for name in operators if name.endswith(")"))
    assert operators[one]["csat_mean"] == pytest.approx((5 + 4 + 4 + 2) / 4)
    assert operators[two]["csat_mean"] == pytest.approx((1 + 3) / 2)
    whole = campaigns["合計"]
    assert whole["csat_mean"] == pytest.approx(19 / 6)
    assert (whole["csat_asked"], whole["csat_answered"]) == (7, 6)
    assert whole["csat_answer_share"] == pytest.approx(6 / 7)
    assert whole["csat_high_share"] == pytest.approx(3 / 6)
    assert [whole[str(score)] for score in range(1, 6)] == [1, 1, 1, 2, 1]


def test_a11_who_was_not_asked_is_in_no_share_and_counted_apart(story: Story) -> None:
    question(story, "operator1", 5)
    for outcome in ("silent", "wrong_key", "hung_up", "asking"):
        question(story, "operator1", None, outcome=outcome)
    question(story, "operator1", None, outcome="skipped")
    question(story, "operator1", None, outcome="failed")
    whole = lines(made(story).tables[0])["合計"]
    assert (whole["csat_asked"], whole["csat_answered"], whole["csat_skipped"]) == (5, 1, 1)
    assert (whole["csat_low"], whole["csat_high"]) == (None, None), "of one answer"


def test_a11_the_interval_is_students(story: Story) -> None:
    for score in (5, 4, 3, 4):
        question(story, "operator1", score)
    whole = lines(made(story).tables[0])["合計"]
    # mean 4, s² = 2/3, standard error √(2/3/4) = 0.40825, t(3) = 3.182
    assert whole["csat_low"] == pytest.approx(4 - 3.182 * 0.408_248, abs=1e-4)
    assert whole["csat_high"] == 5.0, "no mean lies above the scale"


def test_an_interval_of_many_is_the_normal_one() -> None:
    scores = Scores()
    for score, count in ((3, 50), (5, 50)):
        scores.add(ScoreCount(DAY, "spring", "one", "answered", score, count))
    # s² = 100/99, standard error √(100/99/100) = 0.100504
    assert scores.interval == pytest.approx((4 - 1.96 * 0.100_504, 4 + 1.96 * 0.100_504), abs=1e-4)


def test_a49_scores_by_campaign_with_their_trend_and_what_customers_said(story: Story) -> None:
    question(story, "operator1", 2, hours=1)
    question(story, "operator1", 4, hours=2)
    question(story, "operator1", 5, hours=24)
    call_id = question(story, "operator1", 3, hours=48)
    with story.database.write() as session:
        voices.write(
            session,
            SEALER,
            call_id,
            user_id=story.centre.users["operator1"],
            heard="talk",
            text="説明が早口だった",
            at=at(48 * HOURS),
        )
    two = {"from": "2026-11-25", "to": "2026-11-26"}
    found = made(story, params=two)
    trend_table = found.tables[2]
    assert [row[1:] for row in trend_table.rows] == [
        [1, 1, 5.0, 1.0, 0, None, None],  # two days before nobody was asked
        [1, 1, 3.0, 0.0, 2, 3.0, 0.0],  # 2 and 4 the day that was as far into the period before
    ]
    assert trend_table.total is not None
    assert trend_table.total[1:] == [2, 2, 4.0, 0.5, 2, 3.0, 1.0]
    assert found.values["voices"] == {"spring": 1}
    html = pages.fragment(found, asked(params=two)).decode()
    assert "説明が早口だった" not in html, "only where reading is logged"
    assert "/reports/satisfaction/voices?from=2026-11-25&amp;to=2026-11-26" in html
    assert 'data-testid="csat-mean">4.00' in html
    assert f"/reports/calls?day=2026-11-26&amp;call={call_id}" in html


def test_a49_weeks_are_of_seven_days_and_the_last_may_be_short() -> None:
    counts = [
        ScoreCount(DAY + timedelta(days=n), "spring", "one", "answered", 5, 1) for n in range(10)
    ]
    earlier = [ScoreCount(DAY - timedelta(days=10), "spring", "one", "answered", 1, 1)]
    steps = trend(counts, earlier, first=DAY, last=DAY + timedelta(days=9), days=7)
    assert [(each.first, each.last) for each in steps] == [
        (DAY, DAY + timedelta(days=6)),
        (DAY + timedelta(days=7), DAY + timedelta(days=9)),
    ]
    assert [each.now.answered for each in steps] == [7, 3]
    assert [each.before.answered for each in steps] == [1, 0]


def test_a_question_belongs_to_the_japanese_day_it_was_asked_on(story: Story) -> None:
    midnight = 12.0  # from noon in Japan
    question(story, "operator1", 5, hours=midnight - 1 / 60 - 0.001)
    question(story, "operator1", 1, hours=midnight)
    assert lines(made(story).tables[0])["合計"]["csat_mean"] == 5.0


def test_calls_can_be_asked_for_by_score_and_operator(story: Story, tmp_path: Path) -> None:
    low = question(story, "operator1", 1)
    question(story, "operator1", 5)
    question(story, "operator2", 1)
    users = story.centre.users
    found = made(story, params={"score": "1", "operator": str(users["operator1"])})
    assert [row[-1] for row in found.tables[3].rows] == [low]
    path = tmp_path / "scores.csv"
    files.write(found, asked(), files.CSV_UTF8, path)
    assert low in path.read_text("utf-8-sig")
    with pytest.raises(ServiceError, match="bad-payload"):
        made(story, params={"score": "6"})
    with pytest.raises(ServiceError, match="bad-payload"):
        made(story, params={"by": "year"})


def test_a_lead_sees_their_teams_and_an_operator_nobodys(story: Story) -> None:
    question(story, "operator1", 4)
    with story.database.write() as session:
        elsewhere = accounts.add_team(session, "west")
        stranger = accounts.add_user(
            session,
            username="west1",
            name="west1",
            role="operator",
            team_id=elsewhere,
            password_hash="",
            at=at(0),
        )
    story.centre.users["west1"] = stranger
    question(story, "west1", 1)  # helps out on our campaign
    question(story, "operator1", 2, campaign_id=other_campaign(story, team=elsewhere))
    mine = lines(made(story, teams=frozenset({story.centre.team_id})).tables[0])
    assert mine["合計"]["csat_mean"] == 4.0
    assert lines(made(story, teams=frozenset({99})).tables[0]) == {
        "合計": lines(made(story, teams=frozenset({99})).tables[0])["合計"]
    }
    assert lines(made(story).tables[0])["合計"]["csat_answered"] == 3
    with pytest.raises(ServiceError, match="not-in-scope"):
        made(story, user_id=story.centre.users["operator1"])


def test_without_a_question_the_page_says_how_to_ask(story: Story) -> None:
    html = pages.fragment(made(story), asked()).decode()
    assert 'data-testid="csat-empty"' in html
