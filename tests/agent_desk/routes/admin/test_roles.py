"""The table of roles and pages is what the pages answer (A47)."""

from __future__ import annotations

import re

from agent_desk.routes.admin.roles import ROLES
from agent_desk.routes.guards import EVERYBODY
from agent_desk.routes.limits import limiter
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk

ROW = re.compile(r'data-testid="role-row" data-path="([^"]+)"(.*?)</tr>', re.DOTALL)
CELL = re.compile(r'data-role="(\w+)" data-may="(yes|no)"')
USERS = {
    "operator": "operator1",
    "lead": "lead1",
    "manager": "manager1",
    "compliance": "compliance1",
    "auditor": "auditor1",
    "admin": "admin1",
}


def matrix(html: str) -> dict[tuple[str, str], bool]:
    """(page, role) → whether the table says the role has it."""
    return {
        (path, role): may == "yes"
        for path, row in ROW.findall(html)
        for role, may in CELL.findall(row)
    }


def test_a47_each_role_gets_each_page_or_a_403_as_the_table_says(small_desk: SmallDesk) -> None:
    assert set(ROLES) == EVERYBODY == set(USERS)
    browsers = {role: signed_in(small_desk, username) for role, username in USERS.items()}
    table = matrix(browsers["auditor"].get("/admin/roles").get_data(as_text=True))
    paths = {path for path, _ in table}
    assert {"/desk", "/floor", "/reports", "/admin", "/admin/users", "/reports/costs"} <= paths
    assert len(table) == len(paths) * len(ROLES)
    wrong = []
    for (path, role), may in sorted(table.items()):
        limiter.reset()
        status = browsers[role].get(path).status_code
        if (status == 403) is may or (may and status >= 404):
            wrong.append((path, role, may, status))
    assert not wrong


def test_a47_the_table_says_who_does_what(small_desk: SmallDesk) -> None:
    table = matrix(signed_in(small_desk, "admin1").get("/admin/roles").get_data(as_text=True))

    def who(path: str) -> list[str]:
        return [role for role in ROLES if table[path, role]]

    assert who("/desk") == ["operator"]
    assert who("/floor") == ["lead", "manager", "admin"]
    assert who("/reports/me") == list(ROLES)
    assert who("/admin/users") == ["admin"]
    assert who("/reports/costs") == ["manager", "auditor", "admin"], "wages are told to few"
    assert who("/admin/audit") == ["compliance", "auditor", "admin"]
    lead = signed_in(small_desk, "lead1")
    assert lead.get("/admin/roles").status_code == 403


def test_every_page_of_the_table_has_a_name(small_desk: SmallDesk) -> None:
    html = signed_in(small_desk, "admin1").get("/admin/roles").get_data(as_text=True)
    names = {path: re.search(r'<th scope="row">([^<]*)<', row) for path, row in ROW.findall(html)}
    assert len(names) > 50
    assert [path for path, name in names.items() if name is None or name[1] in ("", "—")] == []
