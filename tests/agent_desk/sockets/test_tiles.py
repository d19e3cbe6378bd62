"""A tile is made when something it shows is another, and never shows what is over."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from agent_desk.dialer.floor import Seat
from agent_desk.dialer.ids import SeatId
from agent_desk.sockets.floor_view import masked
from agent_desk.sockets.rounds import Round
from agent_desk.sockets.tiles import Tiles, of_teams
from tests.agent_desk.small_desk import Page, Shift


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Seats whose tile was made, in order."""
    found: list[str] = []
    make = Tiles._make

    def counted(tiles: Tiles, seat: Seat, *rest):  # type: ignore[no-untyped-def]
        found.append(seat.seat_id)
        return make(tiles, seat, *rest)

    monkeypatch.setattr(Tiles, "_make", counted)
    yield found


def lead_of(shift: Shift) -> Page:
    return shift.desk.page("lead1", "/floor")


def test_the_tiles_of_those_who_did_not_move_are_left_alone(shift: Shift, made: list[str]) -> None:
    second = shift.desk.page("operator2")
    lead = lead_of(shift)
    lead.follow()
    made.clear()
    shift.page.do("raise_hand", reason="help")
    assert lead.follow()["seats"]["operator1"]["hand"]["reason"] == "help"
    assert set(made) == {"operator1"}
    made.clear()
    second.do("raise_hand", reason="system")
    lead.follow()
    assert set(made) == {"operator2"}


def test_beats_of_pages_make_no_tile(shift: Shift, made: list[str]) -> None:
    lead = lead_of(shift)
    shift.alive()
    lead.follow()
    made.clear()
    for _ in range(3):
        shift.alive()
        shift.desk.desk.routine.count()
        lead.follow()
    assert made == []


def test_the_customer_is_masked_by_the_desk_and_gone_with_the_call(shift: Shift) -> None:
    lead = lead_of(shift)
    assert lead.follow()["seats"]["operator1"]["customer"] is None
    call_id = shift.talk()
    record = shift.page.follow()["record"]["customer"]
    shown = lead.follow()["seats"]["operator1"]["customer"]
    assert shown["name"] == f"{record['name'][0]}••"
    assert shown["number"] in ("", f"••{record['phone_masked'][-2:]}")
    shift.end(call_id)
    assert lead.follow()["seats"]["operator1"]["state"] == "wrap_up"
    assert lead.follow()["seats"]["operator1"]["customer"] is None
    sent = str([each.data for each in lead.heard()])
    assert record["name"] not in sent
    assert record["phone_masked"][-4:] not in sent or "•" in record["phone_masked"][-4:]


@pytest.mark.parametrize(
    ("name", "number", "shown"),
    [
        ("山田 太郎", "090-••••-1278", {"name": "山••", "number": "••78"}),
        ("山田 太郎", "090-••••-••••", {"name": "山••", "number": ""}),
        ("", "••••••34", {"name": "", "number": "••34"}),
        ("", "", {"name": "", "number": ""}),
    ],
)
def test_an_initial_and_two_digits_are_all(name: str, number: str, shown: dict[str, str]) -> None:
    assert masked({"customer": {"name": name, "phone_masked": number}}) == shown


def test_a_change_while_tiles_are_looked_at_is_seen_with_the_next_look(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting valid calls reads the database; a commit may come in between."""
    tiles = shift.desk.desk.publisher._states.tiles
    counted = shift.desk.desk.calls.own_valid_calls
    codes_of = type(counted).codes_of
    lead = lead_of(shift)
    lead.follow()

    def slow(self, figures):  # type: ignore[no-untyped-def]
        monkeypatch.undo()
        shift.desk.desk.seats.go_away(SeatId("operator1"), "break", command_id=None)
        return codes_of(self, figures)

    monkeypatch.setattr(type(counted), "codes_of", slow)
    tiles.now()
    assert tiles.now()["operator1"]["reason"] == "break"


def test_who_a_campaign_is_named_after_is_seen_by_all_its_seats(
    shift: Shift, made: list[str]
) -> None:
    lead = lead_of(shift)
    lead.follow()
    made.clear()
    lead.do("set_campaign_running", campaign_id=shift.desk.campaign_id, running="paused")
    lead.follow()
    assert "operator1" in made


def test_a_lead_is_sent_the_tiles_of_his_teams_and_no_others() -> None:
    team_of = {"a": 1, "b": 2, "c": 1, "d": 3, "free": None}
    seats = {seat_id: SimpleNamespace(team_id=team_id) for seat_id, team_id in team_of.items()}
    floor: Any = SimpleNamespace(seats=seats)
    tiles = {seat_id: {"seat_id": seat_id} for seat_id in (*team_of, "gone")}
    this_round = Round()

    def seen(*teams: int) -> set[str]:
        found = of_teams(this_round, tiles, floor, frozenset(teams))
        assert all(tile is tiles[seat_id] for seat_id, tile in found.items())
        return set(found)

    assert seen(1) == {"a", "c"}
    assert seen(2, 3) == {"b", "d"}
    assert seen(1, 2, 3) == {"a", "b", "c", "d"}
    assert seen(4) == seen() == set()
    assert seen(1) == {"a", "c"}, "what one lead is sent is not written into by another's"
