"""A message left on an answering machine, once the operator is off the line.

It begins when the machine has stopped speaking: after its greeting, or the tone behind it, there is
a second and a half of quiet. A machine that never stops is told nothing, for a message nobody can
hear is none. Whoever hangs up meanwhile has a part of it, and how much is told.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.audio.g711 import Codec
from softphone.audio.levels import mean_power
from softphone.audio.prompts import Sound
from softphone.audio.ticker import Ticker
from softphone.rtp.leg import Leg
from softphone.rtp.player import Player

QUIET_S = 1.5
GIVE_UP_S = 30.0
_VOICED = 10 ** (-42.0 / 10)  # of full scale: louder than that is speech or a tone

OnLeft = Callable[[int, bool], None]  # milliseconds that were played, and whether that is all


class LeftMessage:
    """One message to one leg. `on_left` is called once, when it is over in whatever way.

    `now` is the loop's time in seconds.
    """

    def __init__(
        self,
        sound: Sound,
        leg: Leg,
        *,
        ticker: Ticker,
        now: Callable[[], float],
        on_left: OnLeft,
    ) -> None:
        self._ticker = ticker
        self._now = now
        self._on_left: OnLeft | None = on_left
        self._player = Player(ticker, sound.frames(leg.codec), leg, on_done=self._said)
        self._begun_at = self._voiced_at = now()

    def start(self) -> None:
        """Listen for the end of the greeting."""
        self._ticker.add(self._wait)

    def hear(self, payload: bytes, codec: Codec) -> None:
        """A packet of the machine's arrived."""
        if payload and mean_power(payload, codec) > _VOICED:
            self._voiced_at = self._now()

    def stop(self) -> None:
        """The call is over; harmless when all was said."""
        self._ticker.remove(self._wait)
        self._player.stop()
        self._tell(whole=False)

    def _wait(self, tick: int) -> None:
        now = self._now()
        if now - self._voiced_at >= QUIET_S:
            self._ticker.remove(self._wait)
            self._player.start()
        elif now - self._begun_at >= GIVE_UP_S:
            self.stop()

    def _said(self) -> None:
        self._tell(whole=True)

    def _tell(self, *, whole: bool) -> None:
        if self._on_left is not None:
            on_left, self._on_left = self._on_left, None
            on_left(self._player.played_ms, whole)
