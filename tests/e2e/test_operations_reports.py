"""The reports on the day's work as a manager, a lead and an operator open them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from agent_desk.models.users import User
from tests.agent_desk.services.reports.test_compliance_figures import verdict
from tests.agent_desk.services.reports.test_dialer_figures import abandoned, ended
from tests.agent_desk.services.reports.test_promises_kept import pay, promise
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON, at
from tests.e2e.browser import Visit
from tests.e2e.small_product import open_page, served
from tools.page_checks import look

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DAY = date(2026, 11, 24)
DUE = date(2026, 11, 20)
NAMES = {"operator1": "佐々木 翔太", "operator2": "伊藤 美咲"}
BROKEN = ("overflow", "cut off", "cut off below", "key", "wrapped button")
TODAY = "?from=2026-11-24&to=2026-11-24"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallDesk, Any]]:
    with served(tmp_path_factory.mktemp("operations"), customers=70) as (desk, pages):
        worked(desk)
        yield desk, pages


def worked(desk: SmallDesk) -> None:
    """An afternoon of two operators, with promises that fell due and calls nobody took."""
    story = Story(desk.desk.database, desk.people.centre)
    with story.database.write() as session:
        for username, name in NAMES.items():
            session.execute(update(User).where(User.username == username).values(name=name))
    for number, username in enumerate(NAMES):
        an_afternoon(story, username, 600.0 * number)
    for number in range(9):
        outcome, sip, q850 = (("busy", 486, 17), ("no_answer", 487, None), ("machine", None, None))[
            number % 3
        ]
        ended(story, outcome, at(900 + 800 * number), sip_code=sip, q850=q850)
    abandoned(story, at(5000))
    verdict(story, 4, "R10", when=at(100))
    verdict(story, 7, "R01", "R12", when=at(200))
    verdict(story, 1, when=at(300), lifted="R12")
    for paid, state in ((10_000, "kept"), (6_000, "broken"), (0, "broken")):
        customer = promise(story, [(DUE, 10_000, state)], state=state)
        with story.database.write() as session:
            earlier = NOON - timedelta(days=10)
            session.connection().exec_driver_sql(
                "UPDATE promises SET made_at = ? WHERE customer_id = ?",
                (int(earlier.timestamp() * 1_000_000), customer),
            )
        if paid:
            pay(story, customer, DUE, paid)
    desk.clock.advance(5 * 3600)


def an_afternoon(story: Story, username: str, start_s: float) -> None:
    """Calls of all lengths, one of them with a hold and one beyond the limit, and two breaks."""
    second = start_s
    story.available(username, at(second))
    for number in range(12):
        second += 60 + 37 * number % 180
        row = story.lease(at(second))
        story.bridge(row, username, at(second))
        talked = 420 if number == 5 else 90 + 53 * number % 200
        if number % 4 == 1:
            story.write(
                story.seat(
                    username, "hold", at(second + 30), from_state="talking", call_id=row.call_id
                ),
                story.seat(
                    username, "talking", at(second + 75), from_state="hold", call_id=row.call_id
                ),
            )
        story.mark(row, username, "contact", at(second + 40))
        second += talked
        story.hang_up(row, username, at(second))
        second += 45 + 29 * number % 100
        if number in (4, 8):
            reason = "break" if number == 4 else "meeting"
            story.write(
                story.result(row, username, at(second), counterpart="verified"),
                story.seat(
                    username,
                    "away",
                    at(second),
                    from_state="wrap_up",
                    call_id=row.call_id,
                    reason=reason,
                ),
                story.seat(username, "available", at(second + 900), from_state="away"),
            )
            second += 900
        else:
            story.save(row, username, at(second), counterpart="verified")
    story.write(story.seat(username, "offline", at(second + 300), from_state="available"))


def test_a_manager_reads_the_days_work(
    house: tuple[SmallDesk, Any], visit: Callable[..., Any], tmp_path: Path
) -> None:
    desk, pages = house
    manager = open_page(desk, visit(pages, Visit), "manager1", "/reports/timeline")
    find_the_long_call(manager, tmp_path)
    follow_a_promise_to_its_call(manager)
    see_how_the_dialer_did(manager)
    see_what_was_blocked(manager)

    lead = open_page(desk, visit(pages, Visit), "lead2", "/reports/timeline")
    lead.wait_shown("timeline-empty")  # of another team

    operator = open_page(desk, visit(pages, Visit), "operator1", "/reports/timeline")
    see_only_oneself(operator)


def test_every_report_opens_whole_in_both_languages(
    house: tuple[SmallDesk, Any], visit: Callable[..., Any]
) -> None:
    """Nothing overflows, is cut off, lacks its words, or is an error of the browser."""
    desk, pages = house
    manager = open_page(desk, visit(pages, Visit), "manager1", "/reports")
    manager.page.set_viewport_size({"width": 1280, "height": 720})
    paths = pages_of_reports(desk)
    assert {"/reports", "/reports/analysis", "/reports/ranking"} < set(paths)
    found = []
    for locale in ("ja", "en"):
        if locale == "en":
            manager.page.goto(f"{manager.url}/reports")
            manager.page.locator("button[name=locale]").click()
            manager.page.wait_for_selector("html[lang=en]")
        for path in paths:
            answer = manager.page.goto(f"{manager.url}{path}")
            assert answer is not None and answer.status == 200, path
            assert manager.page.locator("h1").count() == 1, path
            found += [(path, *each) for each in look(manager.page, locale) if each[0] in BROKEN]
    assert found == [] and manager.problems == []


def pages_of_reports(desk: SmallDesk) -> list[str]:
    """The addresses a manager may open as they stand, without files and pages of one thing."""
    views = desk.app.view_functions
    return sorted(
        rule.rule
        for rule in desk.app.url_map.iter_rules()
        if rule.rule.startswith("/reports")
        and "GET" in (rule.methods or ())
        and not rule.arguments
        and "." not in rule.rule
        and "manager" in getattr(views[rule.endpoint], "guard", ())
    )


def find_the_long_call(manager: Visit, tmp_path: Path) -> None:
    """From everybody's day to one person's, and away as a file."""
    assert manager.by("timeline-lane").count() == 2
    assert manager.page.locator(".lane-bar path.lane-talking").count() == 2
    manager.page.get_by_role("link", name=NAMES["operator1"]).click()
    manager.by("timeline-lane", person="operator2").wait_for(state="detached")
    talking = manager.page.locator("rect.lane-talking title").first.text_content()
    assert talking is not None and talking.startswith("通話中 12:0")
    long = manager.by("timeline-calls").locator("td[data-column=long_calls]", has_text="上限超え")
    assert long.count() == 0, "the centre has eight minutes"
    manager.page.fill("#limit", "5")
    manager.page.get_by_role("button", name="表示", exact=True).click()
    manager.page.wait_for_url("**limit=5*")
    assert long.count() == 1
    with manager.page.expect_download() as download:
        manager.by("export-csv").click()
    path = tmp_path / "timeline.csv"
    download.value.save_as(path)
    text = path.read_text("utf-8-sig")
    assert NAMES["operator1"] in text and NAMES["operator2"] not in text
    assert "休憩" in text and "会議" in text


def follow_a_promise_to_its_call(manager: Visit) -> None:
    """One kept, one in part, one broken; with a weaker rule the second counts as kept."""
    address = "/reports/promises?from=2026-11-01&to=2026-11-30"
    manager.page.goto(f"{manager.url}{address}")
    shares = {each: manager.by("promise-share", standing=each) for each in ("kept", "part")}
    assert [found.get_attribute("data-count") for found in shares.values()] == ["1", "1"]
    manager.page.select_option("#share", "50")
    manager.page.select_option("#by", "operator")
    manager.page.get_by_role("button", name="表示", exact=True).click()
    manager.page.wait_for_url("**share=50*")
    assert [found.get_attribute("data-count") for found in shares.values()] == ["2", "0"]
    assert NAMES["operator1"] in manager.text("kept-figures")
    broken = manager.by("kept-lines").locator("tr", has_text="不履行")
    broken.get_by_test_id("to-call").click()
    manager.wait_shown("one-call")
    assert manager.by("call-row").count() == 1


def see_how_the_dialer_did(manager: Visit) -> None:
    """By campaign and hour, with the network's codes in words."""
    manager.page.goto(f"{manager.url}/reports/dialer{TODAY}")
    manager.page.select_option("#by", "campaign")
    manager.page.select_option("#and", "hour")
    manager.page.get_by_role("button", name="表示", exact=True).click()
    manager.page.wait_for_url("**and=hour*")
    assert "12時台" in manager.text("dialing-figures")
    assert manager.by("over-limit").count() == 1
    causes = manager.text("dialing-causes")
    assert "486" in causes and "話し中" in causes


def see_what_was_blocked(manager: Visit) -> None:
    """A50: rules with their numbers on one day, and a page without tables on a clean one."""
    manager.page.goto(f"{manager.url}/reports/compliance{TODAY}")
    assert manager.by("compliance-state").get_attribute("data-clean") == "no"
    rows = manager.by("comply-rules").locator("tbody tr")
    assert [rows.nth(place).locator("td").all_inner_texts() for place in range(rows.count())] == [
        ["R01", "督促の時間帯（21時〜8時の禁止）", "spring", "7", "0"],
        ["R10", "1日の架電回数の上限", "spring", "4", "0"],
        ["R12", "前回の架電からの間隔", "spring", "7", "1"],
    ]
    assert "放棄呼にアナウンスが流れなかった" in manager.text("comply-breaches")
    manager.page.goto(f"{manager.url}/reports/compliance?from=2026-11-01&to=2026-11-02")
    assert manager.by("compliance-state").get_attribute("data-clean") == "yes"
    assert manager.page.locator("[data-part=report] table").count() == 0


def see_only_oneself(operator: Visit) -> None:
    """Their own line, whoever they ask for; and no other report."""
    assert operator.by("timeline-lane").count() == 1
    assert operator.by("timeline-calls").locator("tbody tr").count() == 12
    assert operator.by("to-call").count() == 0  # no list of calls is open to them
    operator.expect_problem("400")  # nobody else can be asked for
    operator.page.goto(f"{operator.url}/reports/timeline?day=2026-11-24&person=2")
    assert operator.by("timeline-lane", person="operator2").count() == 0
    operator.expect_problem("403")
    for path in ("promises", "dialer", "compliance"):
        refused = operator.page.goto(f"{operator.url}/reports/{path}")
        assert refused is not None and refused.status == 403
