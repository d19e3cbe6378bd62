"""A customer who is asked for a score: hears the notes before the question, thinks, and presses."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from softphone.audio.g711 import FRAME_SAMPLES, Codec, encode
from softphone.audio.hold_music import hold_music
from softphone.audio.prompts import SOUND_DIRECTORY
from softphone.audio.sound_files import read_sound
from softphone.audio.tones import check_tone, notice_tone, special_information, tone, zip_tone
from softphone.audio.wav import to_pcm16
from softphone.practice_carrier import customers
from softphone.practice_carrier.customers import Press, Wait, asked_of, key_of, script_of
from softphone.practice_carrier.hearing import ChimeEar
from softphone.practice_carrier.number_plan import behaviour_of
from softphone.practice_carrier.performance import Performance

QUESTION = SOUND_DIRECTORY / "messages" / "survey_question.wav"
VOICES = Path(customers.__file__).parent / "sounds"
LAWS: tuple[Codec, ...] = ("PCMU", "PCMA")


def heard(samples: np.ndarray, codec: Codec = "PCMU", *, skip: int = 0) -> bool:
    """Whether somebody who listens to this from the `skip`th sample on hears a question coming."""
    ear = ChimeEar()
    octets = encode(to_pcm16(samples[skip:]), codec)
    whole = range(0, len(octets) - FRAME_SAMPLES, FRAME_SAMPLES)
    return any(ear.hear(octets[at : at + FRAME_SAMPLES], codec) for at in whole)


@pytest.mark.parametrize("codec", LAWS)
@pytest.mark.parametrize("skip", [0, 37, 111])
@pytest.mark.parametrize("gain", [1.0, 0.25])
def test_the_notes_are_heard_however_they_fall_into_packets(
    codec: Codec, skip: int, gain: float
) -> None:
    question = gain * read_sound(QUESTION)
    assert heard(np.concatenate([np.zeros(160), question]), codec, skip=skip)


def test_nothing_else_that_is_played_or_said_is_taken_for_them() -> None:
    files = [each for each in SOUND_DIRECTORY.rglob("*.wav") if each != QUESTION]
    files += sorted(VOICES.glob("*.wav"))
    assert [file.name for file in files if heard(read_sound(file))] == []
    tones = (check_tone(), notice_tone(), special_information(), zip_tone(), hold_music())
    assert not any(heard(each) for each in tones)
    assert not heard(np.concatenate([tone(1397, 2_000), tone(440, 2_000)]))
    assert not heard(tone(1047, 2_000))


def test_a_customer_leaves_off_what_they_say_thinks_and_presses() -> None:
    behaviour = next(
        found
        for n in range(20, 28)
        if key_of(found := behaviour_of(f"09000009{n:03d}")) in set("12345")
    )
    performance = Performance(script_of(behaviour), sound_seconds=lambda name: 1.0)
    performance.start(0.0)
    performance.advance(performance.wake_at or 0.0)
    now = 100.0
    [thinks] = performance.turn_to(asked_of(behaviour), now)
    assert isinstance(thinks, Wait) and thinks.seconds is not None
    assert performance.advance(now + thinks.seconds - 0.01) == []
    pressed, waits = performance.advance(now + thinks.seconds + 0.01)
    assert pressed == Press(key_of(behaviour))
    assert waits == Wait(None), "until the other side hangs up"


def test_nobody_is_asked_after_they_hung_up() -> None:
    behaviour = behaviour_of("09000009020")
    performance = Performance(script_of(behaviour), sound_seconds=lambda name: 1.0)
    performance.start(0.0)
    performance.end()
    assert performance.turn_to(asked_of(behaviour), 1.0) == []


def test_most_are_satisfied_some_say_nothing_and_each_says_the_same_again() -> None:
    numbers = [f"0900{n:07d}" for n in range(400)]
    keys = [key_of(behaviour_of(number)) for number in numbers]
    assert keys == [key_of(behaviour_of(number)) for number in numbers]
    counted = Counter(keys)
    assert set(counted) == set(customers.SCORE_KEYS)
    assert counted["5"] + counted["4"] > 200
