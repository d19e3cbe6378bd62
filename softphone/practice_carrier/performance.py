"""Performs a customer's script against time: pure, so tests play minutes in an instant.

The server asks for the first steps with `start`, comes back at `wake_at` with `advance`, and tells
it what is heard with `hear`. Each call returns the steps that begin now; carrying them out (SIP
answers, sounds) is the server's business, knowing when they are over is the performance's.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.practice_carrier.customers import (
    Cue,
    HangUp,
    Heard,
    Listen,
    Refuse,
    Ring,
    Say,
    Script,
    Step,
    Wait,
)
from softphone.practice_carrier.hearing import Hearing

ENDINGS = (Refuse, HangUp)


class Performance:
    """One run of a script. All instants are seconds on the caller's own steady clock."""

    def __init__(self, script: Script, *, sound_seconds: Callable[[str], float]) -> None:
        self._script = script
        self._sound_seconds = sound_seconds
        self._hearing = Hearing()
        self._step: Step | None = None
        self._quiet_since = 0.0
        self.wake_at: float | None = None  # None: only the other side can move things on
        self.over = False

    @property
    def listening(self) -> bool:
        """Whether `hear` would change anything; audio need not be decoded otherwise."""
        return isinstance(self._step, Listen)

    def start(self, now: float) -> list[Step]:
        """The steps the script begins with."""
        return self._begin(next(self._script), now)

    def advance(self, now: float) -> list[Step]:
        """What begins now that time has passed; nothing while `wake_at` is ahead."""
        if self.over or self.wake_at is None or now < self.wake_at:
            return []
        if not isinstance(self._step, Listen):
            return self._follow(Cue(now))
        until = self._step.until
        up = until is not None and now >= until
        return self._follow(Cue(now, Heard.TIME_UP if up else Heard.SILENCE))

    def hear(self, power: float, now: float) -> list[Step]:
        """Take 20 ms of the other side's audio (mean square of its samples)."""
        if self.over or not isinstance(self._step, Listen):
            return []
        if self._hearing.feed(power):
            return self._follow(Cue(now, Heard.TURN))
        if self._hearing.loud:
            self._quiet_since = now
            self.wake_at = self._patience_ends(self._step)
        return []

    def turn_to(self, script: Script, now: float) -> list[Step]:
        """Leave off whatever is being done for another script; the steps it begins with."""
        if self.over:
            return []
        self._script.close()
        self._script = script
        return self._begin(next(script), now)

    def end(self) -> None:
        """The other side hung up, or the carrier stops."""
        self.over = True
        self.wake_at = None
        self._script.close()

    def _follow(self, cue: Cue) -> list[Step]:
        try:
            return self._begin(self._script.send(cue), cue.now)
        except StopIteration:
            self.end()
            return []

    def _begin(self, step: Step, now: float) -> list[Step]:
        """Enter a step, and those after it for as long as they take no time."""
        begun = [step]
        while not self._takes_time(step, now):
            if isinstance(step, ENDINGS):
                self.end()
                break
            step = self._script.send(Cue(now))
            begun.append(step)
        self._step = step
        return begun

    def _takes_time(self, step: Step, now: float) -> bool:
        """Set when the step will be over; False when it is over at once."""
        match step:
            case Ring(seconds) | Wait(seconds):
                self.wake_at = None if seconds is None else now + seconds
            case Say(sound):
                self.wake_at = now + self._sound_seconds(sound)
            case Listen():
                self._hearing.forget()
                self._quiet_since = now
                self.wake_at = self._patience_ends(step)
            case _:
                return False
        return True

    def _patience_ends(self, step: Listen) -> float:
        restless_at = self._quiet_since + step.patience_s
        return restless_at if step.until is None else min(step.until, restless_at)
