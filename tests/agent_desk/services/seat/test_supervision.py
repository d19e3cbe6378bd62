"""Leads in operators' calls on a whole desk: scope, roles, what is shown, and the rows of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.commands import ConfigureCampaign
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.supervision import Supervision
from agent_desk.store.campaigns import campaigns
from agent_desk.store.invariants import questions as invariants
from softphone import protocol as wire
from softphone.protocol import SupervisionMode as Mode
from tests.agent_desk.services.running.test_recovery import Restarts, reconnect
from tests.agent_desk.small_desk import Page, Shift, SmallDesk

LEAD = "lead1"


@pytest.fixture
def restarts(database_url: str, tmp_path: Any) -> Iterator[Restarts]:
    made = Restarts(database_url, tmp_path)
    yield made
    made.stop()


class Scene:
    """A talk, and a lead with a leg."""

    def __init__(self, shift: Shift) -> None:
        self.shift = shift
        self.call_id = shift.talk()
        self.lead = shift.desk.page(LEAD, "/floor")
        self.lead.do("supervision_offer", sdp="v=0", seat="operator1")
        shift.gateway.tell(wire.SeatUp(LEAD))

    def ask(self, mode: str) -> wire.Supervise | None:
        self.lead.do("supervise", seat="operator1", mode=mode)
        self.shift.desk.settle()
        newest: wire.Supervise | None = self.shift.gateway.newest(wire.Supervise)
        return newest

    def told(self, mode: Mode | None) -> None:
        self.shift.gateway.tell(wire.SupervisionChanged(self.call_id, LEAD, mode))
        self.shift.desk.settle()

    def comes_in(self, mode: str = "listen") -> Scene:
        self.ask(mode)
        self.told(Mode(mode))
        return self

    @property
    def tile(self) -> dict[str, Any]:
        tile: dict[str, Any] = self.lead.follow()["seats"]["operator1"]
        return tile

    @property
    def own(self) -> dict[str, Any] | None:
        use: dict[str, Any] | None = self.lead.follow()["supervisions"].get(LEAD)
        return use


def rows(desk: SmallDesk) -> list[tuple[str, bool, str | None]]:
    with desk.desk.database.read() as session:
        found = session.execute(
            select(Supervision.mode, Supervision.began_at, Supervision.cause).order_by(
                Supervision.asked_at, Supervision.began_at
            )
        ).all()
    return [(mode, began is not None, cause) for mode, began, cause in found]


def trail(desk: SmallDesk) -> list[tuple[str, str]]:
    with desk.desk.database.read() as session:
        query = select(AuditRow.actor, AuditRow.action).where(
            AuditRow.action.like("supervision.%") | (AuditRow.action == "call.taken-over")
        )
        return [(actor, action) for actor, action in session.execute(query.order_by(AuditRow.id))]


def violations(desk: SmallDesk) -> list[str]:
    with desk.desk.database.read() as session:
        return [f"{found.invariant}: {found.text}" for found in invariants.check(session)]


def set_campaign(desk: SmallDesk, **columns: Any) -> None:
    """As published: the row, and what the engine knows of it."""
    with desk.desk.database.write() as session:
        session.execute(update(Campaign).values(**columns))
        found = campaigns.on_floor(session, desk.clock.now())
    for each in found.values():
        assert desk.desk.commits.submit(ConfigureCampaign(each)).ok


def test_a_lead_is_seen_by_all_who_may_and_each_use_is_kept(shift: Shift) -> None:
    scene = Scene(shift)
    order = scene.ask("listen")
    assert order == wire.Supervise(scene.call_id, LEAD, Mode.LISTEN, notice=False)
    assert scene.tile["supervised_by"] == [], "not before it is so"
    assert scene.own is not None and (scene.own["mode"], scene.own["asked"]) == (None, "listen")
    scene.told(Mode.LISTEN)
    [by] = scene.tile["supervised_by"]
    assert (by["id"], by["mode"]) == (LEAD, "listen")
    assert shift.page.follow()["supervised"] == [{"name": by["name"], "mode": "listen"}]
    scene.lead.do("stop_supervising")
    scene.told(None)
    assert scene.own is None and scene.tile["supervised_by"] == []
    assert shift.page.follow()["supervised"] == []
    assert rows(shift.desk) == [("listen", True, "stopped")]
    assert trail(shift.desk) == [(LEAD, "supervision.asked"), (LEAD, "supervision.ended")]


def test_a_lead_of_another_team_hears_nothing_and_is_told_of_nothing(shift: Shift) -> None:
    Scene(shift).comes_in()
    other = shift.desk.page("lead2", "/floor")
    told = {"seat": "operator1", "sdp": "v=0", "mode": "listen"}
    for event, fields in (("supervision_offer", ("seat", "sdp")), ("supervise", ("seat", "mode"))):
        assert other.refused(event, **{name: told[name] for name in fields}) == "not-in-scope"
    assert other.follow()["supervisions"] == {}
    assert "lead2" not in shift.desk.desk.commits.floor.supervisors


def test_a_manager_looks_on_and_an_operator_has_no_such_event(shift: Shift) -> None:
    shift.talk()
    manager = shift.desk.page("manager1", "/floor")
    for event in ("supervise", "supervision_offer"):
        fields = {"seat": "operator1", "mode": "listen", "sdp": "v=0"}
        known = {"supervise": ("seat", "mode"), "supervision_offer": ("seat", "sdp")}[event]
        assert manager.refused(event, **{name: fields[name] for name in known}) == "not-allowed"
    assert shift.page.refused("supervise", seat="operator1", mode="listen") == "unknown-event"


def test_what_cannot_be_is_refused_with_its_reason(shift: Shift) -> None:
    lead = shift.desk.page(LEAD, "/floor")
    ask = {"seat": "operator1", "mode": "listen"}
    assert lead.refused("supervise", seat="operator9", mode="listen") == "seat-not-open"
    assert lead.refused("supervise", **ask) == "no-own-leg"
    lead.do("supervision_offer", sdp="v=0", seat="operator1")
    assert lead.refused("supervise", seat="operator1", mode="sing") == "bad-payload"
    assert lead.refused("supervise", **ask) == "no-call"
    assert lead.refused("follow_seat", on=True) == "not-supervising"
    for event in ("mute_supervisor", "hold_taken"):
        assert lead.refused(event, on=True) == "not-supervising"
    lead.do("stop_supervising")
    assert rows(shift.desk) == []


def test_whether_operators_see_who_only_listens_is_the_campaigns_and_a_voice_always_is(
    shift: Shift,
) -> None:
    set_campaign(shift.desk, supervision_shown=False)
    scene = Scene(shift).comes_in("listen")
    assert shift.page.follow()["supervised"] == []
    assert scene.tile["supervised_by"] != [], "the leads see it"
    for mode in ("whisper", "barge"):
        scene.comes_in(mode)
        assert [each["mode"] for each in shift.page.follow()["supervised"]] == [mode]


def test_the_tone_is_the_campaigns(shift: Shift) -> None:
    set_campaign(shift.desk, supervision_tone=True)
    scene = Scene(shift)
    first = scene.ask("listen")
    scene.told(Mode.LISTEN)
    second = scene.ask("barge")
    assert first is not None and second is not None
    assert (first.notice, second.notice) == (True, False)


def test_a_refusal_of_the_gateway_is_said_on_the_page(shift: Shift) -> None:
    shift.gateway.refuse["Supervise"] = "seat_silent"
    scene = Scene(shift)
    scene.ask("listen")
    assert scene.own == {"seat": None, "problem": "leg-lost"}
    assert rows(shift.desk) == [("listen", False, "refused")]


def test_f44_a_leads_dead_browser_leaves_the_call_and_a_closed_row(shift: Shift) -> None:
    scene = Scene(shift).comes_in("barge")
    before = shift.page.follow()["call"]
    scene.told(None)
    shift.gateway.tell(wire.SeatDown(LEAD, "consent lost"))
    assert shift.page.follow()["call"] == before
    assert shift.page.follow()["seat"]["state"] == "talking"
    assert shift.page.follow()["supervised"] == []
    assert rows(shift.desk) == [("barge", True, "leg-lost")]


def test_a_lead_who_is_signed_out_does_not_listen_on(shift: Shift) -> None:
    scene = Scene(shift).comes_in()
    watch = next(job for job in shift.desk.desk.routine.jobs() if job.name == "leads")
    watch.work()
    shift.desk.tick(30)
    assert rows(shift.desk) == [("listen", True, None)], "the page is there"
    shift.desk.desk.people.accounts.sign_out(scene.lead.who.session_id)
    watch.work()
    shift.desk.settle()
    shift.desk.tick(11)
    assert rows(shift.desk) == [("listen", True, "page-gone")]
    assert shift.gateway.newest(wire.StopSupervising).seat_id == LEAD
    assert shift.gateway.newest(wire.CloseSeat).seat_id == LEAD


def test_a_call_taken_over_is_written_up_while_the_lead_talks_and_no_invariant_breaks(
    shift: Shift,
) -> None:
    scene = Scene(shift).comes_in().comes_in("take_over")
    state = shift.page.follow()
    assert state["seat"]["state"] == "wrap_up"
    assert state["supervised"][0]["mode"] == "take_over"
    shift.page.do("save_result", call_id=scene.call_id, note="", counterpart="unknown")
    assert violations(shift.desk) == []
    shift.alive()
    second = shift.placed()
    shift.answer(second)
    assert shift.page.follow()["call"]["id"] == second
    assert violations(shift.desk) == []
    scene.lead.do("stop_supervising")
    assert shift.gateway.newest(wire.HangUp).call_id == scene.call_id
    shift.end(scene.call_id)
    assert shift.page.follow()["call"]["id"] == second
    with shift.desk.desk.database.read() as session:
        call = session.get(Call, scene.call_id)
        assert call is not None and call.seat_user_id != call.taken_over_by is not None
    assert rows(shift.desk) == [
        ("listen", True, "switched"),
        ("take_over", True, "call-ended"),
    ]
    assert (LEAD, "call.taken-over") in trail(shift.desk)
    assert violations(shift.desk) == []


def test_after_a_restart_the_lead_is_in_the_call_still_and_let_go_when_nobody_comes(
    restarts: Restarts,
) -> None:
    scene = Scene(Shift.begin(restarts.start())).comes_in("whisper")
    desk, gateway = _started_again(restarts, scene, LEAD)
    again = gateway.newest(wire.Supervise)
    assert again == wire.Supervise(scene.call_id, LEAD, Mode.WHISPER, notice=False)
    page: Page = desk.page(LEAD, "/floor")
    assert page.follow()["seats"]["operator1"]["supervised_by"][0]["mode"] == "whisper"
    desk.tick(11)
    assert rows(desk) == [("whisper", True, "page-gone")]


def test_a_lead_who_took_over_holds_the_call_and_is_shown_whose_record_belongs_to_it(
    shift: Shift,
) -> None:
    scene = Scene(shift).comes_in().comes_in("take_over")
    call = shift.desk.call(scene.call_id)
    assert scene.own is not None and call is not None
    assert (scene.own["customer"], scene.own["held"]) == (call.customer_id, False)
    scene.lead.do("hold_taken", on=True)
    shift.desk.settle()
    assert shift.gateway.newest(wire.Hold) == wire.Hold(scene.call_id, on=True)
    assert scene.own["held"] is True
    other = shift.desk.page("lead2", "/floor")
    assert other.follow()["supervisions"] == {}, "of another team"


def test_after_a_restart_a_call_taken_over_is_the_leads_still(restarts: Restarts) -> None:
    scene = Scene(Shift.begin(restarts.start())).comes_in().comes_in("take_over")
    desk, gateway = _started_again(restarts, scene, LEAD)
    assert desk.call(scene.call_id).taken_by == LEAD
    assert desk.seat().state == "wrap_up"
    assert gateway.newest(wire.Supervise) is None and gateway.newest(wire.HangUp) is None
    desk.page(LEAD, "/floor").do("stop_supervising")
    desk.settle()
    assert gateway.newest(wire.HangUp).call_id == scene.call_id


def _started_again(restarts: Restarts, scene: Scene, seat: str) -> tuple[SmallDesk, Any]:
    """The gateway has held the call and the lead's leg all along."""
    desk = restarts.start()
    gateway = reconnect(desk, scene.shift.gateway)
    gateway.hello()
    call = wire.CallState(scene.call_id, "trunk1", wire.CallPhase.BRIDGED, seat)
    gateway.snapshot(calls=(call,), seats=("operator1", LEAD))
    desk.settle()
    return desk, gateway
