"""A drawing shows every move once, and no two lines or labels of one track touch."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from agent_desk.dialer.calls import CALL_MOVES
from agent_desk.dialer.seats import SEAT_MOVES
from tools.diagram import arrows_of, draw, extent, ports_of, staying, tracks


@pytest.fixture(params=[SEAT_MOVES, CALL_MOVES], ids=["seats", "calls"])
def moves(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_every_move_is_drawn_or_listed_as_staying(moves: Any) -> None:
    states = list(type(next(iter(moves.values()))))
    drawn = {
        (states[arrow.source], event): states[arrow.target]
        for arrow in arrows_of(moves, states)
        for event in arrow.label.split(", ")
    }
    for line in staying(moves, states)[1:]:
        state, _, events = line.partition(": ")
        drawn |= {
            (states[0].__class__(state), event): states[0].__class__(state)
            for event in events.split(", ")
        }
    assert drawn == dict(moves)


def test_nothing_on_one_track_touches(moves: Any) -> None:
    states = list(type(next(iter(moves.values()))))
    for forward in (True, False):
        side = [arrow for arrow in arrows_of(moves, states) if arrow.forward is forward]
        for (one, track), (other, its_track) in combinations(tracks(side).items(), 2):
            if track == its_track:
                (_, end), (start, _) = sorted((extent(one), extent(other)))
                assert end < start


def test_no_two_lines_leave_or_reach_a_state_at_one_point(moves: Any) -> None:
    states = list(type(next(iter(moves.values()))))
    ports = ports_of(arrows_of(moves, states))
    above = [x for (arrow, _), x in ports.items() if arrow.forward]
    below = [x for (arrow, _), x in ports.items() if not arrow.forward]
    assert len(set(above)) == len(above)
    assert len(set(below)) == len(below)


def test_a_drawing_names_every_state(moves: Any) -> None:
    text = draw(moves, title="x")
    for state in type(next(iter(moves.values()))):
        assert f">{state.value}</text>" in text
