"""Every report says when its figures were true and what they are: name, formula, unit, source."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.catalogue import LOCALES, catalogue
from agent_desk.dialer.business_time import at as instant_of
from agent_desk.models.calls import Attempt
from agent_desk.models.results import Result
from agent_desk.services.reports import headings, metrics_report, pages
from agent_desk.services.reports.kinds import KINDS
from agent_desk.services.reports.making import DAY, INSTANT, TEXT, Asked, Column, Ground, Made
from agent_desk.services.reports.metrics import METRICS
from agent_desk.store import schema
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.services.reports.money_day import priced
from tests.agent_desk.services.reports.test_money_reports import plan_of
from tests.agent_desk.services.reports.test_roi import ITEMS
from tests.agent_desk.store.desk_rows import SEALER
from tests.agent_desk.store.facts.random_centre import RandomCentre
from tests.agent_desk.store.facts.test_figures import finish

# Their pages say it beside each line, a hint in its sentence; the headings' are on paper.
BY_LINE = frozenset({"costs", "comparison", "roi", "what_if", "hints"})
FOR_THE_DESK = frozenset({"month_figures"})  # no page has it
# Neither results nor statuses are in their figures, or nobody asked for any that were measured.
NO_MARKS = frozenset(
    {"promises", "dialer", "compliance", "roi", "months", "metrics", "satisfaction", "scores"}
)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RandomCentre]:
    """A month of calls in which anything happened; corrections too."""
    folder = tmp_path_factory.mktemp("dictionary")
    database = Database(f"sqlite:///{folder / 'desk.db'}")
    schema.upgrade(database)
    found = RandomCentre(priced(database), 11)
    found.go_on(900)
    finish(found)
    yield found
    database.close()


@pytest.fixture(scope="module")
def made(
    centre: RandomCentre, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Asked, Made]]:
    """Each report of that month, as a manager asks for it."""
    story, folder = centre.story, tmp_path_factory.mktemp("facts")
    writer = FactWriter(
        folder, database=story.database, identity="one", sealer=SEALER, now=lambda: centre.now
    )
    writer.catch_up()
    ground = Ground(story.database, SEALER, lambda: Facts(folder, SEALER))
    plan = plan_of(story, [vars(item) for item in ITEMS])
    first, last = (centre.now - timedelta(days=27)).date(), centre.now.date()
    params = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "before_from": (first - timedelta(days=28)).isoformat(),
        "before_to": (first - timedelta(days=1)).isoformat(),
        "day": (last - timedelta(days=1)).isoformat(),
        "campaign": "",
        "plan": plan,
    }
    params["person"] = str(centre.users[0])
    asked = Asked(
        kind="",
        params=params,
        teams=None,
        user_id=None,
        username="manager1",
        locale="ja",
        now=centre.now,
        role="manager",
    )
    found = {}
    for kind, maker in KINDS.items():
        if kind in FOR_THE_DESK:
            continue
        question = replace(asked, kind=kind, user_id=centre.users[0] if kind == "me" else None)
        found[kind] = (question, maker(question, ground))
    return found


def figures(made: Made) -> set[Column]:
    """What stands in the report's tables and is a figure."""
    return {
        column
        for table in made.tables
        for column in table.columns
        if column.unit not in (TEXT, DAY, INSTANT)
    }


def test_every_page_says_when_its_figures_were_true(
    made: dict[str, tuple[Asked, Made]], centre: RandomCentre
) -> None:
    for kind, (asked, found) in made.items():
        page = pages.fragment(found, asked).decode()
        assert 'data-part="as-of"' in page, kind
        assert pages.stamp(found.as_of) in page, kind
        assert 'data-part="as-of"' in pages.print_view(found, asked).decode(), kind
        assert found.as_of <= centre.now


def test_every_page_that_counts_results_says_how_many_were_corrected(
    made: dict[str, tuple[Asked, Made]], centre: RandomCentre
) -> None:
    asked, _ = made["operators"]
    first, last = (instant_of(asked.day(name), 0) for name in ("from", "to"))
    with centre.story.database.read() as session:
        query = select(Result.call_id).join(Attempt, Attempt.id == Result.call_id)
        of_days = (Attempt.leased_at >= first, Attempt.leased_at < last + timedelta(days=1))
        counted = query.where(*of_days, Result.version > 1, Attempt.campaign_id != practice(centre))
        expected = len(set(session.scalars(counted)))
    assert expected > 2
    for kind, (_, found) in made.items():
        assert (found.corrections is None) is (kind in NO_MARKS), kind
    told = {kind: made[kind][1].corrections for kind in ("operators", "analysis", "heat_map")}
    assert set(told.values()) == {expected}
    assert made["calls_behind"][1].corrections == made["costs"][1].corrections == expected
    assert made["what_if"][1].corrections == expected
    assert made["comparison"][1].corrections >= expected, "both periods together"
    assert made["me"][1].corrections < expected, "their own calls"


def practice(centre: RandomCentre) -> int:
    return centre.campaigns[2]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_figure_has_a_name_a_formula_a_unit_and_a_source(
    made: dict[str, tuple[Asked, Made]], locale: str
) -> None:
    words = catalogue(locale)
    for code, metric in METRICS.items():
        assert words[f"report.formula.{code}"], code
        assert words[f"report.unit.{metric.unit}"], code
        assert words[f"report.source.{metric.source}"], code
        assert code == "away_for" or words[f"report.{code}"], code
    for kind, (_, found) in made.items():
        for column in figures(found):
            assert METRICS[column.metric].unit == column.unit, (kind, column)


def test_every_page_prints_the_formula_of_each_figure(made: dict[str, tuple[Asked, Made]]) -> None:
    printed = 0
    for kind, (asked, found) in made.items():
        form = pages.print_view if kind in BY_LINE else pages.fragment
        page = html.unescape(form(found, asked).decode())
        if kind == "satisfaction" and 'class="empty-text"' in page:
            continue  # nobody was asked in this month
        for table in (each for each in found.tables if each.rows):
            for column in table.columns:
                formula = headings.formula(column, asked.locale)
                if column.unit not in (TEXT, DAY, INSTANT):
                    assert formula in page, (kind, column.metric)
                    printed += 1
    assert printed > 60


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_no_name_of_the_dictionary_leaves_a_gap_to_fill(locale: str) -> None:
    asked: Any = SimpleNamespace(locale=locale, now=None)
    ground: Any = None  # nothing is read
    [table] = metrics_report.make(asked, ground).tables
    assert [cell for row in table.rows for cell in row if "{" in str(cell)] == []
    assert "離席：理由ごと" in [row[0] for row in table.rows]
