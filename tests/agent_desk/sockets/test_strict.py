"""Default deny: roles, payloads, rate and unknown events; and everything is answered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.catalogue import translate
from agent_desk.routes.guards import EVERYBODY
from agent_desk.sockets.connections import BURST, Identity
from agent_desk.sockets.events import (
    DESK_EVENTS,
    FLOOR_EVENTS,
    PULSE_EVENTS,
    ROLES_OF_NAMESPACE,
    WALLBOARD_EVENTS,
    BadPayload,
    Field,
    PageEvent,
    read_payload,
)
from tests.agent_desk.small_desk import Page, SmallDesk

ROLES = {role: f"{role}1" for role in sorted(EVERYBODY)}
EVENTS = {"/desk": DESK_EVENTS, "/floor": FLOOR_EVENTS, "/pulse": PULSE_EVENTS}
EVENTS |= {"/wallboard": WALLBOARD_EVENTS}
SAMPLES: dict[str, Any] = {"text": "x", "flag": True, "whole": 1, "number": 1.0}
SAMPLES |= {"day": "2026-11-30", "instant": "2026-11-30T10:00:00+09:00", "parts": []}
SAMPLES |= {"codes": ["contact"]}
MATRIX = [
    (namespace, event, role)
    for namespace, events in EVENTS.items()
    for event in events
    for role in ROLES
]


def payload(event: PageEvent) -> dict[str, Any]:
    """A payload in which every field is right."""
    return {name: SAMPLES[field.kind] for name, field in event.fields.items()}


def force(desk: SmallDesk, username: str, namespace: str) -> Page:
    """A socket that is admitted whatever the role: events must still be refused."""
    who = desk.person(username)
    page = Page(desk, who, namespace, sid=f"{username}{namespace}", tab="tab")
    identity = Identity(
        user_id=who.user_id,
        username=who.username,
        name=who.name,
        role=who.role,
        team_id=who.team_id,
        teams=who.teams,
        session_id=who.session_id,
        locale=who.locale,
    )
    connections = desk.server.namespaces[namespace].connections
    connections.admit(page.sid, namespace, identity=identity, tab=page.tab)
    return page


def test_the_roles_of_a_namespace_are_those_of_its_events() -> None:
    for namespace, events in EVENTS.items():
        allowed = frozenset().union(*(event.roles for event in events.values()))
        assert allowed == ROLES_OF_NAMESPACE[namespace]


@pytest.mark.parametrize(("namespace", "event", "role"), MATRIX)
def test_f33_each_event_is_for_its_roles_only(
    matrix_desk: SmallDesk, namespace: str, event: str, role: str
) -> None:
    rule = EVENTS[namespace][event]
    page = force(matrix_desk, ROLES[role], namespace)
    answer = page.ask(event, **payload(rule))
    if namespace == "/pulse":
        assert answer is None
        beats = matrix_desk.server.namespaces["/pulse"]._box.empty()
        assert (beats is not None) is (role in rule.roles)
        return
    error = answer.get("error", {}).get("id")
    assert (error == "not-allowed") is (role not in rule.roles)


@pytest.fixture(scope="module")
def matrix_desk(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One desk for the whole matrix: nothing in it is changed by a refusal."""
    folder = tmp_path_factory.mktemp("matrix")
    path = folder / "desk.db"
    path.write_bytes(sqlite_template.read_bytes())
    desk = SmallDesk(f"sqlite:///{path}", folder)
    yield desk
    desk.stop()


# --- unknown and malformed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "event", ["go_availabel", "connect_error", "opened", "__init__", "trigger_event", "", "x" * 500]
)
@pytest.mark.parametrize(("username", "namespace"), [("operator1", "/desk"), ("lead1", "/floor")])
def test_an_unknown_event_is_refused_by_name(
    small_desk: SmallDesk, username: str, namespace: str, event: str
) -> None:
    page = small_desk.page(username, namespace)
    answer = page.ask(event)
    assert answer["error"]["id"] == "unknown-event"
    assert answer["error"]["details"] == {"event": event[:40]}
    assert answer["error"]["message"] == translate("error.unknown-event", locale="ja")


def test_a_page_cannot_reach_another_namespaces_events(small_desk: SmallDesk) -> None:
    page = small_desk.page("operator1")
    assert page.refused("set_pacing", campaign_id=1, mode="ratio", ratio=2.0) == "unknown-event"


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("go_away", {}),
        ("go_away", {"reason": None}),
        ("go_away", {"reason": 7}),
        ("go_away", {"reason": "x" * 41}),
        ("go_away", {"reason": "break", "seat_id": "operator2"}),
        ("hold", {"on": "yes"}),
        ("hold", {"on": 1}),
        ("mark_status", {"call_id": "c", "code": "contact"}),
        ("set_promise", {"call_id": "c", "due_on": "30.11.2026", "amount_yen": 1}),
        ("set_promise", {"call_id": "c", "due_on": "2026-11-30", "amount_yen": 1.5}),
        ("set_promise", {"call_id": "c", "due_on": "2026-11-30", "amount_yen": True}),
        ("set_promise", {"call_id": "c", "due_on": "2026-11-30", "amount_yen": 10**12}),
        ("draft_note", {"call_id": "c", "text": "x" * 4001}),
        ("device_passed", {"level_dbfs": "loud"}),
        ("go_available", {"command_id": "short"}),
        ("go_available", {"command_id": 12345678}),
        ("go_available", {"command_id": "x" * 65}),
    ],
)
def test_a_payload_that_is_not_as_listed_is_refused(
    small_desk: SmallDesk, event: str, fields: dict[str, Any]
) -> None:
    assert small_desk.page("operator1").refused(event, **fields) == "bad-payload"


@pytest.mark.parametrize("data", [None, "text", 7, [], [{}]])
def test_a_payload_that_is_no_object_is_refused(small_desk: SmallDesk, data: object) -> None:
    page = small_desk.page("operator1")
    answer = small_desk.server.say("/desk", page.sid, "go_available", data)
    assert answer["error"]["id"] == "bad-payload"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=5,
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(kind=st.sampled_from(["text", "flag", "whole", "number", "day", "instant"]), value=JSON)
def test_a_field_is_what_its_kind_says_or_refused(kind: Any, value: object) -> None:
    event = PageEvent(frozenset({"operator"}), {"field": Field(kind, 100)})
    try:
        read = read_payload(event, {"field": value})["field"]
    except BadPayload as bad:
        assert "field" in str(bad)
        return
    if kind in ("whole", "number"):
        assert not isinstance(read, bool)
        assert abs(read) <= 100
    if kind == "text":
        assert len(read) <= 100


# --- rate, answers, errors ----------------------------------------------------------------------


def test_a_page_that_floods_is_slowed_down(small_desk: SmallDesk) -> None:
    page = small_desk.page("operator1")
    answers = [page.ask("cancel_away") for _ in range(int(BURST) * 3)]
    ids = [answer["error"]["id"] for answer in answers]
    assert ids[0] == "nothing-queued"
    assert "too-many-events" in ids
    assert ids.index("too-many-events") >= BURST


def test_a_handler_that_breaks_is_answered_all_the_same(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = small_desk.page("operator1")

    def broken(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(small_desk.desk.seats, "go_available", broken)
    assert page.refused("go_available") == "unexpected"


def test_a_refusal_speaks_the_persons_language(small_desk: SmallDesk) -> None:
    user_id = small_desk.people.users["operator1"]
    small_desk.desk.accounts.set_locale(user_id, "en")
    answer = small_desk.page("operator1").ask("hang_up")
    assert answer["error"]["message"] == translate("error.no-call", locale="en", state="starting")


def test_f17_one_command_id_has_one_effect_however_often_the_page_sends_it(
    small_desk: SmallDesk,
) -> None:
    page = small_desk.page("operator1")
    first = page.ask("go_away", reason="break", command_id="one-and-the-same")
    page.do("go_away", reason="meeting")
    again = page.ask("go_away", reason="break", command_id="one-and-the-same")
    assert first == again == {"ok": True}
    assert small_desk.seat().reason == "meeting"


def test_f17_an_id_sent_again_after_a_reconnect_is_answered_as_before(
    small_desk: SmallDesk,
) -> None:
    page = small_desk.page("operator1")
    first = page.ask("go_away", reason="break", command_id="before-the-loss")
    page.do("go_away", reason="meeting")
    page.lose()
    back = small_desk.page("operator1", who=page.who, tab=page.tab)
    again = [back.ask("go_away", reason="break", command_id="before-the-loss") for _ in range(5)]
    assert again == [first] * 5
    assert small_desk.seat().reason == "meeting"
