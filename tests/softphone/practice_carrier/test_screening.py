"""The screening against the practice carrier's customers; benchmarks/screening.py has more."""

from __future__ import annotations

import pytest

from softphone.audio.g711 import Codec
from softphone.practice_carrier.number_plan import Kind
from tests.softphone.practice_carrier.rehearsal import numbers_of, screen

COUNT = 20


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@pytest.mark.parametrize(
    "kind",
    [Kind.HUMAN, Kind.SLOW_GREETER, Kind.ENDLESS_HUMAN, Kind.FAMILY, Kind.WRONG_NUMBER],
)
def test_people_are_taken_for_people(kind: Kind, codec: Codec) -> None:
    verdicts = [screen(number, codec=codec) for number in numbers_of(kind, COUNT)]
    humans = [verdict for verdict in verdicts if verdict and verdict.kind == "human"]
    assert len(humans) >= 0.95 * COUNT
    assert all(verdict.greeting_end_ms is not None for verdict in humans)
    assert max(verdict.at_ms for verdict in humans) < 4000


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_machines_are_taken_for_machines(codec: Codec) -> None:
    verdicts = [screen(number, codec=codec) for number in numbers_of(Kind.MACHINE, COUNT)]
    machines = [verdict for verdict in verdicts if verdict and verdict.kind == "machine"]
    assert len(machines) >= 0.95 * COUNT


def test_a_customer_who_hangs_up_at_once_gets_no_verdict() -> None:
    numbers = numbers_of(Kind.HANG_UP_AT_ONCE, COUNT)
    assert {screen(number) for number in numbers} == {None}


def test_a_line_with_noise_alone_is_silence() -> None:
    verdict = screen("09000009014")
    assert verdict is not None and verdict.kind == "silence"


def test_a_test_tone_never_passes_for_a_machine() -> None:
    verdicts = [screen(f"0900000{tail}") for tail in range(9300, 9900, 37)]
    assert "machine" not in {verdict.kind for verdict in verdicts if verdict}
