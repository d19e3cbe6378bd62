"""The reports on money as people read them: figures, formulas, files, and who is shown what."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Debt, Payment
from agent_desk.models.lists import ListEntry
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import (
    comparison_report,
    costs_report,
    files,
    pages,
    roi_report,
    what_if_report,
)
from agent_desk.services.reports.making import Asked, Ground, Made, Maker
from agent_desk.store.facts.reading import Facts
from agent_desk.store.reports import cost_inputs, roi_plans
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.services.reports.money_day import DAY, a_day, priced
from tests.agent_desk.services.reports.test_roi import ITEMS
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, SEALER, at
from tests.agent_desk.store.reports.debt_rows import customers, owe, pay

PERIODS = {
    "before_from": (DAY - timedelta(days=1)).isoformat(),
    "before_to": (DAY - timedelta(days=1)).isoformat(),
    "from": DAY.isoformat(),
    "to": DAY.isoformat(),
}


@pytest.fixture
def story(database: Database) -> Story:
    """A centre whose calls and hours have prices."""
    return priced(database)


@pytest.fixture
def ground(database: Database) -> Ground:
    """Nothing has been made of the rows yet: they are counted as they are."""

    def facts() -> Facts:
        raise ServiceError("report-unready")

    return Ground(database, SEALER, facts)


def asked(kind: str, params: dict[str, str], **who: Any) -> Asked:
    told = {"role": "manager", "teams": None, "locale": "ja", **who}
    now = at(30 * 86_400)
    return Asked(kind=kind, params=params, user_id=None, username="x", now=now, **told)


def day(**params: str) -> dict[str, str]:
    return {"from": DAY.isoformat(), "to": DAY.isoformat(), "campaign": "", **params}


def made(maker: Maker, question: Asked, ground: Ground) -> tuple[Made, str]:
    """What was made, and the page's text with its tags taken out."""
    found = maker(question, ground)
    html = pages.fragment(found, question).decode()
    return found, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def in_csv(found: Made, question: Asked, path: Path) -> list[list[str]]:
    """Each line of the file."""
    files.write(found, question, files.CSV_UTF8, path / "report.csv")
    return list(csv.reader(io.StringIO((path / "report.csv").read_text("utf-8-sig"))))


def refusal(maker: Maker, question: Asked, ground: Ground) -> str:
    with pytest.raises(ServiceError) as refused:
        maker(question, ground)
    return refused.value.error_id


def a_thousand_accounts(story: Story, paid: int) -> None:
    """1,000 debts of 10,000 yen that were assigned ten days ago, `paid` of them paid to a fifth."""
    since = NOON - timedelta(days=10)
    row = {"name_sealed": b"x", "name_key": "x", "created_at": since, "updated_at": since}
    ids = range(1_001, 2_001)
    with story.database.write() as session:
        session.execute(insert(Customer), [{**row, "id": each} for each in ids])
        entry = {"list_id": story.centre.list_id, "next_at": since, "created_at": since}
        session.execute(insert(ListEntry), [{**entry, "customer_id": each} for each in ids])
        debt = {"product_id": story.centre.product_id, "external_id": "", "created_at": since}
        for amount, group in ((8_000, ids[:paid]), (10_000, ids[paid:])):
            values = {**debt, "amount_yen": amount}
            rows = [{**values, "id": each, "customer_id": each} for each in group]
            session.execute(insert(Debt), rows)
        payment = {"amount_yen": 2_000, "applied_yen": 2_000, "paid_on": DAY, "source": "test"}
        rows = [
            {**payment, "debt_id": each, "external_id": str(each), "created_at": NOON}
            for each in ids[:paid]
        ]
        session.execute(insert(Payment), rows)


def test_a02_the_page_shows_38_2_percent_for_382_of_1000_and_the_yen_apart(
    story: Story, ground: Ground, tmp_path: Path
) -> None:
    a_thousand_accounts(story, 382)
    question = asked("costs", day())
    found, page = made(costs_report.make, question, ground)
    assert "回収率（件数） 期間内に入金のあった債権数 ÷ 担当した債権数 38.2 % 1,000" in page
    assert re.search(r"回収率（金額） [^%]+ 7\.6 % 1,000", page)
    assert re.search(r"平均回収期間 [^0-9]+ 10\.0 日 382", page)
    rows = {row[0]: row[1:4] for row in in_csv(found, question, tmp_path) if row}
    assert rows["回収率（件数）"] == ["38.2", "%", "1000"]


def test_a05_the_page_has_the_total_its_lines_and_their_formula(
    story: Story, ground: Ground, tmp_path: Path
) -> None:
    a_day(story)
    question = asked("costs", day())
    found, page = made(costs_report.make, question, ground)
    assert "16,574 円 人件費 ＋ 通話料 ＋ 料金プランの月額 ＋ その他の月額費用" in page
    assert "夕方（18〜22時） 2:00:00 1,500 10.0% 3,300" in page
    assert re.search(r"接触1件あたりコスト 運営コスト ÷ 接触数 16,574 円 n＜30 1 ", page)
    assert re.search(r"回収1円あたりコスト 運営コスト ÷ 回収額 – 0 ", page)
    assert "第1版（2026/11/01から、manager1）" in page
    rows = {row[0]: row for row in in_csv(found, question, tmp_path) if row}
    assert rows["運営コスト"][1:3] == ["16574", "円"]
    assert rows["深夜（22〜5時）"][-1] == "1875"


def test_a06_a08_the_page_has_who_was_at_work_by_day(story: Story, ground: Ground) -> None:
    a_day(story)
    found, page = made(costs_report.make, asked("costs", day()), ground)
    assert "2026/11/24 1 1.0 2 9:00:00 2 1.0" in page
    assert found.tables[3].total == (None, 1, 1.0, 2, 32_400.0, 2, 1.0)


def test_hours_without_a_wage_and_calls_without_a_tariff_are_told(
    story: Story, ground: Ground
) -> None:
    with story.database.write() as session:
        session.execute(update(Campaign).values(tariff_id=None))
        session.execute(update(cost_inputs.CostRates).values(from_on=DAY + timedelta(days=1)))
    a_day(story)
    _, page = made(costs_report.make, asked("costs", day()), ground)
    assert "時給が入力されていない日の勤務が 9:00:00 あり" in page
    assert "料金プランのない通話が2件あり" in page


def test_b46_the_page_says_what_leaving_a_contract_costs(story: Story, ground: Ground) -> None:
    with story.database.write() as session:
        values = {"begun_on": date(2026, 7, 1), "term_months": 12, "setup_yen": 50_000}
        values |= {"monthly_yen": 22_000, "early_percent": 50}
        cost_inputs.add_contract(
            session, "OSORA & <b>", 1, values, retired=False, by="manager1", at=NOON
        )
    _, page = made(costs_report.make, asked("costs", day()), ground)
    # On 24 December 2026 the month of 1 December is the last that has begun: six are left.
    assert "OSORA &amp; &lt;b&gt; 2026/07/01 2027/07/01 50,000 22,000 314,000 6 66,000" in page


def test_f37_no_name_that_people_typed_runs_as_a_formula(
    story: Story, ground: Ground, tmp_path: Path
) -> None:
    typed = '=cmd|" /C calc"!A0'
    with story.database.write() as session:
        values = {"begun_on": DAY, "term_months": 0, "setup_yen": 0}
        values |= {"monthly_yen": 0, "early_percent": 0}
        cost_inputs.add_contract(session, typed, 1, values, retired=False, by="x", at=NOON)
    items = [{"kind": "benefit", "name": typed, "yen": 1}]
    for maker, params in (
        (costs_report.make, day()),
        (roi_report.make, {"plan": plan_of(story, items)}),
    ):
        question = asked("x", params)
        cells = [
            cell for row in in_csv(maker(question, ground), question, tmp_path) for cell in row
        ]
        assert [cell for cell in cells if typed in cell] == ["'" + typed]


def test_a12_the_page_compares_periods_and_warns_of_few_cases(
    story: Story, ground: Ground, tmp_path: Path
) -> None:
    a_day(story)
    with story.database.write() as session:
        debt = owe(
            session,
            story.centre,
            customers(session, story.centre)[0],
            10_000,
            since=NOON - timedelta(days=9),
        )
        pay(session, debt, 1_000, DAY - timedelta(days=1), at=NOON)
        pay(session, debt, 4_000, DAY, at=NOON)
    question = asked("comparison", PERIODS)
    found, page = made(comparison_report.make, question, ground)
    assert re.search(r"回収額 [^0-9]+ 1,000 円 – 4,000 円 – \+3,000 円 \+300\.0 %", page)
    assert re.search(
        r"回収率（金額） .+? 10\.0 % 1 44\.4 % 1 \+34\.4 ポイント \+344\.4 % n＜30", page
    )
    assert "期間の長さが異なります" not in page
    rows = {row[0]: row for row in in_csv(found, question, tmp_path)}
    assert rows["回収額"][1:9] == ["1000", "", "4000", "", "円", "3000", "円", "3.0"]
    assert rows["回収率（金額）"][-1] == "件数が30件未満のため参考値です。"


def test_a12_periods_of_different_lengths_are_compared_by_the_day(
    story: Story, ground: Ground
) -> None:
    a_day(story)
    longer = {**PERIODS, "before_from": (DAY - timedelta(days=10)).isoformat()}
    _, page = made(comparison_report.make, asked("comparison", longer), ground)
    assert "期間の長さが異なります（10日と1日）" in page
    assert re.search(r"架電数 [^0-9]+ 0 件 – 2 件 – \+2\.0 件 /日 –", page)


def test_costs_are_told_to_those_who_may_see_wages_only(story: Story, ground: Ground) -> None:
    for role, sees in (("manager", True), ("auditor", True), ("lead", False), ("operator", False)):
        _, page = made(comparison_report.make, asked("comparison", PERIODS, role=role), ground)
        assert ("運営コスト" in page) is sees, role
        if not sees:
            assert refusal(costs_report.make, asked("costs", day(), role=role), ground) == (
                "not-allowed"
            )
            plan = asked("roi", {"plan": "1"}, role=role)
            assert refusal(roi_report.make, plan, ground) == "not-allowed"


def test_another_teams_campaign_is_out_of_scope(story: Story, ground: Ground) -> None:
    theirs = {"campaign": str(story.centre.campaign_id)}
    stranger = frozenset({story.centre.team_id + 1})
    own = frozenset({story.centre.team_id})
    for maker, params in (
        (comparison_report.make, {**PERIODS, **theirs}),
        (what_if_report.make, day(**theirs)),
    ):
        question = asked("x", params, role="lead", teams=stranger)
        assert refusal(maker, question, ground) == "not-in-scope"
        assert maker(asked("x", params, role="lead", teams=own), ground).row_count


def test_who_sees_themselves_only_is_shown_nobody_elses_figures(
    story: Story, ground: Ground
) -> None:
    for maker, params in ((comparison_report.make, PERIODS), (what_if_report.make, day())):
        assert refusal(maker, replace(asked("x", params), user_id=1), ground) == "not-in-scope"


def plan_of(story: Story, items: list[dict[str, Any]], periods: Any = None) -> str:
    with story.database.write() as session:
        plan_id = roi_plans.add(session, "導入計画")
        roi_plans.add_version(
            session, plan_id, 1, items, periods, retired=False, by="manager1", at=NOON
        )
    return str(plan_id)


def test_a52_a53_a54_a55_the_page_of_a_plan(story: Story, ground: Ground, tmp_path: Path) -> None:
    plan = plan_of(story, [vars(item) for item in ITEMS])
    question = asked("roi", {"plan": plan})
    found, page = made(roi_report.make, question, ground)
    assert "初期投資 3,500,000 円" in page
    assert "年間効果（1年目） 53,000,000 円" in page
    assert "投資回収期間 0.8か月 初期投資 ÷ 1か月あたりの純効果" in page
    assert re.findall(r"(\d)年目 (?:[0-9,]+ 円 ){4}([0-9,.]+ %)", page) == [
        ("1", "1,414.3 %"),
        ("2", "2,366.7 %"),
        ("3", "3,063.6 %"),
        ("4", "3,623.1 %"),
        ("5", "4,100.0 %"),
    ]
    assert "（Σ 効果 − Σ 費用）÷ Σ 費用" in page
    years = [row for row in in_csv(found, question, tmp_path) if len(row) == 6 and row[0].isdigit()]
    assert years[-1] == ["5", "1000000", "73000000", "7500000", "315000000", "41.0"]


def test_a54_items_are_fed_from_what_was_measured(story: Story, ground: Ground) -> None:
    a_day(story)
    with story.database.write() as session:
        debt = owe(
            session,
            story.centre,
            customers(session, story.centre)[0],
            10_000,
            since=NOON - timedelta(days=9),
        )
        pay(session, debt, 4_000, DAY - timedelta(days=1), at=NOON)
    items = [
        {"kind": "investment", "name": "導入", "yen": 1_000},
        {"kind": "benefit", "name": "人件費", "yen": 0, "source": "labour_saved"},
        {"kind": "benefit", "name": "通話料", "yen": 0, "source": "running_saved"},
        {"kind": "benefit", "name": "回収", "yen": 0, "source": "collected_gained"},
    ]
    # The worked day as "before", the day after it as "after": all labour and charges are saved.
    days = (DAY, DAY, DAY + timedelta(days=1), DAY + timedelta(days=1))
    found, _ = made(roi_report.make, asked("roi", {"plan": plan_of(story, items, days)}), ground)
    amounts = {row[0]: row[2] for row in found.tables[2].rows}
    assert amounts == {
        "導入": 1_000,
        "人件費": 14_175 * 365,
        "通話料": (32 + 367) * 365,
        "回収": 0,
    }


def test_a_plan_nobody_typed_and_none_at_all(story: Story, ground: Ground) -> None:
    assert refusal(roi_report.make, asked("roi", {"plan": "7"}), ground) == "plan-unknown"
    _, page = made(roi_report.make, asked("roi", {"plan": ""}), ground)
    assert "投資計画がまだありません" in page


def test_b32_the_server_answers_what_the_sliders_ask(story: Story, ground: Ground) -> None:
    a_day(story)
    tried = day(code="contact", calls_percent="10", rate_points="1")
    found, page = made(what_if_report.make, asked("what_if", tried), ground)
    assert "コール数 期間内に発信した件数 2 2.2 0.2" in page
    assert "50.00 % 51.00 %" in page
    [row] = [row for row in found.tables[0].rows if row[0] == "件数"]
    assert row[1:] == (1, pytest.approx(1.122), pytest.approx(0.122))
    for wrong in ("1000", "nan", "x"):
        question = asked("what_if", day(calls_percent=wrong))
        assert refusal(what_if_report.make, question, ground) == "bad-payload"


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_every_report_speaks_both_languages(
    story: Story, ground: Ground, locale: str, caplog: pytest.LogCaptureFixture
) -> None:
    plan = plan_of(story, [vars(item) for item in ITEMS])
    for maker, params in (
        (costs_report.make, day()),
        (comparison_report.make, PERIODS),
        (what_if_report.make, day()),
        (roi_report.make, {"plan": plan}),
    ):
        question = asked("x", params, locale=locale)
        found, page = made(maker, question, ground)
        pages.print_view(found, question)
        for table in found.tables:
            for row in table.rows:
                assert len(row) == len(table.columns)
        assert not re.findall(r"\b(?:money|report)\.[a-z_.]+", page)
    assert "no string" not in caplog.text
