"""The law of the pages: an old snapshot and all updates since are what a fresh snapshot says.

It is checked for everything that can happen at a desk: each event a page may send, each piece of
news of a gateway, each deadline, and what leads do, on the operator's page and on the leads'.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.messages import Wording
from agent_desk.services.dialing.safe_harbours import Heard
from agent_desk.sockets.events import DESK_EVENTS, FLOOR_EVENTS
from agent_desk.store.records import fields
from softphone import protocol
from tests.agent_desk import score
from tests.agent_desk.small_desk import BORN, Page, Shift
from tests.fakes.gateway import MESSAGE

Move = Callable[[Shift, str], Any]
DUE = "2026-11-30"
LATER = "2026-11-25T03:00:00+00:00"


def talking(shift: Shift) -> str:
    return shift.talk()


def available(shift: Shift) -> str:
    return shift.available()


def starting(shift: Shift) -> str:
    return ""


def ringing(shift: Shift) -> str:
    call_id = shift.available()
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), protocol.CallRinging(call_id, 180))
    return call_id


def reserved(shift: Shift) -> str:
    call_id = shift.available()
    shift.answer(call_id)
    return call_id


def wrapping_up(shift: Shift) -> str:
    call_id = shift.talk()
    shift.end(call_id)
    return call_id


def verified(shift: Shift) -> str:
    call_id = shift.talk()
    assert shift.page.do("check_identity", call_id=call_id, answer=BORN)["matched"]
    return call_id


def promised(shift: Shift) -> str:
    call_id = verified(shift)
    shift.page.do("set_promise", call_id=call_id, due_on=DUE, amount_yen=5000)
    return call_id


def held(shift: Shift) -> str:
    call_id = shift.talk()
    shift.page.do("hold", on=True)
    return call_id


def queued(shift: Shift) -> str:
    call_id = shift.talk()
    shift.page.do("go_away", reason="break")
    return call_id


def with_message(shift: Shift) -> str:
    """A recording for machines is approved, and something answered."""
    wording = Wording("佐藤です。03-1234-5678までお電話ください。", "佐藤", "03-1234-5678")
    heard = Heard(MESSAGE, 9_000, 0)
    desk = shift.desk.desk
    desk.messages.approve("spring", heard, wording, actor="lead1", brought_by="admin1")
    return shift.talk()


def to_be_asked(shift: Shift) -> str:
    """Every customer is to be asked for a score, and this one was recognised."""
    score.ask_everybody(shift.desk)
    return verified(shift)


def scripted(shift: Shift) -> str:
    """The campaign has a script with a statement to tick."""
    shift.desk.desk.scripts.save(
        shift.desk.campaign_id,
        "[ ] identification: 名乗った",
        based_on=shift.desk.desk.scripts.open(shift.desk.campaign_id, teams=None).version,
        allowed="",
        teams=None,
        actor=Actor("lead1", "lead"),
    )
    return shift.talk()


def with_colleague(shift: Shift) -> str:
    """The second operator is available beside the one who talks."""
    call_id = shift.talk()
    other = Shift(shift.desk, shift.gateway, shift.desk.page("operator2"))
    other.page.do("media_offer", sdp="v=0")
    other.gateway.tell(protocol.SeatUp("operator2"))
    other.page.do("device_passed", level_dbfs=-30.0)
    other.alive()
    other.page.do("go_available")
    shift.gateway.live("operator1", "operator2")
    shift.desk.pulse(other.page)
    shift.desk.settle()
    return call_id


def party_news(shift: Shift, call_id: str, state: str, mode: protocol.PartyMode | None) -> None:
    party = shift.desk.call(call_id).party
    assert party is not None
    shift.gateway.tell(protocol.PartyChanged(call_id, party.party_id, state, mode, None))


def consulting(shift: Shift) -> str:
    call_id = with_colleague(shift)
    shift.page.do("call_colleague", colleague="operator2", blind=False)
    party_news(shift, call_id, "joined", protocol.PartyMode.CONSULT)
    return call_id


def handed(shift: Shift, call_id: str) -> None:
    shift.page.do("hand_over")
    party_news(shift, call_id, "joined", protocol.PartyMode.TRANSFERRED)


def previewing(shift: Shift) -> str:
    steer(shift, "set_pacing", mode="preview", ratio=1.0)
    shift.alive()
    shift.page.do("go_available")
    shift.desk.settle()
    return ""


def previewed(shift: Shift) -> str:
    previewing(shift)
    shift.page.do("next_customer")
    shift.desk.tick()
    call_id = shift.desk.seat().call_id
    assert call_id is not None
    return call_id


def steer(shift: Shift, event: str, **fields: Any) -> None:
    lead = shift.desk.page("lead1", "/floor")
    needed = {name for name, field in FLOOR_EVENTS[event].fields.items() if not field.optional}
    known = {"campaign_id": shift.desk.campaign_id} if "campaign_id" in needed else {}
    lead.do(event, **known, **fields)
    lead.lose()


def does(event: str, **fields: Any) -> Move:
    """The page sends an event."""

    def move(shift: Shift, call_id: str) -> None:
        known = {"call_id": call_id} if "call_id" in DESK_EVENTS[event].fields else {}
        shift.page.do(event, **known, **fields)

    return move


def tells(make: Callable[[str], protocol.Event]) -> Move:
    """The gateway has news of the call."""
    return lambda shift, call_id: shift.gateway.tell(make(call_id))


def passes(seconds: float, *, heard: bool) -> Move:
    """Time passes, with or without the page being heard."""

    def move(shift: Shift, call_id: str) -> None:
        shift.desk.clock.advance(seconds)
        if heard:
            shift.alive()
        shift.desk.tick()

    return move


def leads(event: str, **fields: Any) -> Move:
    return lambda shift, call_id: steer(shift, event, **fields)


def practisable(shift: Shift) -> str:
    actor = Actor("lead1", "lead")
    shift.desk.desk.training.prepare(shift.desk.campaign_id, teams=None, actor=actor)
    return ""


def practising(shift: Shift) -> str:
    practisable(shift)
    shift.page.do("enter_practice")
    return ""


def hand_raised(shift: Shift) -> str:
    call_id = shift.talk()
    shift.page.do("raise_hand", reason="complaint")
    return call_id


def written_to(shift: Shift) -> str:
    call_id = shift.talk()
    steer(shift, "send_message", seat=None, text="お疲れさまです")
    return call_id


def reads(shift: Shift, call_id: str) -> None:
    [message] = shift.page.follow()["help"]["messages"]
    shift.page.do("acknowledge_message", message_id=message["id"])


def skilled(shift: Shift) -> str:
    shift.desk.desk.calls.skills.put("english", "英語", by="admin1")
    return talking(shift)


def reminds(shift: Shift, call_id: str) -> None:
    [message] = shift.page.follow()["help"]["messages"]
    steer(shift, "remind_message", message_id=message["id"])
    steer(shift, "find_receipts", message_id=message["id"])


def recorded(shift: Shift) -> str:
    call_id = wrapping_up(shift)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    return call_id


def with_fields(shift: Shift) -> str:
    with shift.desk.desk.database.write() as session:
        fields.put(session, shift.desk.campaign_id, fields.FieldRow("職業", "editable", False))
    return verified(shift)


LEAD = "lead1"


def with_leg(shift: Shift) -> str:
    """A lead has a leg of their own, and an operator talks."""
    call_id = shift.talk()
    steer(shift, "supervision_offer", sdp="v=0", seat="operator1")
    shift.gateway.tell(protocol.SeatUp(LEAD))
    return call_id


def listened_to(shift: Shift) -> str:
    call_id = with_leg(shift)
    steer(shift, "supervise", seat="operator1", mode="listen")
    shift.gateway.tell(protocol.SupervisionChanged(call_id, LEAD, protocol.SupervisionMode.LISTEN))
    return call_id


def ordered(shift: Shift) -> str:
    call_id = talking(shift)
    steer(shift, "order_seat", seat="operator1", what="logout")
    return call_id


def with_place(shift: Shift) -> str:
    call_id = talking(shift)
    steer(shift, "make_room", name="1F", rows=3, columns=4)
    steer(shift, "place_seat", seat="operator1", room=1, row=2, column=2)
    return call_id


def taken_over(shift: Shift, call_id: str) -> None:
    steer(shift, "supervise", seat="operator1", mode="take_over")
    taken = protocol.SupervisionMode.TAKE_OVER
    shift.gateway.tell(protocol.SupervisionChanged(call_id, LEAD, taken))


def in_own_hands(shift: Shift) -> str:
    call_id = listened_to(shift)
    taken_over(shift, call_id)
    return call_id


def acknowledges(shift: Shift, call_id: str) -> None:
    shift.desk.desk.publisher.flush_floor()
    (alert,) = shift.desk.desk.calls.alerts.shown(None)
    steer(shift, "acknowledge_alert", alert=alert)


PAGE_EVENTS: dict[str, tuple[Callable[[Shift], str], Move]] = {
    "go_available": (starting, does("go_available")),
    "go_away": (available, does("go_away", reason="break")),
    "cancel_away": (queued, does("cancel_away")),
    "hang_up": (talking, does("hang_up")),
    "hand_to_survey": (to_be_asked, does("hand_to_survey")),
    "hold": (talking, does("hold", on=True)),
    "mute": (talking, does("mute", on=True)),
    "pause_recording": (talking, does("pause_recording", on=True)),
    "send_digits": (talking, does("send_digits", digits="12#")),
    "find_colleagues": (talking, does("find_colleagues")),
    "call_number": (talking, does("call_number", number="03-3581-0001", blind=False)),
    "call_colleague": (with_colleague, does("call_colleague", colleague="operator2", blind=False)),
    "set_party_mode": (consulting, does("set_party_mode", mode="conference")),
    "hand_over": (consulting, does("hand_over")),
    "drop_party": (consulting, does("drop_party")),
    "leave_message": (with_message, does("leave_message")),
    "tick_statement": (scripted, does("tick_statement", statement="identification", on=True)),
    "extend_wrap_up": (wrapping_up, does("extend_wrap_up")),
    "next_customer": (previewing, does("next_customer")),
    "place_previewed": (previewed, does("place_previewed")),
    "skip_previewed": (previewed, does("skip_previewed", reason="later")),
    "mark_status": (talking, does("mark_status", code="contact", on=True)),
    "check_identity": (talking, does("check_identity", answer=BORN)),
    "third_party": (talking, does("third_party")),
    "set_promise": (verified, does("set_promise", due_on=DUE, amount_yen=None)),
    "withdraw_promise": (promised, does("withdraw_promise")),
    "set_callback": (talking, does("set_callback", due_at=LATER, own=True)),
    "note_objection": (talking, does("note_objection", reason="complaint", document="")),
    "save_voice": (talking, does("save_voice", text="説明が分かりやすい")),
    "draft_note": (talking, does("draft_note", text="本人は外出中")),
    "save_field": (with_fields, does("save_field", name="職業", value="会社員")),
    "save_result": (wrapping_up, does("save_result", note="折り返し希望", counterpart="unknown")),
    "find_callbacks": (talking, does("find_callbacks")),
    "check_dial": (starting, does("check_dial", wish="#1")),
    "dial_by_hand": (previewing, does("dial_by_hand", wish="#1")),
    "find_own_calls": (recorded, does("find_own_calls")),
    "open_result": (recorded, does("open_result")),
    "correct_result": (recorded, does("correct_result", based_on=1, codes=["contact"])),
    "enter_practice": (practisable, does("enter_practice")),
    "leave_practice": (practising, does("leave_practice")),
    "raise_hand": (talking, does("raise_hand", reason="help")),
    "lower_hand": (hand_raised, does("lower_hand")),
    "acknowledge_message": (written_to, reads),
    "media_offer": (starting, does("media_offer", sdp="v=0 again")),
    "device_test": (starting, does("device_test", kind="tone")),
    "device_passed": (starting, does("device_passed", level_dbfs=-20.0)),
    "resync": (talking, does("resync")),
}

NEWS: dict[str, tuple[Callable[[Shift], str], Move]] = {
    "the call rings": (
        available,
        tells(lambda call_id: protocol.CallRinging(call_id, 180)),
    ),
    "a person is offered": (ringing, lambda shift, call_id: shift.answer(call_id)),
    "the bridge stands": (
        reserved,
        tells(lambda call_id: protocol.CallBridged(call_id, "operator1", 900)),
    ),
    "the customer hangs up": (talking, lambda shift, call_id: shift.end(call_id)),
    "the customer hangs up on hold": (held, lambda shift, call_id: shift.end(call_id)),
    "the customer hangs up while away is queued": (
        queued,
        lambda shift, call_id: shift.end(call_id),
    ),
    "the reserved customer is gone": (reserved, lambda shift, call_id: shift.end(call_id)),
    "the colleague has the call": (consulting, lambda shift, call_id: handed(shift, call_id)),
    "the colleague is gone": (
        consulting,
        lambda shift, call_id: party_news(shift, call_id, "gone", None),
    ),
    "the lead is in the call": (
        with_leg,
        tells(
            lambda call_id: protocol.SupervisionChanged(
                call_id, LEAD, protocol.SupervisionMode.BARGE
            )
        ),
    ),
    "the lead has the call": (listened_to, taken_over),
    "the lead's leg is out of the call": (
        listened_to,
        tells(lambda call_id: protocol.SupervisionChanged(call_id, LEAD, None)),
    ),
    "the lead's leg is gone": (
        listened_to,
        tells(lambda call_id: protocol.SeatDown(LEAD, "consent")),
    ),
    "the customer of a lead hangs up": (listened_to, lambda shift, call_id: shift.end(call_id)),
    "the seat goes silent": (
        talking,
        tells(lambda call_id: protocol.SeatSilent(call_id, "operator1", True)),
    ),
    "the leg is gone": (
        starting,
        tells(lambda call_id: protocol.SeatDown("operator1", "consent")),
    ),
    "the gateway is out of reach": (
        talking,
        lambda shift, call_id: shift.gateway.disconnect(),
    ),
    "the result is saved with a promise": (
        promised,
        lambda shift, call_id: (
            shift.end(call_id),
            shift.page.do("save_result", call_id=call_id, note="約束"),
        ),
    ),
}

TIME: dict[str, tuple[Callable[[Shift], str], Move]] = {
    "wrap-up ends by itself": (wrapping_up, passes(61, heard=True)),
    "the page is lost for half a minute": (available, passes(31, heard=False)),
    "a talk goes past its limit": (talking, passes(481, heard=True)),
    "a while passes": (talking, passes(20, heard=True)),
    "midnight": (available, passes(13 * 3600, heard=True)),
}

STEERING: dict[str, tuple[Callable[[Shift], str], Move]] = {
    "set_campaign_running": (talking, leads("set_campaign_running", running="paused")),
    "stop_all": (ringing, leads("stop_all", in_flight="message")),
    "set_abandon_target": (talking, leads("set_abandon_target", target=0.02)),
    "set_screening": (talking, leads("set_screening", screening="watch")),
    "set_pacing": (available, leads("set_pacing", mode="ratio", ratio=2.0)),
    "send_message": (talking, leads("send_message", seat="operator1", text="休憩をどうぞ")),
    "remind_message": (written_to, reminds),
    "find_receipts": (written_to, reminds),
    "take_hand": (hand_raised, leads("take_hand", seat="operator1")),
    "acknowledge_alert": (hand_raised, acknowledges),
    "pacing_trace": (talking, leads("pacing_trace", since=0)),
    "supervision_offer": (
        talking,
        leads("supervision_offer", sdp="v=0", seat="operator1"),
    ),
    "supervise": (with_leg, leads("supervise", seat="operator1", mode="whisper")),
    "follow_seat": (listened_to, leads("follow_seat", on=True)),
    "mute_supervisor": (listened_to, leads("mute_supervisor", on=True)),
    "hold_taken": (in_own_hands, leads("hold_taken", on=True)),
    "stop_supervising": (listened_to, leads("stop_supervising")),
    "order_seat": (talking, leads("order_seat", seat="operator1", what="logout")),
    "set_skill": (skilled, leads("set_skill", seat="operator1", skill="english", on=True)),
    "cancel_order": (ordered, leads("cancel_order", seat="operator1")),
    "finish_wrap_up": (wrapping_up, leads("finish_wrap_up", seat="operator1")),
    "make_room": (talking, leads("make_room", name="A", rows=2, columns=3)),
    "change_room": (with_place, leads("change_room", room=1, name="B", rows=2, columns=2)),
    "remove_room": (with_place, leads("remove_room", room=1)),
    "place_seat": (with_place, leads("place_seat", seat="operator2", room=1, row=1, column=2)),
    "unplace_seat": (with_place, leads("unplace_seat", seat="operator1")),
    "still_there": (talking, leads("still_there")),
    "resync": (talking, leads("resync")),
}

MOVES = {**PAGE_EVENTS, **NEWS, **TIME, **STEERING}


def plain(state: dict[str, Any]) -> dict[str, Any]:
    """A picture without the instant it was read at."""
    if "metrics" not in state:
        return state
    return {**state, "metrics": {**state["metrics"], "as_of": None}}


def check(page: Page) -> None:
    """The page's picture is the truth, and nothing was missed on the way."""
    picture = page.follow()
    assert page.gaps == 0
    assert plain(picture) == plain(page.fresh())
    page.follow()


def test_there_is_a_move_for_every_event_a_page_may_send() -> None:
    assert set(PAGE_EVENTS) == set(DESK_EVENTS)
    assert set(STEERING) == set(FLOOR_EVENTS)


@pytest.mark.parametrize("name", MOVES)
def test_snapshot_and_updates_are_a_fresh_snapshot(shift: Shift, name: str) -> None:
    prepare, move = MOVES[name]
    call_id = prepare(shift)
    lead = shift.desk.page("lead1", "/floor")
    for page in (shift.page, lead):
        check(page)

    move(shift, call_id)

    for page in (shift.page, lead):
        check(page)


def late_verdict(call_id: str) -> protocol.CallScreened:
    evidence = "a beep after the voice"
    return protocol.CallScreened(
        call_id, protocol.Verdict.MACHINE, 900, offered=False, evidence=evidence
    )


def test_a_verdict_after_the_bridge_warns_the_operator_on_the_page(shift: Shift) -> None:
    call_id = shift.talk()
    assert shift.page.follow()["call"]["no_person"] is None
    shift.gateway.tell(late_verdict(call_id))
    assert shift.page.follow()["call"]["no_person"] == "machine"
    check(shift.page)


def test_a_whole_shift_needs_one_snapshot(each_shift: Shift) -> None:
    shift, page = each_shift, each_shift.page
    lead = shift.desk.page("lead1", "/floor")
    for _ in range(2):
        call_id = shift.talk()
        page.do("mark_status", call_id=call_id, code="contact", on=True)
        page.do("check_identity", call_id=call_id, answer="昭和55年1月1日")
        page.do("set_promise", call_id=call_id, due_on=DUE, amount_yen=12_000)
        page.do("draft_note", call_id=call_id, text="約束")
        shift.desk.clock.advance(30)
        shift.end(call_id)
        shift.desk.clock.advance(10)
        shift.alive()
        page.do("save_result", call_id=call_id, note="約束しました")
        page.follow()
        lead.follow()

    assert [sent.event for sent in page.heard()].count("snapshot") == 1
    assert [sent.event for sent in lead.heard()].count("snapshot") == 1
    check(page)
    check(lead)
    metrics = page.follow()["metrics"]
    assert (metrics["calls"], metrics["promises"]) == (2, 2)
    assert metrics["talk_s"] == 60.0
    assert metrics["wrap_s"] == 20.0
    tile = lead.follow()["seats"]["operator1"]
    assert (tile["calls"], tile["promises"], tile["talk_s"]) == (2, 2, 60.0)


def test_a_page_that_missed_an_update_sees_the_gap_and_asks_again(shift: Shift) -> None:
    shift.page.follow()
    shift.talk()
    missed = shift.page.heard()[shift.page.read]
    assert missed.event == "update"
    shift.page.read += 1

    shift.page.follow()

    assert shift.page.gaps > 0
    fresh = shift.page.fresh()
    assert plain(shift.page.follow()) == plain(fresh)


def test_the_same_picture_is_not_sent_twice(shift: Shift) -> None:
    shift.page.follow()
    before = len(shift.page.heard())
    shift.alive()
    shift.desk.tick(0.2)
    shift.page.follow()
    assert len(shift.page.heard()) == before
