"""Booths of the licence, and operators who leave while a customer is with them."""

from __future__ import annotations

import pytest

from agent_desk.dialer.floor import SeatState
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.administration import Profile
from agent_desk.services.people.booths import ON_THE_WAY
from agent_desk.store.people import accounts
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import HASHED, PASSWORD, Shift, SmallDesk
from tests.agent_desk.store import desk_rows

FIVE = [f"booth{number}" for number in range(1, 6)]


def hire(desk: SmallDesk, *usernames: str) -> None:
    with desk.desk.database.write() as session:
        team = accounts.add_team(session, "first")
        for username in usernames:
            accounts.add_user(
                session,
                username=username,
                name=username,
                role="operator",
                team_id=team,
                password_hash=HASHED,
                at=desk_rows.NOON,
            )


def test_b42_a_sixth_login_on_five_booths_is_refused(small_desk: SmallDesk) -> None:
    hire(small_desk, *FIVE)
    people = small_desk.desk.people
    people.access.set_house(password_least=12, booths=5, actor="admin1")
    pages = [small_desk.page(username) for username in FIVE]
    small_desk.settle()
    assert len(people.booths.taken()) == 5

    answer = Browser(small_desk).sign_in("operator1")
    assert answer.status_code == 403
    assert "契約の5席がすべて使用中" in answer.get_data(as_text=True)
    assert Browser(small_desk).sign_in("lead1").status_code == 303, "only operators take booths"
    again = Browser(small_desk).sign_in("booth1")
    assert again.status_code == 303, "the same person takes no second booth"

    small_desk.desk.sign_out(pages[4].who)
    assert Browser(small_desk).sign_in("operator1").status_code == 303


def test_b42_an_old_log_in_takes_no_booth_behind_the_counters_back(small_desk: SmallDesk) -> None:
    hire(small_desk, *FIVE)
    people = small_desk.desk.people
    early = small_desk.person("operator1")
    small_desk.clock.advance(ON_THE_WAY.total_seconds() + 1)
    people.access.set_house(password_least=12, booths=5, actor="admin1")
    for username in FIVE:
        small_desk.page(username)
    late = small_desk.page("operator1", who=early)
    late.follow()
    assert late.notices == ["booths-taken"]
    assert "operator1" not in small_desk.desk.commits.floor.seats


def test_f34_who_is_disabled_is_out_at_once_and_the_customer_is_served_to_the_end(
    shift: Shift,
) -> None:
    desk = shift.desk
    call_id = shift.talk()
    admin = signed_in(desk, "admin1")
    admin.post("/admin/users/operator1/disable")
    assert not shift.page.open, "the sockets are closed when the administrator's page answers"
    assert desk.call(call_id).seat_id == "operator1", "the customer is still talking"
    desk.desk.people.departures.step()
    assert desk.seat().state is SeatState.TALKING
    shift.end(call_id)
    desk.desk.people.departures.step()
    desk.settle()
    assert "operator1" not in desk.desk.commits.floor.seats
    with pytest.raises(ServiceError, match="login-failed"):
        desk.person("operator1")


def test_f34_a_revoked_log_in_and_another_role_close_the_pages(shift: Shift) -> None:
    desk = shift.desk
    admin = signed_in(desk, "admin1")
    admin.post(f"/admin/sessions/{shift.page.who.session_id}/revoke")
    assert not shift.page.open
    desk.settle()
    assert "operator1" not in desk.desk.commits.floor.seats

    page = desk.page("operator1")
    user = desk.people.users["operator1"]
    team = page.who.team_id
    desk.desk.people.administration.change(user, Profile("operator1", "lead", team), actor="admin1")
    assert not page.open
    assert desk.desk.accounts.person_by_id(user, page.who.session_id) is None
    token, who = desk.desk.accounts.sign_in("operator1", PASSWORD)
    assert (who.role, bool(token)) == ("lead", True)


def test_whoever_logs_in_again_during_the_call_keeps_the_seat(shift: Shift) -> None:
    desk = shift.desk
    call_id = shift.talk()
    signed_in(desk, "admin1").post(f"/admin/sessions/{shift.page.who.session_id}/revoke")
    page = desk.page("operator1")
    shift.end(call_id)
    desk.desk.people.departures.step()
    desk.settle()
    assert page.open
    assert "operator1" in desk.desk.commits.floor.seats


def test_the_last_administrator_stays_one(small_desk: SmallDesk) -> None:
    users = small_desk.desk.people.administration
    admin = small_desk.people.users["admin1"]
    with pytest.raises(ServiceError, match="last-admin"):
        users.change(admin, Profile("admin1", "manager", None), actor="cli")
    with pytest.raises(ServiceError, match="not-yourself"):
        users.change(admin, Profile("admin1", "manager", None), actor="admin1")
    with pytest.raises(ServiceError, match="profile-unusable"):
        users.create("somebody", Profile("誰か", "operator", None), actor="admin1")
    with pytest.raises(ServiceError, match="username-unusable"):
        users.create("some body", Profile("誰か", "manager", None), actor="admin1")
    with pytest.raises(ServiceError, match="user-exists"):
        users.create("lead1", Profile("誰か", "manager", None), actor="admin1")
