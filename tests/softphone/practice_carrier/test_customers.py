"""The scripts, played against a clock that jumps: no sockets, no audio files, no waiting."""

from __future__ import annotations

import pytest

from softphone.practice_carrier.customers import (
    Announce,
    Answer,
    Echo,
    HangUp,
    Refuse,
    Repeat,
    Ring,
    Say,
    Step,
    script_of,
)
from softphone.practice_carrier.number_plan import HUMAN_KINDS, behaviour_of
from softphone.practice_carrier.performance import Performance

SOUND_S = 1.2
LOUD = 3000.0**2
NOISE = 30.0**2

Timeline = list[tuple[float, Step]]


class Stage:
    """Plays one number's script; `talk` speaks into it as an operator would."""

    def __init__(self, number: str) -> None:
        self.now = 100.0
        self.behaviour = behaviour_of(number)
        self.performance = Performance(
            script_of(self.behaviour), sound_seconds=lambda name: SOUND_S
        )
        self.timeline: Timeline = []
        self._note(self.performance.start(self.now))

    def run(self, until_s: float) -> Timeline:
        """Let time pass with nothing heard, to `until_s` seconds from the INVITE."""
        while not self.performance.over:
            wake_at = self.performance.wake_at
            if wake_at is None or wake_at > 100 + until_s:
                break
            self.now = max(self.now, wake_at)
            self._note(self.performance.advance(self.now))
        if not self.performance.over:
            self.now = 100 + until_s
        return self.timeline

    def talk(self, seconds: float, *, power: float = LOUD) -> None:
        """Frames of 20 ms at one level, while time passes."""
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            self._note(self.performance.hear(power, self.now))
            self._note(self.performance.advance(self.now))

    def said(self) -> list[str]:
        return [step.sound for _, step in self.timeline if isinstance(step, Say)]

    def at(self, kind: type[Step]) -> float:
        """Seconds from the INVITE to the first step of a kind."""
        return next(at for at, step in self.timeline if isinstance(step, kind)) - 100

    def _note(self, steps: list[Step]) -> None:
        self.timeline += [(self.now, step) for step in steps]


def test_a_human_rings_answers_greets_and_says_good_bye_at_the_end_of_the_talk_time() -> None:
    stage = Stage("09000009009")
    stage.run(60)
    assert stage.at(Ring) == 0
    assert stage.at(Answer) == pytest.approx(1.0)
    assert stage.at(Say) == pytest.approx(1.4)
    assert stage.said()[-1] == "a_good_bye"
    assert stage.at(HangUp) == pytest.approx(11 + SOUND_S + 0.3)
    assert stage.performance.over


def test_a_human_answers_once_the_other_side_has_spoken_and_paused() -> None:
    stage = Stage("09000009008")
    stage.run(3)
    greeted = len(stage.said())
    stage.talk(1.0)
    assert len(stage.said()) == greeted, "nobody is interrupted"
    stage.talk(0.6, power=NOISE)
    assert len(stage.said()) == greeted, "a short pause is no end of a turn"
    stage.talk(0.8, power=NOISE)
    assert len(stage.said()) == greeted + 1
    assert stage.said()[-1].split("_", 1)[1] in ("hai", "yes", "wait", "next_week", "again") or (
        stage.said()[-1] == "a_understood"
    )


def test_line_noise_alone_is_not_answered_but_silence_is_asked_about() -> None:
    stage = Stage("09000009008")
    stage.run(3)
    stage.talk(5.0, power=NOISE)
    assert len(stage.said()) == 1
    stage.talk(2.0, power=NOISE)
    assert stage.said()[1:] == ["a_hello"]


def test_a_human_is_patient_while_the_other_side_goes_on_speaking() -> None:
    stage = Stage("09000009008")
    stage.run(3)
    stage.talk(30.0)
    assert len(stage.said()) == 1


def test_a_human_does_not_give_the_same_reply_twice_running() -> None:
    stage = Stage("09000009008")
    stage.run(3)
    for _ in range(12):
        stage.talk(0.5)
        stage.talk(3.0, power=NOISE)
    replies = stage.said()[1:]
    assert len(replies) >= 12
    assert all(first != second for first, second in zip(replies, replies[1:], strict=False))


def test_two_calls_to_a_number_sound_alike() -> None:
    first, second = Stage("09000001200"), Stage("09000001200")
    assert first.run(200) == second.run(200)


def test_an_endless_human_never_hangs_up() -> None:
    stage = Stage("09000009008")
    stage.run(3600)
    assert not stage.performance.over
    assert not any(isinstance(step, HangUp) for _, step in stage.timeline)


@pytest.mark.parametrize(
    ("number", "opening", "next_words"),
    [
        ("09000009010", "a_moshimoshi", "a_away"),
        ("09000009011", "a_yamada", "a_not_me"),
        ("09000009012", "office_", "office_transfer"),
    ],
)
def test_third_parties_say_who_they_are(number: str, opening: str, next_words: str) -> None:
    stage = Stage(number)
    stage.run(4)
    stage.talk(0.5)
    stage.talk(2.0, power=NOISE)
    assert stage.said()[0].startswith(opening)
    assert stage.said()[1] == next_words


def test_a_slow_greeter_takes_its_time() -> None:
    stage = Stage("09000009013")
    stage.run(20)
    assert stage.at(Say) - stage.at(Answer) == pytest.approx(1.8)


def test_a_machine_greets_beeps_and_stops_when_its_tape_ends() -> None:
    stage = Stage("09000009006")
    stage.run(120)
    greeting, beep = stage.said()
    assert greeting.startswith("machine_")
    assert beep == "beep"
    assert stage.at(HangUp) - stage.at(Answer) == pytest.approx(60)


def test_a_hang_up_at_once_says_nothing() -> None:
    stage = Stage("09000009005")
    stage.run(10)
    assert stage.said() == []
    assert stage.at(HangUp) - stage.at(Answer) < 2


def test_an_unanswered_number_rings_longer_than_any_caller_may() -> None:
    stage = Stage("09000009000")
    stage.run(3600)
    assert [step for _, step in stage.timeline] == [Ring(170.0), Refuse(480)]


def test_a_busy_number_does_not_ring() -> None:
    stage = Stage("09000009001")
    stage.run(5)
    assert not any(isinstance(step, Ring) for _, step in stage.timeline)
    assert stage.timeline[-1][1] == Refuse(486)


def test_a_rejecting_customer_rings_first() -> None:
    stage = Stage("09000009002")
    stage.run(5)
    assert [step for _, step in stage.timeline] == [Ring(1.0), Refuse(603)]


def test_a_number_not_in_use_may_say_so_before_the_answer() -> None:
    stage = Stage("09000009004")
    stage.run(30)
    order = [type(step) for _, step in stage.timeline if isinstance(step, Announce | Say | Refuse)]
    assert order == [Announce, Say, Refuse]
    assert not any(isinstance(step, Answer) for _, step in stage.timeline)


def test_a_tone_starts_with_the_answer_and_ends_when_its_digits_say() -> None:
    stage = Stage("09000009210")
    stage.run(30)
    assert stage.at(Repeat) == stage.at(Answer) == 0
    assert stage.at(HangUp) == 10
    assert Stage("09000009440").run(3600)[-1][1] != HangUp()


def test_an_echo_starts_with_the_answer() -> None:
    stage = Stage("09000009007")
    assert Echo() in [step for _, step in stage.run(100)]


@pytest.mark.parametrize("tail", [f"{n:02d}" for n in range(100)])
def test_every_number_of_the_mix_plays_to_its_end(tail: str) -> None:
    stage = Stage(f"090001234{tail}")
    stage.run(400)
    if stage.behaviour.kind in HUMAN_KINDS:
        assert stage.said(), "a human says something"
    ended = isinstance(stage.timeline[-1][1], Refuse | HangUp)
    assert ended == stage.performance.over


def test_ending_a_performance_stops_it_for_good() -> None:
    stage = Stage("09000009009")
    stage.run(3)
    stage.performance.end()
    before = len(stage.timeline)
    stage.run(100)
    stage.talk(5)
    assert stage.performance.over
    assert len(stage.timeline) == before
