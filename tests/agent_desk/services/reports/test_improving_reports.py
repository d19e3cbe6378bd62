"""Lists ranked, early hang-ups and hints as they are made beside the desk: page and file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from agent_desk.catalogue import catalogue
from agent_desk.models.scripts import ScriptVersion
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import (
    files,
    hang_ups_report,
    hints_report,
    pages,
    ranking_report,
)
from agent_desk.services.reports.call_metrics import CALL_METRICS
from agent_desk.services.reports.making import Asked, Ground, Made, Maker
from agent_desk.services.reports.ranking_report import BETTER, EVEN, WORSE, ranked
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.services.reports.test_operations_reports import DAYS, asked
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, SEALER, add_entries, at, small_centre

PROSPECTS = CALL_METRICS["m_valid_of_attempts"]


@pytest.fixture
def story(database: Database) -> Story:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 40)
    return Story(database, centre)


@pytest.fixture
def make(story: Story, tmp_path: Path) -> Callable[[Maker, Asked], Made]:
    """Make a report of what happened so far."""
    folder = tmp_path / "facts"
    writer = FactWriter(
        folder, database=story.database, identity="one", sealer=SEALER, now=lambda: at(86_400)
    )

    def made(maker: Maker, question: Asked) -> Made:
        writer.catch_up()
        return maker(question, Ground(story.database, SEALER, lambda: Facts(folder, SEALER)))

    return made


def in_csv(found: Made, question: Asked, folder: Path) -> list[list[str]]:
    files.write(found, question, files.CSV_UTF8, folder / "report.csv")
    return list(csv.reader(io.StringIO((folder / "report.csv").read_text("utf-8-sig"))))


def talked(story: Story, begun: float, length: float, *codes: str) -> None:
    """A call of so many seconds, ended by the customer."""
    row = story.lease(at(begun))
    story.bridge(row, "operator1", at(begun))
    for code in codes:
        story.mark(row, "operator1", code, at(begun))
    story.hang_up(row, "operator1", at(begun + length))
    story.save(row, "operator1", at(begun + length + 5))


def script(story: Story, version: int, begun: float) -> None:
    with story.database.write() as session:
        session.execute(
            insert(ScriptVersion).values(
                campaign_id=story.centre.campaign_id,
                version=version,
                text="お電話しております",
                lint=[],
                allowed="",
                by="lead1",
                at=at(begun),
            )
        )


def test_b31_lists_are_ranked_by_what_is_sure_and_not_by_luck() -> None:
    def sums(hits: int, cases: int) -> dict[str, int]:
        return {"valid": hits, "attempts": cases}

    found = ranked(
        [
            ("三件", sums(3, 4)),  # 75 %, by luck or not
            ("大", sums(330, 1000)),
            ("中", sums(40, 100)),  # a higher share, and less sure
            ("低", sums(50, 1000)),
            ("無", sums(0, 0)),
        ],
        PROSPECTS,
    )
    assert [each.name for each in found] == ["中", "大", "三件", "低"]
    by_name = {each.name: each for each in found}
    assert (by_name["三件"].low, by_name["三件"].high) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert (by_name["大"].low, by_name["大"].high) == pytest.approx((0.3016, 0.3597), abs=1e-4)
    assert by_name["三件"].few
    assert not by_name["大"].few
    assert [each.standing for each in found] == [BETTER, BETTER, BETTER, WORSE]
    assert ranked([("一", sums(5, 50)), ("二", sums(6, 50))], PROSPECTS)[0].standing == EVEN


def test_b31_the_page_and_the_file_have_rank_n_and_interval(
    story: Story, make: Callable[[Maker, Asked], Made], tmp_path: Path
) -> None:
    story.available("operator1", at(0))
    talked(story, 10, 60, "contact", "valid")
    talked(story, 110, 60, "contact")
    found = make(ranking_report.make, asked())
    html = pages.fragment(found, asked()).decode()
    assert 'data-testid="ranked" data-name="spring list"' in html
    assert "95％信頼区間の下限" in html
    assert catalogue("ja")["report.formula.m_valid_of_attempts"] in html
    header, row = in_csv(found, asked(), tmp_path)
    assert row[:4] == ["1", "spring list", "2", "1"]
    assert (float(row[4]), float(row[5]), float(row[6])) == (0.5, 0.0945, 0.9055)
    assert row[7] == "少", "two calls say little"
    attribute = asked(params={**DAYS, "by": "hour", "metric": "m_contact_rate"})
    assert (
        'data-name="12時"'
        in pages.fragment(make(ranking_report.make, attribute), attribute).decode()
    )
    for params in ({"metric": "m_attempts"}, {"by": "list\nhour"}):
        with pytest.raises(ServiceError, match="bad-payload"):
            make(ranking_report.make, asked(params={**DAYS, **params}))
    with pytest.raises(ServiceError, match="not-in-scope"):
        make(ranking_report.make, asked(user_id=1))


def test_b25_who_hangs_up_within_five_seconds_is_counted_by_campaign_and_script(
    story: Story, make: Callable[[Maker, Asked], Made], tmp_path: Path
) -> None:
    story.available("operator1", at(0))
    talked(story, 10, 3)  # before there was a script
    script(story, 1, 100)
    talked(story, 200, 4.9)
    talked(story, 300, 5.0)
    talked(story, 400, 60)
    script(story, 2, 500)
    talked(story, 600, 90)
    row = story.lease(at(700))  # nobody answers: no answered call
    story.write(story.moved(row, "leased", "placed", at(700)))
    story.write(story.finished(row, "no_answer", at(703)))
    row = story.lease(at(800))  # our operator hangs up at once
    story.bridge(row, "operator1", at(800))
    story.write(
        story.finished(row, "human", at(802), by="operator"),
        story.seat("operator1", "wrap_up", at(802), from_state="talking", call_id=row.call_id),
        story.recorded(row, at(802)),
    )
    found = make(hang_ups_report.make, asked())
    rows = in_csv(found, asked(), tmp_path)
    assert [row[:2] + row[3:6] for row in rows[1:]] == [
        ["spring", "スクリプトなし", "1", "1", "1.0"],
        ["spring", "第1版", "3", "1", "0.3333"],
        ["spring", "第2版", "2", "0", "0.0"],
    ]
    assert found.tables[0].total is not None
    assert list(found.tables[0].total[3:6]) == [6, 2, 2 / 6]
    html = pages.fragment(found, asked()).decode()
    assert "早期切断 ÷ 応答数" in html
    assert re.search(r'data-column="hang_share"[^>]*>33.3%', html)
    others = make(hang_ups_report.make, asked(teams=frozenset({99})))
    assert others.tables[0].rows == [], "another team's campaigns"
    with pytest.raises(ServiceError, match="not-in-scope"):
        make(hang_ups_report.make, asked(user_id=1))


def test_a51_the_page_tells_hints_with_their_figures_or_that_there_are_none(
    story: Story, make: Callable[[Maker, Asked], Made], tmp_path: Path
) -> None:
    story.available("operator1", at(0))
    talked(story, 10, 60, "contact")
    nothing = make(hints_report.make, asked())
    assert 'data-testid="no-hints"' in pages.fragment(nothing, asked()).decode()
    for number in range(34):  # everybody is reached, nobody has a need
        talked(story, 400 + 100 * number, 60, "contact")
    found = make(hints_report.make, asked())
    html = pages.fragment(found, asked()).decode()
    assert 'data-hint="worst_step" data-n="35"' in html
    assert "35件のうち、進んだのは0.0%" in html
    assert 'href="/reports?from=2026-11-24' in html
    header, row = in_csv(found, asked(), tmp_path)
    assert row[1] == "valid"
    assert (float(row[2]), row[4]) == (0.0, "35")
    assert found.as_of <= NOON + timedelta(days=2)
