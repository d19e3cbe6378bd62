"""The number plan: the table of a hundred cells, the mix it gives, and what decides."""

from __future__ import annotations

from collections import Counter

import pytest

from softphone.practice_carrier.number_plan import (
    HUMAN_KINDS,
    LONGEST_TALK_S,
    VOICE_COUNT,
    Behaviour,
    Kind,
    behaviour_of,
)

MIX = {
    Kind.HUMAN: 34,
    Kind.FAMILY: 4,
    Kind.WRONG_NUMBER: 2,
    Kind.OFFICE: 2,
    Kind.SLOW_GREETER: 2,
    Kind.ENDLESS_HUMAN: 1,
    Kind.NO_ANSWER: 28,
    Kind.CALLS_BACK: 2,
    Kind.BUSY: 8,
    Kind.MACHINE: 7,
    Kind.NOT_IN_USE: 2,
    Kind.NOT_IN_USE_ANNOUNCED: 2,
    Kind.REJECTED: 3,
    Kind.HANG_UP_AT_ONCE: 3,
}


def hundred(start: int = 0) -> list[Behaviour]:
    return [behaviour_of(f"0900{start + n:07d}") for n in range(100)]


def test_a_hundred_consecutive_numbers_hold_the_documented_mix() -> None:
    assert Counter(made.kind for made in hundred()) == MIX
    assert sum(MIX.values()) == 100
    assert sum(MIX[kind] for kind in HUMAN_KINDS) == 45


@pytest.mark.parametrize("start", range(0, 100, 7))
def test_ten_neighbours_already_hold_a_mix(start: int) -> None:
    kinds = [made.kind for made in hundred(1_230_000 + start)[:10]]
    humans = sum(kind in HUMAN_KINDS for kind in kinds)
    unanswered = kinds.count(Kind.NO_ANSWER) + kinds.count(Kind.CALLS_BACK)
    assert 4 <= humans <= 6
    assert 2 <= unanswered <= 4
    assert 10 - humans - unanswered >= 2


def test_only_the_last_two_digits_choose_the_kind() -> None:
    for tail in range(100):
        kinds = {behaviour_of(f"0900{head:05d}{tail:02d}").kind for head in (0, 123, 45678, 99989)}
        assert len(kinds) == 1


def test_a_number_behaves_the_same_on_every_attempt_and_in_every_spelling() -> None:
    made = behaviour_of("09001234500", seed=7)
    for spelling in ("+819001234500", "819001234500", "090-0123-4500", "+81 90 0123 4500"):
        assert behaviour_of(spelling, seed=7) == made
    # Drawn values are fixed for good, not only within a process.
    assert behaviour_of("09001234500") == behaviour_of("09001234500")
    assert round(behaviour_of("09001234500").ring_s, 6) == 6.971648


def test_another_seed_draws_other_people_of_the_same_kind() -> None:
    first, second = behaviour_of("09001234500", seed=1), behaviour_of("09001234500", seed=2)
    assert first.kind is second.kind
    assert (first.ring_s, first.talk_s) != (second.ring_s, second.talk_s)


def test_humans_draw_all_voices_and_stay_within_the_documented_times() -> None:
    people = [made for head in range(20) for made in hundred(head * 100)]
    people = [made for made in people if made.kind in HUMAN_KINDS]
    assert {made.voice for made in people} == set(range(VOICE_COUNT))
    for made in people:
        assert 2 <= made.ring_s <= 12
        assert 0.2 <= made.silence_s <= 2.0
        if made.kind is Kind.ENDLESS_HUMAN:
            assert made.talk_s is None
        else:
            assert made.talk_s is not None and 20 <= made.talk_s <= LONGEST_TALK_S


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.NO_ANSWER, 480),
        (Kind.BUSY, 486),
        (Kind.REJECTED, 603),
        (Kind.NOT_IN_USE, 404),
        (Kind.NOT_IN_USE_ANNOUNCED, 404),
    ],
)
def test_a_refusal_has_its_sip_code(kind: Kind, code: int) -> None:
    assert {made.code for made in hundred() if made.kind is kind} == {code}


@pytest.mark.parametrize(
    "number", ["+819012345678", "09112345678", "0312345678", "110", "+14155550100", "090012345678"]
)
def test_a_number_that_could_be_somebodys_is_refused_403(number: str) -> None:
    made = behaviour_of(number)
    assert (made.kind, made.code) == (Kind.REFUSED, 403)


@pytest.mark.parametrize("number", ["", "alice", "0900123456x", "12", "+", "9" * 16])
def test_what_is_no_number_is_refused_404(number: str) -> None:
    made = behaviour_of(number)
    assert (made.kind, made.code) == (Kind.REFUSED, 404)


@pytest.mark.parametrize(
    ("tail", "tone_hz", "ring_s", "talk_s"),
    [
        ("9440", 440, 0.0, None),
        ("9300", 300, 0.0, None),
        ("9899", 899, 0.0, None),
        ("9103", 440, 3.0, None),
        ("9210", 440, 0.0, 10.0),
    ],
)
def test_tone_numbers_answer_and_last_as_their_digits_say(
    tail: str, tone_hz: int, ring_s: float, talk_s: float | None
) -> None:
    made = behaviour_of(f"+81900123{tail}")
    assert made.kind is Kind.TONE
    assert (made.tone_hz, made.ring_s, made.talk_s) == (tone_hz, ring_s, talk_s)


def test_the_test_block_holds_every_kind_at_fixed_instants() -> None:
    block = [behaviour_of(f"0900000{n}") for n in range(9000, 10000)]
    assert {made.kind for made in block} == set(Kind)
    for made in block:
        assert made.ring_s * 10 == int(made.ring_s * 10)
        other = behaviour_of(made.number, seed=99)
        assert (other.kind, other.ring_s, other.talk_s) == (made.kind, made.ring_s, made.talk_s)


def test_each_voice_has_a_number_of_its_own() -> None:
    people = [behaviour_of(f"09000009{20 + n:03d}") for n in range(VOICE_COUNT)]
    assert [made.voice for made in people] == list(range(VOICE_COUNT))
    assert {made.kind for made in people} == {Kind.ENDLESS_HUMAN}


def test_ringing_then_busy_lasts_as_long_as_its_last_digits_say() -> None:
    made = behaviour_of("09000009905")
    assert (made.kind, made.ring_s, made.code) == (Kind.REFUSED, 5.0, 486)
