"""The frame of `/admin`: each role has its sections, each section its page, and leads their own."""

from __future__ import annotations

import re

import pytest

from agent_desk.routes.admin.frame import GROUPS, overview
from agent_desk.routes.limits import limiter
from agent_desk.services.people.roles import ROLES
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk

SECTIONS = [section for sections in GROUPS.values() for section in sections]
PEOPLE = {
    **{"operator": "operator1", "lead": "lead1", "manager": "manager1"},
    **{"compliance": "compliance1", "auditor": "auditor1", "admin": "admin1"},
}
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
MENU = re.compile(r'<nav class="admin-menu".*?</nav>', re.DOTALL)


def test_every_role_has_somebody_here() -> None:
    assert set(PEOPLE) == set(ROLES)


@pytest.mark.parametrize("role", PEOPLE)
def test_a_menu_has_what_its_role_may_open_and_no_link_leads_nowhere(
    small_desk: SmallDesk, role: str
) -> None:
    browser = signed_in(small_desk, PEOPLE[role])
    mine = [section.path for section in SECTIONS if role in section.roles]
    linked = {"/", *mine}
    for section in SECTIONS:
        limiter.reset()
        answer = browser.get(section.path)
        page = answer.get_data(as_text=True)
        if section.path not in mine:
            assert answer.status_code == 403, section.id
            assert 'data-testid="who-may"' in page and 'data-testid="error-hint"' in page
            continue
        assert answer.status_code == 200, section.id
        menu = MENU.search(page)
        assert menu is not None
        assert LINK.findall(menu[0]) == mine
        assert f'href="{section.path}" aria-current="page"' in page
        linked |= {link.replace("&amp;", "&") for link in LINK.findall(page)}
    dead = {}
    for link in sorted(linked - set(mine)):
        limiter.reset()
        status = browser.get(link, follow_redirects=True).status_code
        if status >= 400:
            dead[link] = status
    assert not dead


def test_who_may_not_open_a_page_is_told_who_may(small_desk: SmallDesk) -> None:
    page = signed_in(small_desk, "operator1").get("/admin/users").get_data(as_text=True)
    told = "あなたの権限は「オペレーター」です。このページを開けるのは：システム管理者"
    assert told in page


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
