"""Pages that misbehave: floods, nonsense, and those that stop reading. The others do not notice."""

from __future__ import annotations

from agent_desk.sockets import backlog
from agent_desk.sockets.connections import BURST, STRIKES
from tests.agent_desk.small_desk import Page, Shift, SmallDesk

HOSTILE: list[tuple[str, object]] = [
    ("go_away", None),
    ("go_away", {"reason": "x" * 100_000}),
    ("draft_note", {"call_id": "c", "text": ["deep"] * 1_000}),
    ("__init__", {}),
    ("x" * 10_000, {"x": "y"}),
    ("hold", {"on": {"on": {"on": {}}}}),
    ("go_available", {"command_id": "short"}),
    ("set_promise", {"call_id": "c", "due_on": "9" * 5_000}),
]


def flood(page: Page, times: int) -> list[str]:
    """Send so many hostile events; what each was answered."""
    told = []
    for number in range(times):
        event, data = HOSTILE[number % len(HOSTILE)]
        told.append(page.desk.server.say("/desk", page.sid, event, data)["error"]["id"])
    return told


def test_f32_a_thousand_malformed_events_of_one_operator_cost_the_others_nothing(
    shift: Shift,
) -> None:
    desk, colleague = shift.desk, shift.page
    hostile = desk.page("operator2")
    told = flood(hostile, 500)
    call_id = shift.talk()
    assert colleague.follow()["call"]["id"] == call_id
    told += flood(hostile, 500)
    colleague.do("mark_status", call_id=call_id, code="contact", on=True)
    shift.end(call_id)

    assert set(told) <= {"bad-payload", "unknown-event", "too-many-events", "signed-out"}
    assert not hostile.open, "the offender is cut"
    assert told.index("signed-out") <= STRIKES + 1
    assert colleague.open
    again = desk.page("operator2")
    assert again.follow()["seat"]["state"] == "starting", "a page as it should be is welcome"


def test_f32_what_is_refused_now_and_then_is_forgiven(small_desk: SmallDesk) -> None:
    page = small_desk.page("operator1")
    connections = small_desk.server.namespaces["/desk"].connections
    for second in range(3 * int(STRIKES)):
        assert not connections.strike(page.sid, "/desk", 1.0 + second)
    assert page.open


def test_f32_one_that_only_asks_too_often_is_slowed_first(small_desk: SmallDesk) -> None:
    page = small_desk.page("operator1")
    told = [page.ask("cancel_away")["error"]["id"] for _ in range(int(BURST + STRIKES) + 200)]
    assert told[0] == "nothing-queued"
    assert told.index("too-many-events") >= BURST
    assert told[-1] == "signed-out"


def test_f35_a_page_that_stops_reading_is_given_no_more_and_then_everything_at_once(
    shift: Shift,
) -> None:
    desk, slow = shift.desk, shift.page
    other = desk.page("lead1", "/floor")
    slow.follow()
    desk.server.unread["/desk", slow.sid] = backlog.MOST
    before = len(slow.heard())
    for reason in ("break", "meeting", "training", "other") * 10:
        slow.do("go_away", reason=reason)
    assert len(slow.heard()) == before, "what waits for it does not grow"
    assert other.follow()["seats"]["operator1"]["reason"] == "other", "the others see it all"

    desk.server.unread["/desk", slow.sid] = backlog.FEW + 1
    desk.tick()
    assert len(slow.heard()) == before, "not yet"
    desk.server.unread["/desk", slow.sid] = backlog.FEW
    desk.tick()
    assert [each.event for each in slow.heard()[before:]][0] == "snapshot"
    assert slow.follow()["seat"]["reason"] == "other"
    slow.do("go_away", reason="break")
    assert slow.follow()["seat"]["reason"] == "break", "and updates go on"


def test_f35_a_lead_that_stops_reading_is_dropped_to_one_snapshot_as_well(
    small_desk: SmallDesk,
) -> None:
    page, lead = small_desk.page("operator1"), small_desk.page("lead1", "/floor")
    lead.follow()
    small_desk.server.unread["/floor", lead.sid] = backlog.MOST
    before = len(lead.heard())
    for reason in ("break", "meeting") * 5:
        page.do("go_away", reason=reason)
        small_desk.tick(0.3)
    assert len(lead.heard()) == before
    small_desk.server.unread["/floor", lead.sid] = 0
    small_desk.tick(0.3)
    assert [each.event for each in lead.heard()[before:]] == ["snapshot"]
    assert lead.follow()["seats"]["operator1"]["reason"] == "meeting"


def test_f35_a_page_that_goes_while_it_is_behind_is_forgotten(shift: Shift) -> None:
    desk, slow = shift.desk, shift.page
    slow.follow()
    desk.server.unread["/desk", slow.sid] = backlog.MOST
    slow.do("go_away", reason="break")
    slow.lose()
    desk.tick()
    assert not desk.desk.publisher._behind
