"""The funnel beside that of as many days before: on the page, and in the workbook."""

from __future__ import annotations

import re
from datetime import date

from agent_desk.services.reports import operators_report
from agent_desk.services.reports.figures import PastFunnel, assembled
from agent_desk.services.reports.funnels import FunnelStep, StatusColumn
from agent_desk.services.reports.operator_tables import funnel_table, points
from agent_desk.store.reports.figures import FunnelCounts
from tests.agent_desk.services.reports.test_operations_reports import asked, page, story
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import at

__all__ = ["story"]


def steps_of(html: str) -> dict[str, str]:
    """Each step of the page, by its code."""
    return {
        code: text
        for code, text in re.findall(
            r'data-testid="funnel-step" data-step="(\w+)"(.*?)</li>', html, re.DOTALL
        )
    }


def part(step: str, name: str) -> str:
    found = re.search(rf'data-part="{name}"[^>]*>([^<]*)<', step)
    return found[1] if found else ""


def worked(story: Story, begun: float, *calls: tuple[str, ...]) -> None:
    """Calls of a minute with these statuses."""
    for place, codes in enumerate(calls):
        row = story.lease(at(begun + 300 * place))
        story.bridge(row, "operator1", at(begun + 300 * place))
        for code in codes:
            story.mark(row, "operator1", code, at(begun + 300 * place + 5))
        story.hang_up(row, "operator1", at(begun + 300 * place + 60))
        story.save(row, "operator1", at(begun + 300 * place + 70))


def test_b11_each_step_and_the_worst_are_compared_with_as_many_days_before(story: Story) -> None:
    story.available("operator1", at(0))
    worked(story, 60, ("contact", "valid"))  # Tuesday: everybody comes so far
    worked(story, 86_400 + 60, ("contact", "valid"), ("contact",))  # Wednesday: every second

    def steps(first: str, last: str) -> tuple[str, dict[str, str]]:
        html = page(story, operators_report.make, asked(params={"from": first, "to": last}))
        return html.split('data-testid="funnel-past"')[1].split("</p>")[0], steps_of(html)

    told, found = steps("2026-11-25", "2026-11-25")
    assert told.count("2026/11/24") == 2, "one day, as long as the one asked for"
    assert (part(found["valid"], "past-rate"), part(found["valid"], "rate-change")) == (
        "100.0%",
        "-50.0ポイント",
    )
    assert (part(found["contact"], "past-rate"), part(found["contact"], "rate-change")) == (
        "100.0%",
        "+0.0ポイント",
    )
    assert "data-worst" in found["payment_date"], "nobody came so far"
    told, found = steps("2026-11-24", "2026-11-25")
    assert "2026/11/22" in told
    assert "2026/11/23" in told
    assert part(found["valid"], "past-rate") == "—", "there was nobody"


def test_b11_the_workbook_says_what_the_page_says() -> None:
    ways = {1: [StatusColumn("contact", "接触"), StatusColumn("valid", "有効コール")]}
    now = FunnelCounts(100, 50, 40, {"contact": 20, "valid": 5})
    was = FunnelStep("valid", "有効コール", 10, 0.5, 0.1, 10, worst=True)
    past = PastFunnel(date(2026, 10, 1), date(2026, 10, 31), {"valid": was})
    by_campaign = FunnelCounts(100, 50, 40, now.codes, {1: now})
    report = assembled([], by_campaign, ways, as_of=None, past=past)  # type: ignore[arg-type]
    table = funnel_table(report, "ja")
    assert table.rows[-1] == ["有効コール", 5, 0.25, 0.05, 15, "最も減った段階", 10, 0.5, -25.0]
    assert table.rows[-2][-3:] == [None, None, None], "nobody asked for it then"
    assert past.worst is was
    assert points(0.25, None) is None
