"""What cannot be meant is refused as such, and never an error of ours."""

from __future__ import annotations

import pytest

from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk

HUGE = 10**30  # more than a database has room for
LONG = "9" * 5_000  # more digits than are read


@pytest.mark.parametrize(
    "path",
    [
        f"/admin/orders?before={HUGE}",
        f"/admin/promises?campaign={HUGE}",
        f"/admin/do-not-call?before={HUGE}",
        f"/admin/audit?before={HUGE}",
        f"/admin/tokens?before={HUGE}",
        "/admin/audit?from=0001-01-01&to=9999-12-31",
        "/reports?from=9999-12-31&to=9999-12-31",
        "/reports/calls?day=9999-12-31",
    ],
)
def test_a_number_or_day_beyond_all_there_is_is_refused(small_desk: SmallDesk, path: str) -> None:
    answer = signed_in(small_desk, "admin1").get(path)
    assert answer.status_code == 400
    assert 'data-testid="error-page"' in answer.get_data(as_text=True)


def test_forms_with_a_number_of_thousands_of_digits_are_refused(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    whose = {"whose": f"user:{LONG}", "valid_from": "2026-12-01"}
    assert lead.post("/admin/targets", whose).status_code == 400
    assert lead.post("/admin/vips/1", {"operators": [LONG]}).status_code == 303, "nobody is named"
