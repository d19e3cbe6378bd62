"""A browser without scripts: forms with their tokens, and who is signed in."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.agent_desk.small_desk import PASSWORD, SmallDesk

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
HTML = {"Accept": "text/html,application/xhtml+xml"}


class Browser:
    """One browser, with one cookie jar."""

    def __init__(self, desk: SmallDesk) -> None:
        self.desk = desk
        self.client: FlaskClient = desk.client()

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **{"headers": HTML, **options})

    def token(self, page: str = "/login") -> str:
        """The token of a page's forms."""
        found = TOKEN.search(self.get(page, follow_redirects=True).get_data(as_text=True))
        assert found is not None
        return found[1]

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form as a page of ours would."""
        form = {"csrf_token": self.token(), **(data or {})}
        return self.client.post(path, data=form, **{"headers": HTML, **options})

    def sign_in(self, username: str, password: str = PASSWORD, **more: str) -> TestResponse:
        """Send the log-in form."""
        return self.post("/login", {"username": username, "password": password, **more})


def signed_in(desk: SmallDesk, username: str) -> Browser:
    """A browser in which somebody has just signed in."""
    browser = Browser(desk)
    assert browser.sign_in(username).status_code == 303
    return browser
