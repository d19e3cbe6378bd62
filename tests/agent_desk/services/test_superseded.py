"""F20, F23: who may not call: a desk that a later one has followed, one unsure of the hour.

The older desk is as after a long stop: it still believes that everything is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.services.errors import ServiceError
from softphone import protocol
from tests.agent_desk.small_desk import SECRET, Shift, SmallDesk
from tests.fakes.gateway import WireGateway


def count(desk: SmallDesk, table: type) -> int:
    with desk.desk.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def orders(gateway: WireGateway) -> int:
    return sum(isinstance(command, protocol.PlaceCall) for command in gateway.commands)


@pytest.fixture
def two(database_url: str, tmp_path: Path) -> Iterator[tuple[Shift, SmallDesk]]:
    """A desk with an operator who waits for calls, and the desk that followed it."""
    old = SmallDesk(database_url, tmp_path)
    shift = Shift.begin(old)
    new = SmallDesk(database_url, tmp_path, clock=old.clock)
    yield shift, new
    new.stop()
    old.stop()


def test_a_superseded_desk_leases_nothing_and_writes_nothing(
    two: tuple[Shift, SmallDesk],
) -> None:
    shift, new = two
    attempts, audited = count(new, Attempt), count(new, AuditRow)
    shift.alive()
    assert shift.page.refused("go_available") == "not-stored"
    campaign_id = next(iter(shift.desk.desk.commits.floor.campaigns))
    with pytest.raises(ServiceError) as refused:
        shift.desk.desk.campaigns.set_running(campaign_id, "paused", actor="lead1", teams=None)
    assert refused.value.error_id == "not-stored"
    for _ in range(5):
        shift.alive()
    assert (count(new, Attempt), count(new, AuditRow)) == (attempts, audited)
    assert orders(shift.gateway) == 0


def test_the_desk_that_followed_calls_as_ever(two: tuple[Shift, SmallDesk]) -> None:
    shift, new = two
    page = new.page("operator1")
    gateway = WireGateway(new.server, new.clock, boot_id=shift.gateway.boot_id)
    gateway.next_seq = shift.gateway.next_seq
    gateway.connect(SECRET)
    gateway.hello()
    gateway.snapshot(seats=("operator1",))
    later = Shift(new, gateway, page)
    page.do("device_passed", level_dbfs=-30.0)
    assert later.available()
    assert count(new, Attempt) == 1
    shift.alive()
    assert orders(shift.gateway) == 0


def test_nobody_is_called_while_the_clock_is_not_certain(small_desk: SmallDesk) -> None:
    shift = Shift.begin(small_desk)
    small_desk.clock.was_set = True
    shift.alive()
    shift.page.do("go_available")
    for _ in range(3):
        shift.alive()
    assert count(small_desk, Attempt) == 0 and orders(shift.gateway) == 0
    why = small_desk.desk.commits.floor.why[next(iter(small_desk.desk.commits.floor.why))]
    assert why.dry_reason == "clock-stepped"

    small_desk.clock.was_set = False
    small_desk.clock.advance(5)
    shift.alive()
    assert shift.placed()


def test_what_was_leased_before_the_step_is_not_called_either(small_desk: SmallDesk) -> None:
    shift = Shift.begin(small_desk)
    campaigns = small_desk.desk.campaigns
    campaigns.set_pacing(
        next(iter(small_desk.desk.commits.floor.campaigns)),
        mode="preview",
        ratio=1.0,
        actor="lead1",
        teams=None,
    )
    shift.page.do("go_available")
    shift.page.do("next_customer")
    shift.alive()
    assert small_desk.seat().call_id is not None, "a customer is shown"
    small_desk.clock.was_set = True
    shift.alive()
    shift.page.do("place_previewed")
    shift.alive()
    assert orders(shift.gateway) == 0
    with small_desk.desk.database.read() as session:
        ended = session.scalars(select(AttemptOutcome)).one()
    assert (ended.outcome, ended.counts, ended.cause) == ("not_placed", False, "clock-stepped")
