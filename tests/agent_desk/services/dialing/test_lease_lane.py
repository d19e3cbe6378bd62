"""Leases wait for their turn beside the loop, in order, and none holds the others up for good."""

from __future__ import annotations

import threading

import pytest

from agent_desk.dialer.effects import Lease
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.dialing.lease_lane import LeaseLane
from tests.waiting import until


def lease(campaign_id: int) -> Lease:
    return Lease(CampaignId(campaign_id), 1, seat_id=None)


class Leased:
    """What was leased, each when the gate lets it through; the second one fails."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.campaigns: list[int] = []

    def __call__(self, effect: Lease) -> None:
        assert self.gate.acquire(timeout=10)
        self.campaigns.append(int(effect.campaign_id))
        if len(self.campaigns) == 2:
            raise OSError("the database went away")


def test_before_the_desk_runs_a_lease_is_taken_at_once() -> None:
    leased = Leased()
    leased.gate.release()
    LeaseLane(leased).put(lease(7))
    assert leased.campaigns == [7]


def test_leases_are_taken_in_order_while_whoever_asked_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    leased = Leased()
    lane = LeaseLane(leased)
    lane.begin()
    thread = threading.Thread(target=lane.run_forever)
    thread.start()
    for campaign_id in (1, 2, 3):
        lane.put(lease(campaign_id))
    assert leased.campaigns == [], "nobody waited for them"
    leased.gate.release(3)
    until(lambda: leased.campaigns == [1, 2, 3], within_s=10, what="all are leased")
    lane.stop()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert "a lease failed" in caplog.text


def test_what_waits_when_the_desk_stops_is_never_leased() -> None:
    leased = Leased()
    lane = LeaseLane(leased)
    lane.begin()
    lane.put(lease(1))
    lane.stop()
    leased.gate.release()
    lane.run_forever()
    assert leased.campaigns == []
