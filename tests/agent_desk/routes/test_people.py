"""`/people/<username>`: one's own days, and those of others within scope only."""

from __future__ import annotations

import pytest

from agent_desk.services.people.targets import TargetService
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Shift, SmallDesk


@pytest.mark.parametrize(
    ("username", "sees"),
    [
        ("operator1", {"operator1"}),
        ("operator3", {"operator3"}),
        ("lead1", {"operator1", "lead1"}),
        ("lead2", {"operator3", "lead2"}),
        ("manager1", {"operator1", "operator3", "lead1", "lead2", "manager1"}),
        ("auditor1", {"operator1", "operator3", "lead1", "lead2", "manager1"}),
    ],
)
def test_b30_operators_see_their_own_page_and_nobody_elses(
    small_desk: SmallDesk, username: str, sees: set[str]
) -> None:
    browser = signed_in(small_desk, username)
    assert browser.get("/people/nobody").status_code == 404
    for whose in ("operator1", "operator3", "lead1", "lead2", "manager1"):
        status = browser.get(f"/people/{whose}").status_code
        assert status == (200 if whose in sees else 403), (whose, status)


def test_a_day_is_shown_with_its_target(shift: Shift) -> None:
    desk = shift.desk.desk
    targets = TargetService(database=desk.database, commits=desk.commits, clock=desk.clock)
    whose = ("user", shift.desk.people.users["operator1"])
    targets.set(whose, {"calls": 80}, valid_from=targets.today(), teams=None, actor="lead1")
    call_id = shift.talk()
    shift.desk.clock.advance(60)
    shift.end(call_id)
    shift.desk.settle()
    page = signed_in(shift.desk, "operator1").get("/people/operator1").get_data(as_text=True)
    assert '<td class="number" data-column="calls">1 / 80</td>' in page
    assert page.count('data-testid="person-day"') == 14
