"""Questions kept under a name: what is shared is the question, never what somebody may see."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.saved_reports import SavedReport
from agent_desk.models.users import User
from agent_desk.routes.reports.frame import page_named
from agent_desk.services.reports import saved_reports
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.services.reports.test_figures import worked
from tests.agent_desk.small_desk import Shift, SmallDesk

DAY = "from=2026-11-24&to=2026-11-24"
ROW = re.compile(r'data-testid="agent-row" data-agent="([^"]+)"')


def keep(browser: Browser, name: str = "今日の実績", period: str = "today") -> str:
    """Save the report of operators; the address it is opened by."""
    told = {"name": name, "period": period}
    answer = browser.post("/reports/operators/save?from=2026-11-01&to=2026-11-02", told)
    assert answer.status_code == 303
    return f"/reports/saved/{answer.headers['Location'].rpartition('-')[2]}"


def change(browser: Browser, saved: str, base: int = 1, **told: object) -> int:
    form = {"name": "今日の実績", "period": "today", "base": str(base), **told}
    return browser.post(saved, form).status_code


def listed(browser: Browser) -> list[str]:
    html = browser.get("/reports/saved").get_data(as_text=True)
    return re.findall(r'data-testid="saved-row" data-name="([^"]+)"', html)


def rows(browser: Browser, saved: str) -> list[str]:
    answer = browser.get(saved, follow_redirects=True)
    assert answer.status_code == 200
    return ROW.findall(answer.get_data(as_text=True))


def team(desk: SmallDesk, lead: str) -> str:
    [found] = desk.person(lead).teams or ()
    return str(found)


def test_a_question_is_kept_and_asked_for_the_days_that_are_meant_today(shift: Shift) -> None:
    worked(shift)
    manager = signed_in(shift.desk, "manager1")
    saved = keep(manager)
    opened = manager.get(saved)
    assert opened.status_code == 302
    assert opened.headers["Location"] == f"/reports?{DAY}&campaign="
    assert "operator1" in rows(manager, saved)
    fixed = keep(manager, "月初", "fixed")
    assert "from=2026-11-01&to=2026-11-02" in manager.get(fixed).headers["Location"]
    assert listed(manager) == ["今日の実績", "月初"]


def test_b30_whoever_opens_a_shared_one_sees_their_own_teams_only(shift: Shift) -> None:
    worked(shift)
    desk = shift.desk
    manager, lead1, lead2 = (signed_in(desk, each) for each in ("manager1", "lead1", "lead2"))
    saved = keep(manager)
    assert listed(lead2) == [], "it is shared with nobody yet"
    assert lead2.get(saved).status_code == 404
    assert change(manager, saved, role="lead") == 303
    assert listed(lead2) == listed(lead1) == ["今日の実績"]
    everybody = rows(manager, saved)
    assert "operator1" in everybody
    assert "operator1" in rows(lead1, saved)
    assert "operator1" not in rows(lead2, saved), "another team's"
    assert listed(signed_in(desk, "operator1")) == []


def test_teams_and_not_those_of_others(small_desk: SmallDesk) -> None:
    lead1, lead2 = signed_in(small_desk, "lead1"), signed_in(small_desk, "lead2")
    first, second = team(small_desk, "lead1"), team(small_desk, "lead2")
    saved = keep(lead1)
    assert change(lead1, saved, team=second) == 403, "not a team of theirs"
    assert change(lead1, saved, role="lead") == 403, "leads share with teams"
    assert change(lead1, saved, team=first) == 303
    assert listed(lead2) == []
    manager = signed_in(small_desk, "manager1")
    theirs = keep(manager, "共有")
    assert change(manager, theirs, name="共有", role="operator") == 403, "they have no such page"
    assert change(manager, theirs, name="共有", role="lead", team=first) == 403, "one or the other"
    assert change(manager, theirs, name="共有", team=[first, second]) == 303
    assert listed(lead2) == ["共有"]
    assert listed(signed_in(small_desk, "operator1")) == [], "operators have no page of others"


def test_only_the_owner_changes_it_and_others_copy_it(small_desk: SmallDesk) -> None:
    manager, lead = signed_in(small_desk, "manager1"), signed_in(small_desk, "lead1")
    saved = keep(manager)
    assert change(manager, saved, role="lead") == 303
    assert change(lead, saved, base=2) == 404
    assert lead.post(f"{saved}/remove").status_code == 404
    assert lead.post(f"{saved}/copy", {"name": "自分用"}).status_code == 303
    assert listed(lead) == ["今日の実績", "自分用"]
    assert listed(manager) == ["今日の実績"], "a copy is of who made it"
    assert change(manager, saved, base=1, role="lead") == 409, "changed meanwhile"
    assert change(manager, saved, base=2, name="日次", role="lead") == 303
    assert manager.post(f"{saved}/remove").status_code == 303
    assert listed(lead) == ["自分用"]
    assert manager.get(saved).status_code == 404


def leave(desk: SmallDesk, username: str, *, back: bool = False) -> None:
    """Their account is disabled, or again in use."""
    with desk.desk.database.write() as session:
        session.execute(update(User).where(User.username == username).values(enabled=back))


def test_a_manager_takes_over_or_removes_what_somebody_who_has_left_kept(
    small_desk: SmallDesk,
) -> None:
    lead, manager, other = (signed_in(small_desk, who) for who in ("lead1", "manager1", "lead2"))
    saved, unshared = keep(lead), keep(lead, "下書き")
    theirs = team(small_desk, "lead1")
    assert change(lead, saved, team=theirs) == 303
    for address in (saved, unshared):  # whoever is there looks after their own
        assert manager.post(f"{address}/take-over").status_code == 404
        assert manager.post(f"{address}/remove").status_code == 404
    leave(small_desk, "lead1")
    assert sorted(listed(manager)) == ["下書き", "今日の実績"]
    assert listed(other) == []
    assert other.post(f"{unshared}/take-over").status_code == 403
    assert other.post(f"{unshared}/remove").status_code == 404
    assert manager.post(f"{saved}/take-over").status_code == 303
    assert manager.post(f"{unshared}/remove").status_code == 303
    leave(small_desk, "lead1", back=True)
    again = signed_in(small_desk, "lead1")
    assert listed(again) == ["今日の実績"], "still shared with their team"
    assert again.post(f"{saved}/remove").status_code == 404, "it is the manager's now"
    assert change(manager, saved, base=3, team=theirs) == 303
    with small_desk.desk.database.read() as session:
        query = select(AuditRow).where(
            AuditRow.actor == "manager1", AuditRow.subject.like("saved%")
        )
        found = list(session.scalars(query.order_by(AuditRow.id)))
    assert [(each.action, each.details.get("owner")) for each in found] == [
        ("saved_report.taken_over", "lead1"),
        ("saved_report.removed", "lead1"),
        ("saved_report.changed", None),
    ]


def test_nobody_takes_over_more_than_one_may_have(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, manager = signed_in(small_desk, "lead1"), signed_in(small_desk, "manager1")
    saved = keep(lead)
    keep(manager, "自分の")
    leave(small_desk, "lead1")
    monkeypatch.setattr(saved_reports, "MOST", 1)
    assert manager.post(f"{saved}/take-over").status_code == 409
    assert "lead1" in manager.get("/reports/saved").get_data(as_text=True)


def test_what_cannot_be_kept_is_refused(small_desk: SmallDesk) -> None:
    manager = signed_in(small_desk, "manager1")
    address = f"/reports/operators/save?{DAY}"
    for name in ("", " ", "あ" * 81, "a\nBcc: x"):
        assert manager.post(address, {"name": name, "period": "today"}).status_code == 400, name
    assert manager.post(address, {"name": "x", "period": "soon"}).status_code == 400
    wrong = "/reports/operators/save?from=2026-11-24&to=2026-11-01"
    assert manager.post(wrong, {"name": "x", "period": "today"}).status_code == 400
    assert change(manager, keep(manager), name="") == 400
    operator = signed_in(small_desk, "operator1")
    refused = operator.post(address, {"name": "x", "period": "today"})
    assert refused.status_code == 403, "a page they do not have"
    page = page_named("me").files
    kept = operator.post(f"{page}/save?{DAY}", {"name": "自分", "period": "this_week"})
    assert kept.status_code == 303 and listed(operator) == ["自分"]


def test_what_was_done_with_it_is_in_the_trail_without_its_name(small_desk: SmallDesk) -> None:
    manager = signed_in(small_desk, "manager1")
    saved = keep(manager, "見込みの佐藤様")
    change(manager, saved, name="見込みの佐藤様", role="lead")
    manager.post(f"{saved}/remove")
    with small_desk.desk.database.read() as session:
        query = select(AuditRow).where(AuditRow.subject.like("saved_report:%"))
        found = list(session.scalars(query.order_by(AuditRow.id)))
        assert session.scalar(select(SavedReport)) is None
    assert [each.action for each in found] == [
        f"saved_report.{what}" for what in ("made", "changed", "removed")
    ]
    assert found[1].details["role"] == "lead"
    assert not any("佐藤" in str(each.details) for each in found)
