"""The strategy table as a page: edited, looked at before it is saved, taken back, and by whom."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.strategy import BUILT_IN
from agent_desk.models.audit import AuditRow
from agent_desk.models.customers import Customer
from agent_desk.services.strategy.table import Change, StrategyService
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

PATH = "/admin/strategy"
TYPED = {
    **{"base": "0", "weekly_calls-d1_30": "1", "weekly_calls-d31_90": "3"},
    **{"weekly_calls-d91": "6", "ai_percent-d1_30": "95", "ai_percent-d31_90": "50"},
    **{"ai_percent-d91": "60", "on_time-0": "3", "fewer-0": "1"},
    **{"on_time-1": "6", "fewer-1": "2", "on_time-2": "", "fewer-2": ""},
}


def service(desk: SmallDesk) -> StrategyService:
    return desk.desk.strategy


def shown(browser: Browser, name: str) -> str:
    """What stands in a field of the page."""
    found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', browser.get(PATH).text)
    assert found is not None
    return found[1]


def told(page: str, part: str) -> dict[str, str]:
    """What the outlook says of each class."""
    rows = re.findall(r'data-testid="outlook-class" data-class="(\w+)">(.*?)</tr>', page, re.DOTALL)
    found = {code: re.search(rf'data-part="{part}">([^<]*)<', row) for code, row in rows}
    return {code: cell[1] for code, cell in found.items() if cell}


def test_a34_the_table_is_edited_and_the_history_says_who_changed_what(
    small_desk: SmallDesk,
) -> None:
    officer = signed_in(small_desk, "compliance1")
    assert shown(officer, "weekly_calls-d91") == "7"
    answer = officer.post(PATH, TYPED)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}?saved=1")
    (newest, changes), (first, nothing) = service(small_desk).history()
    assert (newest.strategy.version, newest.made_by, first.strategy) == (1, "compliance1", BUILT_IN)
    assert changes == [
        Change("weekly_calls", "d1_30", 2, 1),
        Change("ai_percent", "d31_90", 80, 50),
        Change("weekly_calls", "d91", 7, 6),
        Change("payments", "6", None, 2),
    ]
    assert nothing == []
    page = officer.get(f"{PATH}?saved=1").text
    assert "第1版を保存しました" in page
    assert "延滞 31〜90日 AIの割合：80% → 50%" in " ".join(page.split())
    assert "期日内の入金が6回続いたお客様：調整なし → 週2回減" in " ".join(page.split())


def test_a34_an_older_version_comes_back_as_the_next_one(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    admin.post(PATH, TYPED)
    answer = admin.post(f"{PATH}/restore", {"version": "0", "base": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}?saved=2")
    now = service(small_desk).current().strategy
    assert (now.version, now.rows, now.payment_rules) == (2, BUILT_IN.rows, BUILT_IN.payment_rules)
    with small_desk.desk.database.read() as session:
        query = select(AuditRow.details).where(AuditRow.subject == "strategy:2")
        assert session.scalars(query).one()["restored"] == 0
    unknown = admin.post(f"{PATH}/restore", {"version": "9", "base": "2"})
    assert (unknown.status_code, "その版の戦略は見つかりません" in unknown.text) == (404, True)


def test_who_comes_second_is_told_and_keeps_what_was_typed(small_desk: SmallDesk) -> None:
    admin, officer = signed_in(small_desk, "admin1"), signed_in(small_desk, "compliance1")
    admin.post(PATH, TYPED)
    late = officer.post(PATH, {**TYPED, "weekly_calls-d91": "5"})
    assert (late.status_code, "ほかの人が先に変更しました" in late.text) == (409, True)
    assert re.search(r'name="weekly_calls-d91"[^>]* value="5"', late.text)
    assert service(small_desk).current().strategy.version == 1
    # Sending it again is refused again, until the page is read anew.
    assert 'name="base" value="0"' in late.text
    back = officer.post(f"{PATH}/restore", {"version": "0", "base": "0"})
    assert back.status_code == 409


def test_a_refusal_keeps_every_line_typed_though_the_newer_version_has_fewer(
    small_desk: SmallDesk,
) -> None:
    admin, officer = signed_in(small_desk, "admin1"), signed_in(small_desk, "compliance1")
    admin.post(PATH, {**TYPED, "on_time-0": "", "fewer-0": "", "on_time-1": "", "fewer-1": ""})
    assert service(small_desk).current().strategy.payment_rules == ()
    late = officer.post(PATH, {**TYPED, "on_time-2": "12", "fewer-2": "3"})
    assert late.status_code == 409
    for name, value in (("on_time-2", "12"), ("fewer-2", "3")):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', late.text)


def test_a_version_beyond_all_there_is_is_refused(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    for version in (str(10**30), "9" * 5000, "newest"):
        answer = admin.post(f"{PATH}/restore", {"version": version, "base": "0"})
        assert answer.status_code in {400, 404}
    assert service(small_desk).current().strategy == BUILT_IN


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("weekly_calls-d91", "22", "0から21まで"),
        ("weekly_calls-d91", "", "0から21まで"),
        ("ai_percent-d1_30", "101", "0から100まで"),
        ("ai_percent-d1_30", "many", "0以上の整数"),
        ("on_time-1", "0", "1から999まで"),
        ("fewer-1", "", "0から21まで"),
        ("on_time-1", "3", "同じ入金回数"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    small_desk: SmallDesk, name: str, value: str, error: str
) -> None:
    refused = signed_in(small_desk, "admin1").post(PATH, {**TYPED, name: value})
    assert refused.status_code == 400
    field = re.search(rf'<input[^>]* name="{name}"[^>]*>(<span.*?</span>)', refused.text)
    assert field is not None
    assert error in field[1]
    assert service(small_desk).current().strategy == BUILT_IN


def test_the_outlook_counts_the_customers_of_each_class_and_writes_nothing(
    small_desk: SmallDesk,
) -> None:
    with small_desk.desk.database.write() as session:
        session.execute(update(Customer).values(delinquency="d31_90"))
        customers = len(session.scalars(select(Customer.id)).all())
    assert customers > 0
    page = signed_in(small_desk, "admin1").post(f"{PATH}/preview", TYPED)
    assert page.status_code == 200
    everybody = {"d1_30": "0名", "d31_90": f"{customers}名", "d91": "0名"}
    assert told(page.text, "customers") == everybody
    assert told(page.text, "limits-change") == dict.fromkeys(everybody, "0名")
    fewer = signed_in(small_desk, "compliance1").post(
        f"{PATH}/preview", {**TYPED, "weekly_calls-d31_90": "1"}
    )
    assert told(fewer.text, "limits-change") == everybody
    assert 'name="on_time-1" min="1" max="999" value="6"' in page.text
    assert service(small_desk).current().strategy == BUILT_IN


def test_leads_and_managers_read_and_operators_do_not(small_desk: SmallDesk) -> None:
    for username in ("lead1", "manager1"):
        reader = signed_in(small_desk, username)
        page = reader.get(PATH).text
        assert "readonly" in page
        assert "strategy-save" not in page
        for path in (PATH, f"{PATH}/preview", f"{PATH}/restore"):
            assert reader.post(path, TYPED).status_code == 403
    assert signed_in(small_desk, "operator1").get(PATH).status_code == 403
    assert signed_in(small_desk, "auditor1").get(PATH).status_code == 403
