"""Rule R51: how long a recording is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent_desk.services.recordings.retention import retention, years_later
from agent_desk.store.records.recordings import Held

STARTED = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
SALES = Held(
    call_id="c1",
    state="verified",
    path="c1.rec",
    opus_path=None,
    sha256="a",
    opus_sha256=None,
    size_bytes=1,
    kind="sales",
    recording_years=None,
    started_at=STARTED,
    has_debts=False,
    debts_ended_at=None,
)
COLLECTIONS = replace(SALES, kind="collections", has_debts=True)


@pytest.mark.parametrize("kind", ["sales", "survey", "dormant"])
def test_a_year_for_whatever_is_not_collections(kind: str) -> None:
    rule = retention(replace(SALES, kind=kind, has_debts=True))
    assert rule.delete_after == datetime(2027, 4, 1, 1, 0, tzinfo=UTC)
    assert not rule.over(STARTED + timedelta(days=364))
    assert rule.over(STARTED + timedelta(days=365))


def test_ten_years_from_the_end_of_the_debt_for_collections() -> None:
    ended = datetime(2027, 6, 1, tzinfo=UTC)
    rule = retention(replace(COLLECTIONS, debts_ended_at=ended))
    assert rule.delete_after == datetime(2037, 6, 1, tzinfo=UTC)
    assert rule.rule == "R51 collections 10y from debt end"


def test_ten_years_from_the_call_when_the_debt_had_ended_before_it() -> None:
    ended = datetime(2020, 6, 1, tzinfo=UTC)
    rule = retention(replace(COLLECTIONS, debts_ended_at=ended))
    assert rule.delete_after == datetime(2036, 4, 1, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("has_debts", [True, False])
def test_no_end_while_a_debt_is_open_or_none_is_known(has_debts: bool) -> None:
    rule = retention(replace(COLLECTIONS, has_debts=has_debts))
    assert rule.delete_after is None
    assert not rule.over(datetime(2099, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("years", "kept"), [(0, 1), (1, 1), (3, 3)])
def test_a_campaign_may_keep_longer_but_never_shorter(years: int, kept: int) -> None:
    rule = retention(replace(SALES, recording_years=years))
    assert rule.delete_after == STARTED.replace(year=2026 + kept)
    ended = retention(replace(COLLECTIONS, recording_years=years, debts_ended_at=STARTED))
    assert ended.delete_after == STARTED.replace(year=2036)


def test_the_last_day_of_february_counts_up() -> None:
    leap = datetime(2028, 2, 29, tzinfo=UTC)
    assert years_later(leap, 1) == datetime(2029, 3, 1, tzinfo=UTC)
    assert years_later(leap, 4) == datetime(2032, 2, 29, tzinfo=UTC)
