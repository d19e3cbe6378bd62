"""Pacers are asked and taught, what they learn is kept, and lines are shared among campaigns."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from agent_desk.dialer.commands import SetCampaignRunning
from agent_desk.dialer.events import CallMoved, Event
from agent_desk.dialer.floor import CallState, Floor, SeatState
from agent_desk.dialer.ids import CallId, CampaignId
from agent_desk.dialer.pacing import Decision, PacingSnapshot, RatioPacer
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import AttemptOutcome
from agent_desk.models.campaigns import Campaign
from agent_desk.models.lists import ListEntry
from agent_desk.models.predictive import PacerMemory
from agent_desk.services.dialing import pacing as services_pacing
from agent_desk.services.dialing.pacing import Pacing
from agent_desk.services.dialing.safe_harbours import Heard
from agent_desk.services.running.group_commit import BATCH
from agent_desk.store.campaigns import pacer_memory
from softphone import protocol
from tests import builders
from tests.agent_desk.small_desk import Shift, SmallDesk, ended
from tests.fakes.clock import NOON

ONE, TWO = CampaignId(1), CampaignId(2)


class Pupil(RatioPacer):
    """Keeps the events it was taught; refuses a memory that says so."""

    def __init__(self, ratio: float, memory: Mapping[str, Any] | None) -> None:
        super().__init__(ratio)
        self.seen: list[Any] = list((memory or {}).get("seen", ()))
        if memory and memory.get("damaged"):
            raise KeyError("version")

    def observe(self, event: Event, now: datetime) -> None:
        self.seen.append(type(event).__name__)

    def decide(self, snapshot: PacingSnapshot, now: datetime) -> Decision:
        return replace(super().decide(snapshot, now), expected_free=2.5, price=0.25)

    def memory(self) -> dict[str, Any]:
        return {"version": 1, "seen": self.seen}


@pytest.fixture(autouse=True)
def _pupils(monkeypatch: pytest.MonkeyPatch) -> None:
    def pacer(mode: str, ratio: float, memory: Mapping[str, Any] | None = None) -> RatioPacer:
        return Pupil(ratio, memory) if mode == "predictive" else RatioPacer(ratio)

    monkeypatch.setattr(services_pacing, "pacer_for", pacer)


def floor(*campaigns: Any, lines: int = 10, seats: int = 2) -> Floor:
    """Every campaign with as many ready seats."""
    campaigns = campaigns or (builders.campaign(1, mode="predictive", ratio=1.0),)
    return builders.floor_of(
        campaigns=campaigns,
        seats=[
            builders.seat(f"s{each.campaign_id}{number}", campaign_id=each.campaign_id)
            for each in campaigns
            for number in range(seats)
        ],
        gateways=[builders.gateway(lines=lines)],
    )


def counts(pacing: Pacing, on: Floor, now: datetime = NOON) -> dict[int, int]:
    return {each.campaign_id: each.count for each in pacing.decisions(on, now)}


# --- learning and remembering ---------------------------------------------------------------------


def test_a_pacer_learns_of_its_campaigns_calls_also_from_events_that_name_only_the_call() -> None:
    pacing = Pacing()
    ringing = builders.call(state=CallState.RINGING, rang_at=NOON)
    before = floor()
    on = replace(before, calls={ringing.call_id: ringing})
    pacing.decisions(on, NOON)
    moved = CallMoved(ringing.call_id, "placed", "ringing", NOON)
    pacing.observe([moved, replace(moved, call_id=CallId("other"))], NOON, on, before)
    assert json.loads(pacing.memories()[ONE])["seen"] == ["CallMoved"]


def test_a_new_ratio_or_mode_keeps_what_was_learnt() -> None:
    learnt = json.dumps({"version": 1, "seen": ["before"]})
    pacing = Pacing({ONE: learnt})
    on = floor()
    for mode, ratio in (
        ("predictive", 1.0),
        ("predictive", 3.0),
        ("progressive", 1.0),
        ("predictive", 2.0),
    ):
        campaign = replace(on.campaigns[ONE], mode=mode, ratio=ratio)  # type: ignore[arg-type]
        pacing.decisions(replace(on, campaigns={ONE: campaign}), NOON)
        assert json.loads(pacing.memories()[ONE])["seen"] == ["before"]


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "null", '{"damaged": true}', '"text"', '{"seen": 5}', "\x00"]
)
def test_what_cannot_be_read_costs_the_learnt_figures_only(damage: str) -> None:
    pacing = Pacing({ONE: damage})
    assert counts(pacing, floor()) == {ONE: 2}
    assert json.loads(pacing.memories()[ONE])["seen"] == []


def test_the_newest_decision_is_told_in_figures() -> None:
    pacing = Pacing()
    assert pacing.figures(ONE) is None
    counts(pacing, floor())
    told = pacing.figures(ONE)
    assert told is not None
    assert (told.lines, told.idle, told.expected_free, told.price) == (2, 2, 2.5, 0.25)
    assert (told.per_idle, told.per_expected) == (1.0, 0.8)
    busy = floor(seats=0)
    away = builders.seat(state=SeatState.AWAY)
    counts(pacing, replace(busy, seats={away.seat_id: away}))
    told = pacing.figures(ONE)
    assert told is not None
    assert (told.lines, told.per_idle) == (0, 0.0)


# --- several campaigns ----------------------------------------------------------------------------


def test_campaigns_share_lines_and_the_one_served_longest_ago_is_first() -> None:
    pacing = Pacing()
    on = floor(builders.campaign(1), builders.campaign(2), lines=3)
    assert counts(pacing, on) == {ONE: 2, TWO: 1}
    assert counts(pacing, on, NOON + timedelta(seconds=1)) == {ONE: 2, TWO: 1}
    one = builders.floor_of(
        campaigns=[builders.campaign(1)], seats=on.seats.values(), gateways=on.gateways.values()
    )
    counts(pacing, one, NOON + timedelta(seconds=2))
    assert counts(pacing, on, NOON + timedelta(seconds=3)) == {TWO: 2, ONE: 1}


def test_what_one_campaign_takes_of_the_carriers_rate_the_other_has_not() -> None:
    on = floor(builders.campaign(1), builders.campaign(2))
    gateway = builders.gateway()
    slow = {name: replace(share, calls_per_second=2.0) for name, share in gateway.trunks.items()}
    on = replace(on, gateways={gateway.gateway_id: replace(gateway, trunks=slow)})
    decided = {each.campaign_id: each for each in Pacing().decisions(on, NOON)}
    assert (decided[ONE].count, decided[TWO].count) == (2, 0)
    assert decided[TWO].reason == WhyCode.CALLS_PER_SECOND


# --- in the desk ----------------------------------------------------------------------------------


def predictive(desk: SmallDesk, ratio: float = 2.0) -> None:
    desk.desk.campaigns.set_pacing(
        CampaignId(desk.campaign_id), mode="predictive", ratio=ratio, actor="lead1", teams=None
    )
    desk.settle()


def saved(desk: SmallDesk) -> list[str]:
    with desk.desk.database.read() as session:
        return list(session.scalars(select(PacerMemory.memory)))


def test_what_was_learnt_is_saved_when_it_changed_and_at_a_clean_stop(
    each_desk: SmallDesk,
) -> None:
    shift = Shift.begin(each_desk)
    predictive(each_desk)
    call_id = shift.talk()
    routine = each_desk.desk.routine
    routine.keep_learnt()
    each_desk.settle()
    [first] = saved(each_desk)
    assert "CallMoved" in json.loads(first)["seen"]
    assert routine.keep_learnt() is None, "nothing was learnt since"
    shift.end(call_id)
    each_desk.settle()
    routine.stop()
    [last] = saved(each_desk)
    assert last != first
    with each_desk.desk.database.read() as session:
        assert pacer_memory.load(session) == {CampaignId(each_desk.campaign_id): last}


def test_the_next_desk_goes_on_from_what_the_one_before_learnt(
    each_desk: SmallDesk, tmp_path: Path
) -> None:
    learnt = json.dumps({"version": 1, "seen": ["before"]}, separators=(",", ":"))
    with each_desk.desk.database.write() as session:
        session.execute(update(Campaign).values(mode="predictive", ratio=2.0))
        memories = {CampaignId(each_desk.campaign_id): learnt}
        pacer_memory.save(session, memories, at=each_desk.clock.now())
    next_desk = SmallDesk(each_desk.config.database_url, tmp_path / "next", clock=each_desk.clock)
    try:
        with next_desk.desk.database.write() as session:
            session.execute(delete(PacerMemory))
        assert next_desk.desk.routine.keep_learnt() is not None
        next_desk.settle()
        assert saved(next_desk) == [learnt]
    finally:
        next_desk.stop()


def abandon(shift: Shift) -> str:
    """The customer answers, the operator's page has just been lost, the recording is played."""
    call_id = shift.available()
    shift.gateway.tell(
        protocol.CallPlaced(call_id, "trunk1"),
        protocol.CallRinging(call_id, 180),
        protocol.CallAnswered(call_id),
        protocol.CallScreened(call_id, protocol.Verdict.HUMAN, 600, True, "voice"),
        protocol.CallTreated(call_id, protocol.Prompt.SAFE_HARBOUR, 2600),
        ended(call_id, by=protocol.EndedBy.GATEWAY, abandoned=True, cause="not_bridged"),
    )
    shift.desk.settle()
    return call_id


def test_an_abandoned_number_is_not_dialed_predictively_for_72_hours(each_desk: SmallDesk) -> None:
    desk, campaign_id = each_desk, CampaignId(each_desk.campaign_id)
    with desk.desk.database.write() as session:
        keep = desk.people.entries[0]
        session.execute(update(ListEntry).where(ListEntry.id != keep).values(state="closed"))
        session.execute(update(Campaign).values(kind="sales", identity_needed=False))
    shift = Shift.begin(desk)
    predictive(desk)
    call_id = abandon(shift)
    with desk.desk.database.read() as session:
        assert session.get_one(AttemptOutcome, call_id).abandoned
    answers = desk.desk.commits.floor.campaigns[campaign_id].answers
    assert (answers.live_24h, answers.abandoned_24h) == (1, 1)
    for days, mode, placed in (
        (2, "predictive", False),
        (0, "progressive", True),
    ):
        desk.clock.advance(86_400 * days)
        with desk.desk.database.write() as session:
            session.execute(update(ListEntry).values(next_at=desk.clock.now()))
        desk.desk.campaigns.set_pacing(campaign_id, mode=mode, ratio=2.0, actor="lead1", teams=None)
        desk.clock.advance(6)
        shift.alive()
        ordered = shift.gateway.newest(protocol.PlaceCall)
        assert ordered is not None
        assert (ordered.call_id != call_id) is placed, desk.desk.commits.floor.why


def test_a_lead_sets_the_target_in_scope_only_and_it_is_audited(each_desk: SmallDesk) -> None:
    desk, campaign_id = each_desk.desk, CampaignId(each_desk.campaign_id)
    lead = each_desk.page("lead1", "/floor")
    lead.do("set_abandon_target", campaign_id=int(campaign_id), target=0.025)
    assert desk.commits.floor.campaigns[campaign_id].abandon_target == 0.025
    with desk.database.read() as session:
        assert session.get_one(Campaign, int(campaign_id)).abandon_target == 0.025
        noted = session.scalars(
            select(AuditRow.details).where(AuditRow.action == "campaign.abandon_target")
        ).all()
    assert noted == [{"target": 0.025, "target_was": 0.01}]
    above = {"campaign_id": int(campaign_id), "target": 0.031}
    assert lead.refused("set_abandon_target", **above) == "target-out-of-range"
    other = each_desk.page("lead2", "/floor")
    within = {"campaign_id": int(campaign_id), "target": 0.01}
    assert other.refused("set_abandon_target", **within) == "not-in-scope"


def test_another_recording_than_the_gateways_own_is_none(small_desk: SmallDesk) -> None:
    desk, campaign_id = small_desk.desk, CampaignId(small_desk.campaign_id)
    small_desk.gateway()
    predictive(small_desk)
    now = small_desk.clock.now()
    assert services_pacing.snapshot(desk.commits.floor, campaign_id, now).safe_harbour
    desk.safe_harbours.approve(
        desk.book.get(campaign_id).name,
        Heard("cd" * 32, 9_000, 0),
        "改めてお電話いたします。",
        actor="admin1",
        brought_by="lead1",
    )
    seen = services_pacing.snapshot(desk.commits.floor, campaign_id, now)
    assert not seen.safe_harbour, "the gateway plays another file"


def test_the_budget_and_the_pace_are_told_to_prometheus(small_desk: SmallDesk) -> None:
    shift = Shift.begin(small_desk)
    predictive(small_desk)
    abandon(shift)
    text = small_desk.desk.metrics.render()[0].decode()
    labels = f'campaign="{small_desk.campaign_id}"'
    for line in (
        f'desk_campaign_live_answers{{{labels},window="24h"}} 1.0',
        f'desk_campaign_abandoned_answers{{{labels},window="30d"}} 1.0',
        f'desk_campaign_abandonable_answers{{{labels},share="0.03"}} 0.0',
        f"desk_campaign_abandon_target_ratio{{{labels}}} 0.01",
        f"desk_campaign_pacing_price{{{labels}}} 0.25",
        f"desk_campaign_seats_expected_free{{{labels}}} 2.5",
    ):
        assert line in text


def test_nobody_is_called_twice_for_one_seat_while_the_loop_is_behind(
    small_desk: SmallDesk,
) -> None:
    """A slow database leaves more to decide than one batch holds, and each batch is paced after."""
    shift = Shift.begin(small_desk)
    commits, campaign_id = small_desk.desk.commits, CampaignId(small_desk.campaign_id)
    commits.submit(SetCampaignRunning(campaign_id, "paused"))
    shift.page.do("go_available")
    small_desk.settle()
    slow, go_on = threading.Event(), threading.Event()

    def wait(session: object) -> None:
        slow.set()
        assert go_on.wait(10)

    commits.put(None, rows=wait)
    assert slow.wait(10)
    commits.put(SetCampaignRunning(campaign_id, "running"))
    for _ in range(4 * BATCH):
        commits.put(None)
    go_on.set()
    small_desk.settle()
    placed = [each for each in shift.gateway.commands if isinstance(each, protocol.PlaceCall)]
    assert len(placed) == 1
