"""Who is told what: seats at once, leads of their own teams four times a second."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.sockets.connections import Identity
from agent_desk.sockets.states import States
from softphone import protocol as wire
from tests.agent_desk.small_desk import BORN, Shift, SmallDesk


def test_a_lead_sees_the_seats_and_campaigns_of_the_own_teams_only(small_desk: SmallDesk) -> None:
    small_desk.page("operator1")
    small_desk.page("operator3")
    mine = small_desk.page("lead1", "/floor").follow()
    other = small_desk.page("lead2", "/floor").follow()
    every = small_desk.page("manager1", "/floor").follow()

    assert set(mine["seats"]) == {"operator1"}
    assert set(other["seats"]) == {"operator3"}
    assert set(every["seats"]) == {"operator1", "operator3"}
    assert set(mine["campaigns"]) == {str(small_desk.campaign_id)}
    assert set(other["campaigns"]) == {str(small_desk.people.other_campaign_id)}


def test_a_seat_that_leaves_the_floor_leaves_the_leads_picture(small_desk: SmallDesk) -> None:
    page = small_desk.page("operator1")
    lead = small_desk.page("lead1", "/floor")
    assert "operator1" in lead.follow()["seats"]
    small_desk.desk.sign_out(page.who)
    assert lead.follow()["seats"] == {}
    assert lead.heard()[-1].data["changes"]["seats"] == {"operator1": None}


def test_a_tile_tells_state_team_campaign_and_todays_counts(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("mark_status", call_id=call_id, code="contact", on=True)
    tile = shift.desk.page("lead1", "/floor").follow()["seats"]["operator1"]
    assert tile["state"] == "talking"
    assert (tile["team"], tile["campaign"]) == ("first", "spring")
    assert (tile["calls"], tile["codes"], tile["phase"]) == (1, {"contact": 1}, "bridged")
    assert tile["link"] == "ok"


def test_a_page_that_falls_silent_is_seen_by_the_lead_as_soon_as_it_is_late(shift: Shift) -> None:
    lead = shift.desk.page("lead1", "/floor")
    assert lead.follow()["seats"]["operator1"]["link"] == "ok"
    shift.desk.clock.advance(2.9)
    assert lead.follow()["seats"]["operator1"]["link"] == "ok"
    shift.desk.clock.advance(0.2)
    assert lead.follow()["seats"]["operator1"]["link"] == "stale"


def test_beats_that_change_nothing_build_no_page(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two thousand a second come from a floor of a thousand."""
    shift.alive()
    built: list[str] = []
    build = States.desk

    def counted(states: States, identity: Identity) -> dict[str, Any]:
        built.append(identity.username)
        return build(states, identity)

    monkeypatch.setattr(States, "desk", counted)

    shift.alive()
    assert built == []

    shift.desk.clock.advance(1)
    shift.gateway.live(wire.SeatLiveness("operator1", False, 0.5, 0.02, -30.0, 0.0, 2.0, 20.0))
    shift.desk.tick()
    assert built == ["operator1"]
    assert shift.page.follow()["seat"]["media"] == "down"


def test_many_changes_between_two_flushes_are_one_update(shift: Shift) -> None:
    lead = shift.desk.page("lead1", "/floor")
    lead.follow()
    before = len(lead.heard())
    for reason in ("break", "meeting", "training", "other"):
        shift.page.do("go_away", reason=reason)
    lead.follow()
    assert len(lead.heard()) == before + 1
    assert lead.follow()["seats"]["operator1"]["reason"] == "other"


def test_why_not_dialing_reaches_the_lead(small_desk: SmallDesk) -> None:
    lead = small_desk.page("lead1", "/floor")
    lead.do("set_campaign_running", campaign_id=small_desk.campaign_id, running="paused")
    panel = lead.follow()["campaigns"][str(small_desk.campaign_id)]
    assert panel["running"] == "paused"
    assert panel["why"]["code"] == "campaign-paused"


def test_a_panel_tells_how_it_dials_what_is_left_and_who_set_it(shift: Shift) -> None:
    desk, lead = shift.desk, shift.desk.page("lead1", "/floor")
    shift.end(shift.talk())
    known = {"campaign_id": desk.campaign_id}
    lead.do("set_pacing", **known, mode="predictive", ratio=2.0)
    lead.do("set_abandon_target", **known, target=0.02)
    lead.do("set_screening", **known, screening="watch")
    answer = lead.do("set_campaign_running", **known, running="stopped", in_flight="message")
    desk.desk.routine.count()

    panel = lead.follow()["campaigns"][str(desk.campaign_id)]

    assert answer["unconfirmed"] == []
    assert (panel["mode"], panel["ratio"], panel["screening"]) == ("predictive", 2.0, "watch")
    assert (panel["running"], panel["running_by"]) == ("stopped", "lead1")
    assert panel["running_at"] is not None
    windows = ("now", "quarter", "hour", "today")
    assert panel["answered"] == {name: {"attempts": 1, "live": 1} for name in windows}
    assert panel["ring_limit_s"] == 25.0
    assert (panel["budget"]["target"], panel["budget"]["day"]["live"]) == (0.02, 1)
    assert set(panel["pacing"]) == {"lines", "idle", "expected_free"}
    assert panel["lines"] == panel["ringing"] == panel["waiting"] == 0
    assert panel["next_due_at"] is not None


def test_a_lead_steers_the_own_campaigns_only_and_it_is_audited(small_desk: SmallDesk) -> None:
    lead = small_desk.page("lead1", "/floor")
    other = small_desk.people.other_campaign_id
    for event, fields in (
        ("set_campaign_running", {"running": "stopped"}),
        ("set_pacing", {"mode": "ratio", "ratio": 2.0}),
        ("set_abandon_target", {"target": 0.03}),
        ("set_screening", {"screening": "off"}),
    ):
        assert lead.refused(event, campaign_id=other, **fields) == "not-in-scope"
        assert lead.refused(event, campaign_id=999, **fields) == "not-in-scope"
    floor = small_desk.desk.commits.floor.campaigns
    assert {(c.running, c.mode) for c in floor.values()} == {("running", "progressive")}


def test_a_ratio_beyond_the_law_is_refused_with_the_cores_own_words(small_desk: SmallDesk) -> None:
    lead = small_desk.page("lead1", "/floor")
    for ratio in (0.9, 5.1):
        error = lead.refused(
            "set_pacing", campaign_id=small_desk.campaign_id, mode="ratio", ratio=ratio
        )
        assert error == "ratio-out-of-range"


def test_leads_are_told_of_a_result_nobody_saved(shift: Shift) -> None:
    mine = shift.desk.page("lead1", "/floor")
    other = shift.desk.page("lead2", "/floor")
    call_id = shift.talk()
    shift.end(call_id)
    shift.desk.clock.advance(61)
    shift.alive()
    for lead in (mine, other):
        lead.follow()
    assert mine.notices == ["result-unrecorded"]
    assert other.notices == []


def test_the_record_opens_with_the_identity_and_not_before(shift: Shift) -> None:
    call_id = shift.talk()
    withheld = shift.page.follow()["record"]
    assert (withheld["debts"], withheld["customer"]["phone"]) == (None, None)

    answer = shift.page.do("check_identity", call_id=call_id, answer="1980/1/2")
    assert (answer["matched"], answer["state"], answer["tries_left"]) == (False, "unknown", 2)
    assert shift.page.follow()["record"]["debts"] is None

    shift.page.do("check_identity", call_id=call_id, answer=BORN)
    shown = shift.page.follow()["record"]
    assert (shown["debts"], shown["promises"]) == ([], [])
    assert shown["customer"]["phone"].startswith("090-")


def test_nothing_withheld_is_anywhere_in_what_was_sent(shift: Shift) -> None:
    shift.talk()
    shift.page.follow()
    sent = str([each.data for each in shift.page.heard()])
    assert BORN not in sent
    assert "+8190" not in sent


def test_a_snapshot_is_not_overtaken_by_the_update_of_a_commit_that_comes_in_between(
    shift: Shift,
) -> None:
    """Building a picture reads the database: a commit may come while it is being built."""
    desk, page = shift.desk, shift.page
    shift.talk()
    page.follow()
    states = desk.desk.publisher._states
    original = states.desk
    committed = threading.Event()

    def slow(identity: object) -> object:
        picture = original(identity)  # type: ignore[arg-type]
        if threading.current_thread() is asker:
            desk.desk.seats.go_away(SeatId("operator1"), "break", command_id=None)
            committed.set()
        return picture

    states.desk = slow  # type: ignore[method-assign,assignment]
    asker = threading.Thread(target=lambda: page.ask("resync"))
    asker.start()
    asker.join(10)
    assert committed.is_set()
    states.desk = original  # type: ignore[method-assign]

    assert page.follow()["seat"]["queued_away"] == "break"
    assert page.gaps == 0


def test_a_call_that_nobody_shows_can_be_asked_for_without_harm(small_desk: SmallDesk) -> None:
    small_desk.desk.publisher.record_shown(SeatId("operator1"), CallId("gone"))
    assert small_desk.server.sent == []
