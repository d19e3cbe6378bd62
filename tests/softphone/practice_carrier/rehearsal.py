"""A call without a network: what a silent caller would hear of a number from the answer on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softphone.audio.g711 import Codec, decode
from softphone.audio.screening import Screening, Verdict
from softphone.practice_carrier.customers import Answer, Repeat, Say, Step, script_of
from softphone.practice_carrier.number_plan import Behaviour, Kind, behaviour_of
from softphone.practice_carrier.performance import Performance
from softphone.practice_carrier.voices import NOISE, load_repertoire

FRAME_S = 0.02


def frames_heard(behaviour: Behaviour, *, codec: Codec, seconds: float) -> Iterator[np.ndarray]:
    """Frames of linear samples as they come out of the codec; they stop when the customer does."""
    repertoire = load_repertoire()
    performance = Performance(script_of(behaviour), sound_seconds=repertoire.seconds)
    noise = repertoire.sound(NOISE).frames(codec)
    playing: list[bytes] = []
    now, answered_at = 0.0, None
    steps: list[Step] = performance.start(now)
    while not performance.over and (answered_at is None or now - answered_at < seconds):
        for step in steps:
            if isinstance(step, Answer):
                answered_at = now
            elif isinstance(step, Say):
                playing = list(repertoire.sound(step.sound).frames(codec))
            elif isinstance(step, Repeat):
                playing = list(repertoire.sound(step.sound).frames(codec)) * 60
        if answered_at is not None:
            tick = round(now / FRAME_S) + behaviour.draw
            yield decode(playing.pop(0) if playing else noise[tick % len(noise)], codec)
        now += FRAME_S
        steps = performance.advance(now)


def screen(number: str, *, seed: int = 0, codec: Codec = "PCMU") -> Verdict | None:
    """The screening's verdict on a number; None when it hung up before there was one."""
    screening = Screening()
    heard = frames_heard(behaviour_of(number, seed=seed), codec=codec, seconds=10)
    for index, frame in enumerate(heard, start=1):
        verdict = screening.feed(frame, 20 * index)
        if verdict is not None:
            return verdict
    return None


def numbers_of(kind: Kind, count: int) -> list[str]:
    """The first demo numbers with a customer of a kind."""
    found: list[str] = []
    candidate = 0
    while len(found) < count:
        number = f"0900{candidate:07d}"
        candidate += 1
        if number[-4] != "9" and behaviour_of(number).kind is kind:
            found.append(number)
    return found
