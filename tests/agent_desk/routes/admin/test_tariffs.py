"""`/admin/tariffs`: entering prices, putting campaigns on them, and a month's bill."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent_desk.services.campaigns.tariffs import TariffService
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

FORM = {
    "name": "OSORA",
    "kind": "metered",
    "from_on": "2026-11-01",
    "basic_yen": "10000",
    "seat_yen": "1000",
    "billed_by": "terminal",
    "fixed_yen": "7.8",
    "fixed_unit_s": "180",
    "mobile_yen": "16",
    "mobile_unit_s": "60",
    "included_s": "0",
}


@pytest.fixture
def admin(small_desk: SmallDesk) -> Browser:
    return signed_in(small_desk, "admin1")


def test_b40_the_page_works_out_22_000_yen_for_twelve_terminals(admin: Browser) -> None:
    made = admin.post("/admin/tariffs", FORM)
    assert made.status_code == 303
    page = admin.get(f"{made.location}?month=2026-11&terminal=12&booth=5&id=9")
    text = page.get_data(as_text=True)
    assert "<b>22,000円</b>" in text
    assert "7.8円 / 180秒" in text
    assert "9 × 1,000円 = 9,000円" in text, "B45: by named users beside by terminals"


def test_b42_the_booths_that_are_paid_for_make_35_000_yen(
    admin: Browser, small_desk: SmallDesk
) -> None:
    """That a sixth person is not let in is tried where people log in."""
    small_desk.desk.people.access.set_house(password_least=12, booths=5, actor="admin1")
    lisnavi = {**FORM, "seat_yen": "5000", "billed_by": "booth", "fixed_yen": "1.2"}
    made = admin.post("/admin/tariffs", lisnavi).location
    assert "<b>35,000円</b>" in admin.get(made).get_data(as_text=True)


def test_a_campaign_is_put_on_a_tariff_and_taken_off(admin: Browser, small_desk: SmallDesk) -> None:
    tariff_id = admin.post("/admin/tariffs", FORM).location.rsplit("/", 1)[1]
    campaign = f"/admin/tariffs/campaigns/{small_desk.campaign_id}"
    desk = small_desk.desk
    service = TariffService(database=desk.database, commits=desk.commits, clock=desk.clock)
    assert admin.post(campaign, {"tariff": tariff_id}).status_code == 303
    assert [key for key, _ in service.one(int(tariff_id)).campaigns] == [small_desk.campaign_id]
    assert admin.post(f"/admin/tariffs/{tariff_id}/retire").status_code == 409
    assert admin.post(campaign, {"tariff": ""}).status_code == 303
    assert admin.post(f"/admin/tariffs/{tariff_id}/retire").status_code == 303
    assert admin.post(campaign, {"tariff": tariff_id}).status_code == 404


def test_a_new_version_is_for_tomorrow_or_later(admin: Browser, small_desk: SmallDesk) -> None:
    made = admin.post("/admin/tariffs", FORM).location
    today = small_desk.clock.now().date()
    soon = admin.post(f"{made}/versions", {**FORM, "from_on": today.isoformat()})
    assert soon.status_code == 409
    assert "明日以降" in soon.get_data(as_text=True)
    later = {**FORM, "from_on": (today + timedelta(days=1)).isoformat(), "fixed_yen": "8"}
    assert admin.post(f"{made}/versions", later).status_code == 303
    page = admin.get(made).get_data(as_text=True)
    assert page.count('data-testid="tariff-version"') == 2
    assert "適用予定" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("fixed_yen", "7.801"),
        ("fixed_yen", "NaN"),
        ("fixed_yen", "-1"),
        ("mobile_unit_s", "0"),
        ("basic_yen", "1e3"),
        ("kind", "free_lunch"),
        ("from_on", "tomorrow"),
    ],
)
def test_what_cannot_be_meant_is_said_beside_its_field(
    admin: Browser, field: str, value: str
) -> None:
    answer = admin.post("/admin/tariffs", {**FORM, field: value})
    assert answer.status_code == 400
    assert f'id="tariff-{field}-error"' in answer.get_data(as_text=True)


def test_a_month_that_is_none_is_told(admin: Browser) -> None:
    made = admin.post("/admin/tariffs", FORM).location
    page = admin.get(f"{made}?month=soon&booth=-1").get_data(as_text=True)
    assert 'role="alert"' in page
    assert admin.get("/admin/tariffs/99").status_code == 404


def test_only_administrators_see_what_calls_cost(small_desk: SmallDesk) -> None:
    assert signed_in(small_desk, "lead1").get("/admin/tariffs").status_code == 403
