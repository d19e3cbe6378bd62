"""Every refusal has a status of its own, a title and what to do about it, in both languages."""

from __future__ import annotations

import pytest

from agent_desk.catalogue import LOCALES, catalogue
from agent_desk.dialer.errors import ErrorId
from agent_desk.routes.errors import PAGES
from agent_desk.routes.http_statuses import HTTP_STATUS, http_status
from agent_desk.services.errors import SERVICE_ERRORS


def test_every_refusal_of_the_services_has_its_status() -> None:
    assert SERVICE_ERRORS - set(HTTP_STATUS) == set(), "add them to routes/http_statuses.py"


def test_a_status_is_that_of_a_refusal() -> None:
    assert all(400 <= status <= 503 for status in HTTP_STATUS.values())
    core = {str(each) for each in ErrorId} - set(HTTP_STATUS)
    assert {http_status(each) for each in core} == {409}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_status_says_what_it_is_and_what_to_do(locale: str) -> None:
    statuses = {*HTTP_STATUS.values(), *PAGES, 409}
    strings = catalogue(locale)
    for status in sorted(statuses):
        assert strings[f"problem.title.{status}"], status
        assert strings[f"problem.do.{status}"], status
