"""What work costs and what it brings, as a manager types, reads, compares and tries it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from agent_desk.dialer.charges import Version
from agent_desk.models.campaigns import Campaign
from agent_desk.store.campaigns import tariffs
from tests.agent_desk.dialer.test_charges import OSORA
from tests.agent_desk.services.reports.money_day import a_day
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import NOON
from tests.agent_desk.store.reports.debt_rows import customers, owe, pay
from tests.e2e.browser import Visit, until
from tests.e2e.small_product import open_page, served

pytestmark = [pytest.mark.browser]

DAY = date(2026, 11, 24)
TODAY = "?from=2026-11-24&to=2026-11-24"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallDesk, Any]]:
    """A day was worked under a tariff, and a debt was paid in part."""
    with served(tmp_path_factory.mktemp("costs"), identity_needed=False) as (desk, pages):
        story = Story(desk.desk.database, desk.people.centre)
        with story.database.write() as session:
            tariff_id = tariffs.add(session, "OSORA", at=NOON)
            terms = Version(date(2026, 11, 1), OSORA)
            tariffs.add_version(session, tariff_id, terms, by="admin1", at=NOON)
            session.execute(update(Campaign).values(tariff_id=tariff_id))
        a_day(story)
        with story.database.write() as session:
            first = customers(session, story.centre)[0]
            debt = owe(session, story.centre, first, 10_000, since=NOON)
            pay(session, debt, 4_000, DAY, at=NOON)
        desk.clock.advance(12 * 3_600)
        yield desk, pages


def go(someone: Visit, path: str) -> None:
    someone.page.goto(f"{someone.url}{path}")


def figure(someone: Visit, code: str) -> str:
    return " ".join(someone.by("money-figure", figure=code).inner_text().split())


def test_costs_returns_and_what_if_from_the_wage_to_the_fifth_year(
    house: tuple[SmallDesk, Any], visit: Callable[..., Any]
) -> None:
    manager = open_page(house[0], visit(house[1], Visit), "manager1", f"/reports/costs{TODAY}")
    assert "時給が入力されていない" in manager.text("money-missing")
    typed_rates(manager)
    read_costs(manager)
    typed_contract(manager)
    compared(manager)
    tried(manager)
    planned(manager)


def typed_rates(manager: Visit) -> None:
    go(manager, "/reports/costs/rates")
    page = manager.page
    for name, number in (("wage_yen", "1500"), ("evening_percent", "10"), ("monthly_yen", "60000")):
        page.fill(f"#{name}", number)
    page.fill("#from_on", "2026-11-01")
    manager.by("save-rates").click()
    manager.wait_text("money-saved", "保存しました")
    assert "1,500 円" in manager.text("rates-version")


def read_costs(manager: Visit) -> None:
    go(manager, f"/reports/costs{TODAY}")
    assert manager.text("total-cost").startswith("16,574 円")
    assert manager.by("money-missing").count() == 0
    assert "運営コスト ÷ 接触数 16,574 円" in figure(manager, "per_contacts")
    assert "40.0 % n＜30 1" in figure(manager, "recovery_yen")
    with manager.page.expect_download() as download:
        manager.by("export-csv").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert ["運営コスト", "16574", "円"] in [row[:3] for row in rows]


def typed_contract(manager: Visit) -> None:
    go(manager, "/reports/costs/rates")
    cells = {"name": "OSORA", "term_months": "12", "setup_yen": "50000"}
    cells |= {"monthly_yen": "22000", "early_percent": "100"}
    for name, text in cells.items():
        manager.page.fill(f"#contract-{name}", text)
    manager.page.fill("#begun_on", "2026-11-01")
    manager.by("save-contract").click()
    manager.wait_text("contract", "242,000 円")  # 11 months of 22,000


def compared(manager: Visit) -> None:
    before = "before_from=2026-11-14&before_to=2026-11-23"
    go(manager, f"/reports/comparison{TODAY}&{before}")
    assert "10日と1日" in manager.text("lengths-differ")
    attempts = " ".join(manager.by("compared", figure="attempts").inner_text().split())
    assert "0 件 – 2 件 – +2.0 件 /日 –" in attempts
    manager.page.fill("#before_from", "2026-11-23")
    manager.page.get_by_role("button", name="表示", exact=True).click()
    manager.page.wait_for_url("**before_from=2026-11-23*")
    assert manager.by("lengths-differ").count() == 0


def tried(manager: Visit) -> None:
    go(manager, f"/reports/what-if{TODAY}&code=contact")
    assert manager.text("by-calls") == "0.0"
    address = manager.page.url
    slider = manager.page.locator("#calls-percent")
    slider.focus()
    for _ in range(10):
        manager.page.keyboard.press("ArrowRight")
    until(lambda: manager.text("by-calls") == "0.1", what="half a contact more for 2.2 calls")
    assert slider.input_value() == "10"
    assert manager.page.locator('[data-part="tried-calls"]').inner_text() == "2.2"
    assert manager.page.url == address, "worked out in the browser"
    # Without scripts the form asks the desk; it says the same.
    manager.page.locator("#what-if form button").click()
    manager.page.wait_for_url("**calls_percent=10*")
    assert manager.text("by-calls") == "0.1"


def planned(manager: Visit) -> None:
    go(manager, "/reports/roi")
    assert "投資計画がまだありません" in manager.page.inner_text("main")
    go(manager, "/reports/roi/plans")
    page = manager.page
    page.fill("#plan-name", "導入計画")
    lines = (
        ("investment", "導入・研修・連携", "3500000", "0"),
        ("benefit", "効果", "53000000", ""),
    )
    for place, (kind, name, yen, step) in enumerate(lines):
        page.select_option(f'select[name="kind-{place}"]', kind)
        page.fill(f'input[name="name-{place}"]', name)
        page.fill(f'input[name="yen-{place}"]', yen)
        page.fill(f'input[name="step_yen-{place}"]', step)
    manager.by("save-plan").click()
    page.wait_for_url("**/reports/roi?plan=*")
    assert manager.text("roi-payback") == "0.8か月"
    assert "1,414.3 %" in manager.by("roi-year", year="1").inner_text()
    assert "53,000,000 円" in manager.text("roi-benefit")
