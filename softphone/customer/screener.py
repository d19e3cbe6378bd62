"""Puts a live leg's audio through answering-machine screening and says once what was found."""

from __future__ import annotations

from collections.abc import Callable

from softphone.audio.g711 import Codec, decode
from softphone.audio.screening import Screening
from softphone.audio.screening import Verdict as Judgement
from softphone.audio.ticker import Ticker
from softphone.protocol import Verdict
from softphone.talk.call_ports import Finding

# Between packets there are 20 ms; after three of those the trunk is sending nothing.
QUIET_AFTER_S = 0.06
# Screening decides within 6 s of audio. Should its part of the gateway break, a person must not be
# left in silence: this is "cannot be told apart".
UNDECIDED_AFTER_S = 8.0


class Screener:
    """Feeds `Screening` from arriving payloads, and with quiet while none arrive.

    `now` is the loop's time in seconds; the first instant is the answer.
    """

    def __init__(
        self,
        ticker: Ticker,
        now: Callable[[], float],
        *,
        on_voice: Callable[[], None],
        on_finding: Callable[[Finding], None],
    ) -> None:
        self._ticker = ticker
        self._now = now
        self._on_voice = on_voice
        self._on_finding = on_finding
        self._screening = Screening()
        self._started_at = self._heard_at = now()
        self._voice_told = False
        self.over = False

    def start(self) -> None:
        # A callback that fails is called no more: the one that gives up must not be the one that
        # listens, or a fault in judging would leave the customer in silence.
        self._ticker.add(self._give_up)
        self._ticker.add(self._tick)

    def stop(self) -> None:
        """Say nothing any more."""
        self.over = True
        self._ticker.remove(self._give_up)
        self._ticker.remove(self._tick)

    def hear(self, payload: bytes, codec: Codec) -> None:
        """A packet arrived."""
        if not self.over and len(payload) >= 80:
            self._heard_at = self._now()
            self._take(self._screening.feed(decode(payload, codec), self._now_ms()))

    def _tick(self, tick: int) -> None:
        if not self.over and self._now() - self._heard_at >= QUIET_AFTER_S:
            self._take(self._screening.quiet(self._now_ms()))

    def _give_up(self, tick: int) -> None:
        if self._now() - self._started_at >= UNDECIDED_AFTER_S:
            self._find(Finding(Verdict.UNCERTAIN, None, "no verdict in time"))

    def _now_ms(self) -> int:
        return round((self._now() - self._started_at) * 1000)

    def _take(self, judgement: Judgement | None) -> None:
        if self._screening.voice_started_ms is not None and not self._voice_told:
            self._voice_told = True
            self._on_voice()
        if judgement is not None:
            verdict = Verdict(judgement.kind)
            # Who cannot be told apart may not have ended yet: the time to bridge counts from now.
            known = verdict is not Verdict.UNCERTAIN
            ended_ms = judgement.greeting_end_ms if known else None
            self._find(Finding(verdict, ended_ms, judgement.reason))

    def _find(self, finding: Finding) -> None:
        self.stop()
        self._on_finding(finding)
