"""What a customer alone on the line is asked, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from softphone.audio.prompts import Sound

Outcome = Literal["answered", "silent", "wrong_key", "hung_up"]


@dataclass(frozen=True)
class Asked:
    """`keys` are answers, `wait_s` counts from the end of the question, `tries` how often it is
    played at most."""

    sound: Sound
    keys: str
    wait_s: float
    tries: int


@dataclass(frozen=True)
class Answer:
    """`key` is "" without one; `tries`: how often the question was played, or begun."""

    key: str
    outcome: Outcome
    tries: int


OnAnswer = Callable[[Answer], None]
OnKey = Callable[[str], None]
