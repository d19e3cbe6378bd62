"""`/admin/thresholds`: who sets them, and where what cannot be is told."""

from __future__ import annotations

import re

import pytest

from agent_desk.services.seat.alert_rules import DEFAULTS, Limit
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import Shift, SmallDesk

PATH = "/admin/thresholds"
FORM = {
    name: str(seconds)
    for subject, limit in DEFAULTS.items()
    for name, seconds in (
        (f"{subject}_long", limit.long_s),
        (f"{subject}_too_long", limit.too_long_s),
    )
}


def send(browser: Browser, **changes: str) -> tuple[int, str]:
    answer = browser.post(PATH, {**FORM, **changes})
    return answer.status_code, answer.get_data(as_text=True)


def test_what_a_manager_sets_reaches_an_open_floor(shift: Shift) -> None:
    lead = shift.desk.page("lead1", "/floor")
    manager = signed_in(shift.desk, "manager1")
    assert send(manager, away_long="30", away_too_long="90")[0] == 303
    assert lead.follow()["thresholds"]["away"] == {"long_s": 30, "too_long_s": 90}
    page = manager.get(PATH).get_data(as_text=True)
    assert re.search(r'name="away_too_long"[^>]*value="90"', page)


@pytest.mark.parametrize(
    "changes",
    [
        {"away_long": "90", "away_too_long": "90"},
        {"away_long": ""},
        {"away_too_long": "soon"},
        {"away_too_long": "86401"},
    ],
)
def test_what_cannot_be_is_told_in_its_row_and_nothing_is_set(
    small_desk: SmallDesk, changes: dict[str, str]
) -> None:
    status, page = send(signed_in(small_desk, "admin1"), hold_long="5", **changes)
    row = page.split('data-subject="away"')[1].split("</tr>")[0]
    assert status == 400
    assert 'data-testid="refusal"' in row
    assert small_desk.desk.calls.thresholds.limits == DEFAULTS


def test_what_was_set_survives_a_second_change(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    assert send(admin, hold_long="5")[0] == 303
    assert send(admin, hold_long="6")[0] == 303
    limits = small_desk.desk.calls.thresholds.limits
    assert limits["hold"] == Limit(6, DEFAULTS["hold"].too_long_s)


@pytest.mark.parametrize("username", ["lead1", "operator1", "auditor1", "compliance1"])
def test_others_set_none(small_desk: SmallDesk, username: str) -> None:
    browser = signed_in(small_desk, username)
    assert browser.get(PATH).status_code == 403
    assert send(browser)[0] == 403
