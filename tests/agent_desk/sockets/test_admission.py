"""Who gets a socket, who loses it, and which page owns the seat."""

from __future__ import annotations

import pytest
from socketio.exceptions import ConnectionRefusedError as Refused

from agent_desk.services.people.accounts import SESSION_LENGTH
from agent_desk.sockets.events import ROLES_OF_NAMESPACE
from tests.agent_desk.small_desk import PASSWORD, Shift, SmallDesk

USERS = {"operator1": "operator", "lead1": "lead", "manager1": "manager", "admin1": "admin"}


def ticket(desk: SmallDesk, username: str, namespace: str) -> str:
    who = desk.person(username)
    return desk.desk.tickets.issue(who.user_id, who.session_id, namespace=namespace)


@pytest.mark.parametrize(
    "auth",
    [None, {}, "ticket", {"ticket": None}, {"ticket": ""}, {"ticket": "guess"}, {"ticket": ["a"]}],
)
def test_without_a_ticket_nobody_gets_in(small_desk: SmallDesk, auth: object) -> None:
    for namespace in ROLES_OF_NAMESPACE:
        with pytest.raises(Refused):
            small_desk.server.connect(namespace, "sid", auth)
    assert small_desk.server.sent == []


def test_a_ticket_opens_one_socket(small_desk: SmallDesk) -> None:
    shown = {"ticket": ticket(small_desk, "operator1", "/desk")}
    small_desk.server.connect("/desk", "first", shown)
    with pytest.raises(Refused):
        small_desk.server.connect("/desk", "second", shown)


def test_a_ticket_is_good_for_its_namespace_only(small_desk: SmallDesk) -> None:
    shown = {"ticket": ticket(small_desk, "operator1", "/pulse")}
    with pytest.raises(Refused):
        small_desk.server.connect("/desk", "sid", shown)


def test_a_ticket_that_was_kept_too_long_opens_nothing(small_desk: SmallDesk) -> None:
    shown = {"ticket": ticket(small_desk, "operator1", "/desk")}
    small_desk.clock.advance(31)
    with pytest.raises(Refused):
        small_desk.server.connect("/desk", "sid", shown)


@pytest.mark.parametrize("namespace", ROLES_OF_NAMESPACE)
@pytest.mark.parametrize("username", USERS)
def test_each_namespace_takes_its_roles(
    small_desk: SmallDesk, username: str, namespace: str
) -> None:
    shown = {"ticket": ticket(small_desk, username, namespace)}
    if USERS[username] in ROLES_OF_NAMESPACE[namespace]:
        small_desk.server.connect(namespace, "sid", shown)
    else:
        with pytest.raises(Refused):
            small_desk.server.connect(namespace, "sid", shown)


def test_a_ticket_of_an_ended_session_opens_nothing(small_desk: SmallDesk) -> None:
    who = small_desk.person("operator1")
    shown = {
        "ticket": small_desk.desk.tickets.issue(who.user_id, who.session_id, namespace="/desk")
    }
    small_desk.desk.sign_out(who)
    with pytest.raises(Refused):
        small_desk.server.connect("/desk", "sid", shown)


def test_a_socket_has_the_first_word_once_it_is_in(small_desk: SmallDesk) -> None:
    page = small_desk.page("operator1")
    assert [sent.event for sent in page.heard()] == ["snapshot"]
    assert page.follow()["seat"]["state"] == "starting"


def test_an_operator_without_a_campaign_is_told_so(small_desk: SmallDesk) -> None:
    small_desk.desk.book._facts.clear()
    page = small_desk.page("operator1")
    assert page.follow()["seat"] is None
    assert page.notices == ["no-campaign"]


# --- losing a socket ----------------------------------------------------------------------------


def test_logging_out_closes_every_socket_of_that_login(
    small_desk: SmallDesk,
) -> None:
    page = small_desk.page("operator1")
    small_desk.pulse(page)
    other = small_desk.page("lead1", "/floor")

    small_desk.desk.sign_out(page.who)

    assert {sid for _, sid in small_desk.server.closed} == {page.sid, f"{page.sid}-pulse"}
    assert other.open
    assert "operator1" not in small_desk.desk.commits.floor.seats


def test_a_disabled_person_loses_every_socket_and_the_seat(
    small_desk: SmallDesk,
) -> None:
    page = small_desk.page("operator1")
    admin = small_desk.person("admin1")

    user_id = small_desk.people.users["operator1"]
    small_desk.desk.set_enabled(user_id, "operator1", False, actor=admin)

    assert not page.open
    assert "operator1" not in small_desk.desk.commits.floor.seats
    assert page.refused("go_away", reason="break") == "signed-out"


def test_a_disabled_persons_call_goes_on_as_if_the_page_were_lost(shift: Shift) -> None:
    shift.talk()
    desk = shift.desk
    admin = desk.person("admin1")
    desk.desk.set_enabled(desk.people.users["operator1"], "operator1", False, actor=admin)
    assert not shift.page.open
    assert desk.seat().state == "talking"


def test_an_ended_session_says_nothing_more_even_on_an_old_socket(small_desk: SmallDesk) -> None:
    page = small_desk.page("operator1")
    small_desk.desk.sign_out(page.who)
    assert page.refused("go_available") == "signed-out"


def test_a_session_that_ran_out_loses_its_sockets_at_the_next_tidying(
    small_desk: SmallDesk,
) -> None:
    page = small_desk.page("operator1")
    small_desk.clock.advance(SESSION_LENGTH.total_seconds() / 2)
    other = small_desk.page("lead1", "/floor")
    small_desk.desk.routine.tidy()
    assert page.open
    small_desk.clock.advance(SESSION_LENGTH.total_seconds() / 2)
    small_desk.desk.routine.tidy()
    assert not page.open
    assert other.open


# --- one page owns the seat ---------------------------------------------------------------------


def test_a_second_tab_takes_over_and_the_first_is_told(shift: Shift) -> None:
    call_id = shift.talk()
    first = shift.page

    second = shift.desk.page("operator1", who=first.who)

    assert [sent.event for sent in first.heard()][-1] == "taken_over"
    assert not first.open
    assert first.refused("hang_up") == "signed-out"
    assert second.follow()["call"]["id"] == call_id
    assert second.follow()["seat"]["state"] == "talking"
    second.do("mark_status", call_id=call_id, code="contact", on=True)


def test_a_second_tab_of_another_login_takes_over_too(small_desk: SmallDesk) -> None:
    first = small_desk.page("operator1")
    second = small_desk.page("operator1")
    assert (first.open, second.open) == (False, True)


def test_the_first_tabs_heartbeat_counts_no_more_after_a_take_over(shift: Shift) -> None:
    first = shift.page
    second = shift.desk.page("operator1", who=first.who)
    shift.desk.clock.advance(5)
    beat = {"track_live": True, "track_unmuted": True, "hidden": False}
    shift.desk.server.say("/pulse", f"{first.sid}-pulse", "pulse", beat)
    shift.desk.tick()
    assert shift.desk.seat().link.pulse_at is None, "nobody was heard since the take-over"

    shift.desk.pulse(second)
    shift.desk.tick()
    assert shift.desk.seat().link.pulse_at == shift.desk.clock.now()


def test_a_page_that_reconnects_is_not_told_that_it_took_over_from_itself(shift: Shift) -> None:
    """The server may miss a dead socket for 15 s; news must go to the one that is alive."""
    old = shift.page
    call_id = shift.talk()

    new = shift.desk.page("operator1", who=old.who, tab=old.tab)

    assert "taken_over" not in [sent.event for sent in old.heard()]
    assert not old.open
    new.follow()
    new.do("mark_status", call_id=call_id, code="valid", on=True)
    assert new.follow()["call"]["codes"] == ["valid"]


def test_a_lead_may_watch_from_two_windows(small_desk: SmallDesk) -> None:
    first, second = (small_desk.page("lead1", "/floor") for _ in range(2))
    assert first.open
    assert second.open


def test_a_page_that_goes_away_is_forgotten(small_desk: SmallDesk) -> None:
    page = small_desk.page("operator1")
    page.lose()
    sent = len(small_desk.server.sent)
    small_desk.desk.seats.go_away("operator1", "break", command_id=None)
    small_desk.settle()
    assert len(small_desk.server.sent) == sent


def test_the_password_is_not_what_admits_a_socket(small_desk: SmallDesk) -> None:
    with pytest.raises(Refused):
        small_desk.server.connect("/desk", "sid", {"username": "operator1", "password": PASSWORD})
