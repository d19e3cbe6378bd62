"""The floor plan: who may draw it, whose word counts, and what a restart leaves of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.users import User
from agent_desk.services.seat.floor_plans import KEPT_S, LONGEST_NAME, MOST_DESKS, MOST_ROOMS
from agent_desk.store.people import accounts
from tests.agent_desk.services.running.test_recovery import Restarts
from tests.agent_desk.small_desk import Page, SmallDesk


@pytest.fixture
def lead(small_desk: SmallDesk) -> Page:
    return small_desk.page("lead1", "/floor")


@pytest.fixture
def restarts(database_url: str, tmp_path: Any) -> Iterator[Restarts]:
    made = Restarts(database_url, tmp_path)
    yield made
    made.stop()


def make_room(lead: Page, name: str = "1F", rows: int = 3, columns: int = 4) -> int:
    """The id of a new room."""
    lead.do("make_room", name=name, rows=rows, columns=columns)
    return next(room["id"] for room in lead.follow()["rooms"].values() if room["name"] == name)


def desk_of(lead: Page, seat: str = "operator1") -> tuple[int, int, int] | None:
    place = lead.follow()["places"].get(seat)
    return None if place is None else (place["room"], place["row"], place["column"])


def audited(desk: SmallDesk, prefix: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    query = select(AuditRow).where(AuditRow.action.like(f"{prefix}%")).order_by(AuditRow.id)
    with desk.desk.database.read() as session:
        rows = session.scalars(query)
        return [(row.actor, row.action, row.subject, row.details) for row in rows]


def test_a_place_is_told_to_all_leads_of_the_scope_and_audited(
    small_desk: SmallDesk, lead: Page
) -> None:
    manager = small_desk.page("manager1", "/floor")
    other = small_desk.page("lead2", "/floor")
    room = make_room(lead)
    assert lead.do("place_seat", seat="operator1", room=room, row=2, column=3)["overruled"] is None
    assert desk_of(lead) == desk_of(manager) == (room, 2, 3)
    assert other.follow()["places"] == {}, "another team's"
    assert [each["name"] for each in other.follow()["rooms"].values()] == ["1F"]
    lead.do("unplace_seat", seat="operator1")
    assert desk_of(lead) is None
    assert audited(small_desk, "floor.room") + audited(small_desk, "seat.") == [
        ("lead1", "floor.room.made", f"room:{room}", {"rows": 3, "columns": 4}),
        (
            "lead1",
            "seat.placed",
            "seat:operator1",
            {"room": room, "row": 2, "column": 3},
        ),
        ("lead1", "seat.unplaced", "seat:operator1", {}),
    ]


def test_only_a_lead_of_the_team_says_where_an_operator_sits(
    small_desk: SmallDesk, lead: Page
) -> None:
    room = make_room(lead)
    to = {"room": room, "row": 1, "column": 1}
    other = small_desk.page("lead2", "/floor")
    for seat in ("operator1", "lead1", "nobody"):
        assert other.refused("place_seat", seat=seat, **to) == "not-in-scope"
        assert other.refused("unplace_seat", seat=seat) == "not-in-scope"
    assert small_desk.page("manager1", "/floor").refused("make_room", name="x", rows=1, columns=1)
    small_desk.page("admin1", "/floor").do("place_seat", seat="operator1", **to)
    assert desk_of(lead) == (room, 1, 1)


def test_a_desk_is_in_its_room(lead: Page) -> None:
    room = make_room(lead, rows=2, columns=2)
    for row, column in ((0, 1), (3, 1), (1, 0), (1, 3), (-1, -1)):
        refusal = lead.refused("place_seat", seat="operator1", room=room, row=row, column=column)
        assert refusal == "desk-outside-room"
    assert lead.refused("place_seat", seat="operator1", room=99, row=1, column=1) == "room-unknown"
    lead.do("place_seat", seat="operator1", room=room, row=2, column=2)
    smaller = {"room": room, "name": "1F", "rows": 1, "columns": 2}
    assert lead.refused("change_room", **smaller) == "room-too-small"
    lead.do("place_seat", seat="operator1", room=room, row=1, column=2)
    lead.do("change_room", **smaller)


def test_two_who_work_other_shifts_share_a_desk(lead: Page) -> None:
    room = make_room(lead)
    for seat in ("operator1", "operator2"):
        lead.do("place_seat", seat=seat, room=room, row=1, column=1)
    assert desk_of(lead, "operator1") == desk_of(lead, "operator2") == (room, 1, 1)


def test_the_last_word_counts_and_whoever_did_not_know_is_told(
    small_desk: SmallDesk, lead: Page
) -> None:
    admin = small_desk.page("admin1", "/floor")
    room = make_room(lead)
    lead.do("place_seat", seat="operator1", room=room, row=1, column=1)
    known = admin.follow()["places"]["operator1"]["at"]
    small_desk.clock.advance(1)
    lead.do("place_seat", seat="operator1", room=room, row=1, column=2, known=known)
    late = admin.do("place_seat", seat="operator1", room=room, row=3, column=3, known=known)
    assert late["overruled"] == small_desk.person("lead1").name
    place = lead.follow()["places"]["operator1"]
    assert (place["row"], place["by"]) == (3, "admin1")
    again = lead.do("place_seat", seat="operator1", room=room, row=1, column=1, known=place["at"])
    assert again["overruled"] is None, "the page knew"


def test_rooms_have_a_name_of_their_own_and_a_size(lead: Page) -> None:
    room = make_room(lead)
    second = make_room(lead, "2F")
    size = {"rows": 2, "columns": 2}
    assert lead.refused("make_room", name=" 1F ", **size) == "room-exists"
    assert lead.refused("change_room", room=second, name="1F", **size) == "room-exists"
    assert lead.refused("change_room", room=99, name="x", **size) == "room-unknown"
    assert lead.refused("make_room", name=" \x1b", **size) == "room-unnamed"
    assert lead.refused("make_room", name="x" * (LONGEST_NAME + 1), **size) == "room-unnamed"
    for rows, columns in ((0, 1), (1, 0), (MOST_DESKS + 1, 1), (1, MOST_DESKS + 1)):
        refusal = lead.refused("make_room", name="x", rows=rows, columns=columns)
        assert refusal == "room-size"
    lead.do("change_room", room=room, name="本社1階", rows=MOST_DESKS, columns=MOST_DESKS)
    assert lead.follow()["rooms"][str(room)]["name"] == "本社1階"


def test_there_are_so_many_rooms(lead: Page, small_desk: SmallDesk) -> None:
    for number in range(MOST_ROOMS):
        small_desk.desk.calls.floor_plans.make_room(
            str(number), height=1, width=1, by="lead1", command_id=None
        )
    assert lead.refused("make_room", name="x", rows=1, columns=1) == "too-many-rooms"


def test_a_room_goes_with_the_places_in_it_but_not_over_other_teams_heads(
    small_desk: SmallDesk, lead: Page
) -> None:
    room = make_room(lead)
    lead.do("place_seat", seat="operator1", room=room, row=1, column=1)
    assert small_desk.page("lead2", "/floor").refused("remove_room", room=room) == "not-in-scope"
    lead.do("remove_room", room=room)
    assert (lead.follow()["rooms"], lead.follow()["places"]) == ({}, {})
    assert lead.refused("remove_room", room=room) == "room-unknown"


def test_a_command_that_comes_twice_is_done_once(lead: Page) -> None:
    for _ in range(2):
        lead.do("make_room", name="1F", rows=1, columns=1, command_id="room-made-once")
    [room] = lead.follow()["rooms"].values()
    for _ in range(2):
        lead.do("remove_room", room=room["id"], command_id="room-gone-once")
    assert lead.follow()["rooms"] == {}


def test_who_changes_teams_changes_whose_plan_they_are_on(
    small_desk: SmallDesk, lead: Page
) -> None:
    other = small_desk.page("lead2", "/floor")
    room = make_room(lead)
    lead.do("place_seat", seat="operator1", room=room, row=1, column=1)
    assert other.follow()["places"] == {}
    team_id = small_desk.person("operator3").team_id
    with small_desk.desk.database.write() as session:
        who = accounts.by_username(session, "operator1")
        assert who is not None
        session.execute(update(User).where(User.id == who.id).values(team_id=team_id))
    small_desk.clock.advance(KEPT_S)
    for page in (lead, other):
        small_desk.desk.publisher.mark_floor()
        page.follow()
    assert set(other.follow()["places"]) == {"operator1"}
    assert lead.follow()["places"] == {}


def test_a_plan_outlives_the_desk(restarts: Restarts) -> None:
    lead = restarts.start().page("lead1", "/floor")
    room = make_room(lead)
    lead.do("place_seat", seat="operator1", room=room, row=2, column=3)
    assert desk_of(restarts.start().page("lead1", "/floor")) == (room, 2, 3)
