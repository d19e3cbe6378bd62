"""What people read, in either language."""

from __future__ import annotations

from datetime import date

import pytest

from agent_desk.catalogue import dated


@pytest.mark.parametrize(("locale", "told"), [("ja", "2026/03/04"), ("en", "04/03/2026")])
def test_a_day_is_written_as_people_of_the_language_write_it(locale: str, told: str) -> None:
    assert dated(date(2026, 3, 4), locale=locale) == told
    assert dated("2026-03-04", locale=locale) == told
