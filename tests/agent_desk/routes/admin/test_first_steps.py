"""A product in which there is only an administrator: every page says what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_desk.store.people import accounts
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import HASHED, Shift, SmallDesk
from tests.agent_desk.store.desk_rows import NOON

NAMES = ["team", "people", "campaign", "list", "start"]
STEP = re.compile(r'data-step="(\w+)" data-done="(\w+)"')


@pytest.fixture
def empty(sqlite_url: str, tmp_path: Path) -> Iterator[Browser]:
    """The administrator's browser."""
    database = Database(sqlite_url)
    with database.write() as session:
        accounts.add_user(
            session,
            username="admin1",
            name="admin1",
            role="admin",
            team_id=None,
            password_hash=HASHED,
            at=NOON,
        )
    database.close()
    desk = SmallDesk(sqlite_url, tmp_path)
    yield signed_in(desk, "admin1")
    desk.stop()


def text(browser: Browser, path: str) -> str:
    return browser.get(path).get_data(as_text=True)


def test_the_first_steps_stand_in_their_order(empty: Browser) -> None:
    assert STEP.findall(text(empty, "/admin")) == [(name, "false") for name in NAMES]


def test_what_is_done_is_marked_until_somebody_was_called(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    assert STEP.findall(text(admin, "/admin")) == [
        (name, "true" if name != "start" else "false") for name in NAMES
    ]
    assert STEP.findall(text(signed_in(small_desk, "lead1"), "/admin")) == []
    Shift.begin(small_desk).talk()
    assert STEP.findall(text(admin, "/admin")) == []


@pytest.mark.parametrize(
    "path",
    [
        *("/admin/imports", "/admin/campaigns", "/admin/statuses", "/admin/record-fields"),
        *(
            "/admin/vips",
            "/admin/scripts",
            "/admin/messages",
            "/admin/valid-calls",
            "/admin/training",
            "/admin/orders",
            "/admin/tariffs",
        ),
    ],
)
def test_what_needs_a_campaign_says_where_to_make_one(empty: Browser, path: str) -> None:
    content = text(empty, path).split("</nav>")[-1]
    assert 'href="/admin/campaigns/new"' in content


@pytest.mark.parametrize("path", ["/admin/campaigns/new?purpose=survey", "/admin/users/new"])
def test_what_needs_a_team_says_where_to_make_one(empty: Browser, path: str) -> None:
    assert 'data-testid="make-team"' in text(empty, path)


def test_lists_say_where_they_come_from_and_the_roster_where_people_do(empty: Browser) -> None:
    assert 'href="/admin/imports"' in text(empty, "/admin/lists").split("</nav>")[-1]
    assert 'href="/admin/users/new"' in text(empty, "/admin/shifts").split("</nav>")[-1]
