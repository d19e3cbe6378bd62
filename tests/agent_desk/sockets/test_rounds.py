"""One look for all who look, and one encoding for all who are told the same."""

from __future__ import annotations

import orjson
import pytest

from agent_desk.server import Json
from agent_desk.sockets.encoded_once import EncodedOnce
from agent_desk.sockets.rounds import Round
from agent_desk.sockets.tiles import Tiles
from tests.agent_desk.small_desk import Shift, SmallDesk


def test_a_row_is_made_once_in_a_round() -> None:
    made: list[int] = []
    this = Round()
    for _ in range(3):
        this.row("a", lambda: {"made": made.append(1)})
    assert made == [1]


def test_a_row_that_says_the_same_is_the_same_object_in_the_next_round() -> None:
    first = Round()
    rows = [first.row(name, lambda: {"state": "away"}) for name in "ab"]
    second = Round(first)
    assert second.row("a", lambda: {"state": "away"}) is rows[0]
    assert second.row("b", lambda: {"state": "talking"}) == {"state": "talking"}
    third = Round(second)
    assert third.row("b", lambda: {"state": "away"}) == {"state": "away"}


def test_leads_of_several_scopes_have_each_tile_made_once(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = small_desk.page("operator1")
    leads = [small_desk.page(name, "/floor") for name in ("lead1", "manager1")]
    for lead in leads:
        lead.follow()
    asked: list[str] = []
    make = Tiles._make

    def counted(tiles: Tiles, seat, *rest):  # type: ignore[no-untyped-def]
        asked.append(seat.seat_id)
        return make(tiles, seat, *rest)

    monkeypatch.setattr(Tiles, "_make", counted)
    page.do("go_away", reason="break")
    small_desk.desk.publisher.flush_floor()

    assert asked == ["operator1"]
    assert {lead.follow()["seats"]["operator1"]["reason"] for lead in leads} == {"break"}


def test_what_goes_to_many_is_encoded_once_and_reads_as_before() -> None:
    told = {"seats": {"a": {"name": "山田"}, "b": None}}
    shared = EncodedOnce(told)
    assert (dict(shared), len(shared), shared == told) == (told, 1, True)
    first = Json.dumps(["update", {"seq": 1, "changes": shared}])
    told["seats"]["a"] = {"name": "changed afterwards"}
    second = Json.dumps(["update", {"seq": 2, "changes": shared}])
    assert orjson.loads(first)[1]["changes"]["seats"]["a"] == {"name": "山田"}
    assert orjson.loads(second)[1] == {**orjson.loads(first)[1], "seq": 2}


def test_what_has_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        Json.dumps({"seats": object()})


def test_a_lead_who_came_late_is_told_the_same_as_the_others(shift: Shift) -> None:
    first = shift.desk.page("manager1", "/floor")
    first.follow()
    shift.page.do("go_away", reason="break")
    late = shift.desk.page("lead1", "/floor")
    shift.page.do("go_away", reason="meeting")
    shift.desk.desk.publisher.flush_floor()
    assert first.follow()["seats"] == late.follow()["seats"]
