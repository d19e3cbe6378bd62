"""The gateway process against SIPp, a stack nobody here wrote: every scenario of `sipp/`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.interop.exercises import EXERCISES
from tests.interop.scenarios import FOLDER, SCENARIOS
from tests.interop.sipp_floor import Evening, play_all

pytestmark = [pytest.mark.sipp, pytest.mark.processes, pytest.mark.timeout(360)]


@pytest.fixture(scope="module")
def evening(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """All the scenarios this run asks for, played at once."""
    asked = {
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    }
    folder: Path = tmp_path_factory.mktemp("evening")
    return asyncio.run(play_all(folder, asked or EXERCISES))


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_the_peer_is_content_and_the_desk_is_told(evening: Evening, name: str) -> None:
    exercise, result = EXERCISES[name], evening.results[name]
    assert result.code == 0 and not result.fault, f"{result.fault}\n{result.log}"
    assert len(result.ended) == 1, result.events
    ended = {field: getattr(result.ended[0], field) for field in exercise.ends}
    assert ended == exercise.ends, result.events
    assert result.rings == ([] if exercise.rings is None else [exercise.rings])
    assert result.answers <= 1


def test_nothing_is_left_of_any_call(evening: Evening) -> None:
    assert set(evening.lines_in_use.values()) == {0}, evening.lines_in_use
    assert evening.journal == ""
    assert "Traceback" not in evening.log


def test_every_scenario_is_played_and_written_down() -> None:
    assert set(EXERCISES) == set(SCENARIOS) and len(SCENARIOS) >= 30
    written = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.xml")}
    stale = "run: python -m tests.interop.scenarios"
    assert written == {name: scenario.xml for name, scenario in SCENARIOS.items()}, stale
