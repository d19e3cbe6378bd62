"""The frame of `/admin`: each role has its sections, each section its page, and leads their own."""

from __future__ import annotations

import pytest

from agent_desk.routes.admin.frame import GROUPS, Section, overview
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk

SECTIONS = [section for sections in GROUPS.values() for section in sections]
PEOPLE = {"lead": "lead1", "admin": "admin1", "manager": "manager1", "operator": "operator1"}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: str(section.id))
def test_a_section_is_in_the_menu_of_those_who_may_open_it_and_of_nobody_else(
    small_desk: SmallDesk, section: Section
) -> None:
    for role, name in PEOPLE.items():
        browser = signed_in(small_desk, name)
        may = role in section.roles
        answer = browser.get(section.path)
        assert answer.status_code == (200 if may else 403), (role, section.id)
        menu = browser.get("/admin").get_data(as_text=True)
        assert (f'href="{section.path}"' in menu) == may
        if may:
            assert f'href="{section.path}" aria-current="page"' in answer.get_data(as_text=True)


def test_leads_see_their_lists_and_campaigns(small_desk: SmallDesk) -> None:
    mine, other = (
        "".join(
            signed_in(small_desk, name).get(f"/admin/{page}").get_data(as_text=True)
            for page in ("lists", "campaigns")
        )
        for name in ("lead1", "lead2")
    )
    assert ("spring list" in mine, "spring list" in other) == (True, False)
    assert ("autumn" in mine, "autumn" in other) == (False, True)


def test_an_administrator_sees_everybody(small_desk: SmallDesk) -> None:
    page = signed_in(small_desk, "admin1").get("/admin/users").get_data(as_text=True)
    assert page.count('data-testid="user-row"') == 9


def test_a_list_shows_how_far_it_is(small_desk: SmallDesk) -> None:
    with small_desk.app.test_request_context():
        (row,) = overview().lists(frozenset({small_desk.people.centre.team_id}))
    assert (row.name, row.product, row.campaign) == ("spring list", "card", "spring")
    assert (row.ready, row.waiting, row.closed) == (6, 0, 0)
