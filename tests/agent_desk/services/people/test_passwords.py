"""Temporary passwords: handed out in files and on paper, and typed in once."""

from __future__ import annotations

from agent_desk.services.lists.spreadsheets import inert
from agent_desk.services.people import passwords


def test_a_temporary_password_is_the_same_in_a_spreadsheet_and_on_paper() -> None:
    for _ in range(300):
        password, hash_ = passwords.temporary()
        assert inert(password) == password, "the file would hand out another one"
        assert password.isascii() and password.isalnum()
        assert not set(password) & set("0O1lI"), "read for each other"
    assert passwords.fits(hash_, password)


def test_a_temporary_password_may_be_kept() -> None:
    password, _ = passwords.temporary()
    passwords.require_good(password, username="hayashi")
