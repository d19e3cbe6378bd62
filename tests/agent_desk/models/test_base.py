"""Instants in the database: exact, ordered, and never without a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.models.system import GatewayEvents
from agent_desk.store.unit_of_work import Database

JST = timezone(timedelta(hours=9))


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_keeps_every_microsecond(instant: datetime) -> None:
    assert from_microseconds(to_microseconds(instant)) == instant


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(JST)))
def test_the_order_of_instants_is_the_order_of_numbers(one: datetime, other: datetime) -> None:
    assert (one < other) == (to_microseconds(one) < to_microseconds(other))


def test_an_instant_of_any_zone_comes_back_in_utc(database_url: str) -> None:
    database = Database(database_url)
    local = datetime(2026, 11, 24, 12, 0, 0, 123456, JST)
    with database.write() as session:
        session.add(GatewayEvents(gateway_id="g", boot_id="b", last_seq=0, booted_at=local))
    with database.read() as session:
        found = session.scalar(select(GatewayEvents.booted_at))
        later = session.scalar(
            select(GatewayEvents.gateway_id).where(GatewayEvents.booted_at > local)
        )
    assert found == local and found.tzinfo is UTC
    assert later is None
    database.close()


def test_an_instant_without_a_zone_is_refused(database_url: str) -> None:
    database = Database(database_url)
    naive = datetime(2026, 11, 24)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError), database.read() as session:
        session.scalars(select(GatewayEvents).where(GatewayEvents.booted_at > naive)).all()
    database.close()
