"""A question played to a customer, and the key it is answered by.

Whoever knows the question presses at once, so an answer counts from its first word on, and ends it.
A key that is no answer is an answer meant otherwise: the question is played once more. Silence is
an answer too: nobody is asked twice who says nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.audio.ticker import Ticker
from softphone.rtp.leg import Leg
from softphone.rtp.player import Player
from softphone.talk.asking import Answer, Asked, OnAnswer, Outcome


class Question:
    """One question to one leg. `on_answer` is called once, when it is over in whatever way.

    `now` is the loop's time in seconds.
    """

    def __init__(
        self,
        asked: Asked,
        leg: Leg,
        *,
        ticker: Ticker,
        now: Callable[[], float],
        on_answer: OnAnswer,
    ) -> None:
        self._asked = asked
        self._leg = leg
        self._ticker = ticker
        self._now = now
        self._on_answer: OnAnswer | None = on_answer
        self._player: Player | None = None
        self._tries = 0
        self._heard_at = 0.0

    def start(self) -> None:
        """Play it from its beginning."""
        self._tries += 1
        frames = self._asked.sound.frames(self._leg.codec)
        self._player = Player(self._ticker, frames, self._leg, on_done=self._heard)
        self._player.start()

    def press(self, key: str) -> None:
        """The customer pressed a key; harmless when all is over."""
        if self._on_answer is None:
            return
        if key in self._asked.keys:
            self._end("answered", key)
        elif self._tries >= self._asked.tries:
            self._end("wrong_key")
        else:
            self._fall_silent()
            self.start()

    def stop(self) -> None:
        """The call is over; harmless when an answer is there."""
        self._end("hung_up")

    def _heard(self) -> None:
        self._heard_at = self._now()
        self._ticker.add(self._wait)

    def _wait(self, tick: int) -> None:
        if self._now() - self._heard_at >= self._asked.wait_s:
            self._end("silent" if self._tries == 1 else "wrong_key")

    def _fall_silent(self) -> None:
        self._ticker.remove(self._wait)
        if self._player is not None:
            self._player.stop()

    def _end(self, outcome: Outcome, key: str = "") -> None:
        self._fall_silent()
        if self._on_answer is not None:
            on_answer, self._on_answer = self._on_answer, None
            on_answer(Answer(key, outcome, self._tries))
