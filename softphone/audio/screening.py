"""Answering-machine screening: who or what picked up, from the first seconds of audio. Pure.

People answer with a word or two and wait; machines talk on. So the rules are durations of voice
and of silence, against a noise floor that follows the line, and tones are taken out first. Voice
is energy well above the floor: a line is never silent, and a detector tuned on clean recordings
takes plain line noise for speech. Whoever cannot be told apart is `uncertain`, to be treated as a
person: hanging up on one is worse than bridging a machine.

Limits by construction: a person who answers with more than 1.8 s of speech in one go (a company's
greeting) looks like a machine, and a machine that pauses early looks like a person. Lists of
companies are therefore screened in "watch" mode, where the verdict only marks the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softphone.audio.tone_patterns import TonePatterns, pure_tone_hz
from softphone.audio.tones import level_dbfs

Kind = Literal["human", "machine", "announcement", "tone", "silence", "uncertain"]

# A word is at least so much voice without a break; clicks and crackle are shorter.
_WORD_MS = 80
# Voice stands out of the noise by this much.
_ABOVE_FLOOR_DB = 9.0
_FLOOR_START_DBFS = -45.0
_FLOOR_RISE_DB_PER_S = 2.5
# Below this a frame is not worth the search for a tone.
_TONE_FLOOR_DBFS = -45.0


@dataclass(frozen=True)
class ScreeningRules:
    """Thresholds in milliseconds and dBFS; the defaults are for Japanese private lines."""

    initial_silence_ms: int = 2500
    greeting_ms: int = 1800
    end_silence_ms: int = 700
    long_voice_ms: int = 1000
    long_end_silence_ms: int = 1000
    total_ms: int = 6000
    voice_dbfs: float = -46.0


@dataclass(frozen=True)
class Verdict:
    """Who answered. Instants are the caller's milliseconds.

    `greeting_end_ms` is when the voice ended; None if it was still talking or never heard.
    """

    kind: Kind
    at_ms: int
    greeting_end_ms: int | None
    voice_ms: int
    reason: str


class Screening:
    """Judges one call. Give it each frame, and `quiet` while none arrives; it answers once."""

    def __init__(self, rules: ScreeningRules | None = None) -> None:
        self._rules = rules or ScreeningRules()
        self._tones = TonePatterns()
        self.verdict: Verdict | None = None
        self.voice_started_ms: int | None = None
        self._started_ms: int | None = None
        self._floor_dbfs = _FLOOR_START_DBFS
        self._run_ms = 0
        self._voice_ms = 0
        self._voice_end_ms = 0

    def feed(self, frame_pcm16: NDArray[np.int16], now_ms: int) -> Verdict | None:
        """Judge a frame of linear samples (160 of them, not fewer than 80) that ended at `now_ms`.

        Returns the verdict on the frame that decides, and None before and after.
        """
        if self.verdict is not None:
            return None
        frame_ms = frame_pcm16.size // 8
        if self._started_ms is None:
            self._started_ms = now_ms - frame_ms
        level = level_dbfs(frame_pcm16)
        hz = pure_tone_hz(frame_pcm16) if level > _TONE_FLOOR_DBFS else None
        pattern = self._tones.hear(hz, now_ms, frame_ms)
        if pattern is not None:
            return self._judge_tone(pattern, now_ms)
        self._follow_voice(level, now_ms, frame_ms)
        return self._judge(now_ms)

    def quiet(self, now_ms: int) -> Verdict | None:
        """Time passed without a frame: some trunks send nothing while nobody speaks."""
        if self.verdict is not None:
            return None
        if self._started_ms is None:
            self._started_ms = now_ms
        self._tones.hear(None, now_ms, 0)
        self._run_ms = 0
        return self._judge(now_ms)

    def _follow_voice(self, level: float, now_ms: int, frame_ms: int) -> None:
        if level < self._floor_dbfs:
            self._floor_dbfs = level
        else:
            rise = _FLOOR_RISE_DB_PER_S * frame_ms / 1000
            self._floor_dbfs = min(self._floor_dbfs + rise, _FLOOR_START_DBFS)
        loud = level > max(self._rules.voice_dbfs, self._floor_dbfs + _ABOVE_FLOOR_DB)
        if not loud or self._tones.sounding:
            self._run_ms = 0
            return
        self._run_ms += frame_ms
        if self._run_ms < _WORD_MS:
            return
        # The frames that made it a word count too, once it is one.
        self._voice_ms += self._run_ms if self._run_ms < _WORD_MS + frame_ms else frame_ms
        self._voice_end_ms = now_ms
        if self.voice_started_ms is None:
            self.voice_started_ms = now_ms - self._run_ms

    def _judge(self, now_ms: int) -> Verdict | None:
        assert self._started_ms is not None
        rules = self._rules
        elapsed = now_ms - self._started_ms
        if self.voice_started_ms is None:
            heard_ms = self._tones.last_end_ms or self._started_ms
            if now_ms - heard_ms >= rules.initial_silence_ms:
                return self._end("silence", now_ms, f"no voice for {elapsed} ms")
        else:
            if self._tones.beep(self.voice_started_ms) is not None:
                return self._end("machine", now_ms, "a beep after the voice")
            if self._voice_ms >= rules.greeting_ms:
                return self._end("machine", now_ms, f"{self._voice_ms} ms of voice")
            silent = now_ms - self._voice_end_ms
            # After a sentence a machine draws breath; a person who said that much can wait.
            long = self._voice_ms >= rules.long_voice_ms
            enough = rules.long_end_silence_ms if long else rules.end_silence_ms
            if silent >= enough and not self._tones.sounding:
                reason = f"{self._voice_ms} ms of voice, then {silent} ms of silence"
                return self._end("human", now_ms, reason)
        if elapsed >= rules.total_ms:
            if self.voice_started_ms is None and self._tones.ringing:
                return self._end("tone", now_ms, "ringing")
            return self._end("uncertain", now_ms, f"undecided after {elapsed} ms")
        return None

    def _judge_tone(self, pattern: str, now_ms: int) -> Verdict:
        if pattern == "information":
            return self._end("announcement", now_ms, "special information tone")
        if pattern != "steady":
            return self._end("tone", now_ms, pattern)
        if self.voice_started_ms is not None:
            return self._end("machine", now_ms, "a beep after the voice")
        return self._end("uncertain", now_ms, "a steady tone")

    def _end(self, kind: Kind, now_ms: int, reason: str) -> Verdict:
        talking = now_ms - self._voice_end_ms < _WORD_MS
        ended = None if self.voice_started_ms is None or talking else self._voice_end_ms
        self.verdict = Verdict(kind, now_ms, ended, self._voice_ms, reason)
        return self.verdict
