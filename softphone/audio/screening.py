"""Answering-machine screening: who or what picked up, from the first seconds of audio. Pure.

People answer with a word or two and wait; machines talk on. So the rules are durations of voice
and of silence. What is voice, `voice_track.py` judges from the line's own noise and the speaker's
own level; tones are taken out first (`tone_patterns.py`). Whoever cannot be told apart is
`uncertain`, to be treated as a person: hanging up on one is worse than bridging a machine.

Limits by construction: a person who answers with a long sentence in one go (a company's greeting)
looks like a machine, and a machine that pauses early looks like a person. Lists of companies are
therefore screened in "watch" mode, where the verdict only marks the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softphone.audio.tone_patterns import TonePatterns, pure_tone_hz
from softphone.audio.tones import level_dbfs
from softphone.audio.voice_track import WORD_MS, VoiceTrack

Kind = Literal["human", "machine", "announcement", "tone", "silence", "uncertain"]

# Below this a frame is not worth the search for a tone.
_TONE_FLOOR_DBFS = -48.0
# Where the network's tones sound, noise between them can pass for a short word.
_WORD_AMONG_TONES_MS = 220


@dataclass(frozen=True)
class ScreeningRules:
    """Thresholds in milliseconds and dBFS; the defaults are for Japanese private lines."""

    initial_silence_ms: int = 2500
    sentence_ms: int = 2000  # without a pause
    greeting_ms: int = 2400  # of words in all
    # How long a person waits after so much voice: after a sentence a machine draws breath, and a
    # person who said that much can wait.
    end_silences_ms: tuple[tuple[int, int], ...] = ((0, 640), (1000, 760), (1600, 1000))
    total_ms: int = 6000
    talked_on_ms: int = 1600  # of words by then, and never a silence
    voice_dbfs: float = -50.0
    silent_dbfs: float = -40.0  # a line that hisses or hums louder is not silent


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
        self._voice = VoiceTrack(self._rules.voice_dbfs)
        self.verdict: Verdict | None = None
        self._started_ms: int | None = None

    @property
    def voice_started_ms(self) -> int | None:
        """When the first word began, as far as can be told now."""
        return self._voice.started_ms

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
        self._voice.add(level, now_ms, frame_ms, tone=self._tones.sounding)
        return self._judge(now_ms)

    def quiet(self, now_ms: int) -> Verdict | None:
        """Time passed without a frame: some trunks send nothing while nobody speaks."""
        if self.verdict is not None:
            return None
        if self._started_ms is None:
            self._started_ms = now_ms
        self._tones.hear(None, now_ms, 0)
        self._voice.pass_over()
        return self._judge(now_ms)

    def _judge(self, now_ms: int) -> Verdict | None:
        assert self._started_ms is not None
        started_ms, ended_ms = self._voice.started_ms, self._voice.ended_ms
        elapsed = now_ms - self._started_ms
        if started_ms is None or ended_ms is None:
            heard_ms = self._tones.last_end_ms or self._started_ms
            if now_ms - heard_ms >= self._rules.initial_silence_ms:
                return self._end_unheard(now_ms, elapsed)
        else:
            verdict = self._judge_voice(started_ms, ended_ms, now_ms)
            if verdict is not None:
                return verdict
        if elapsed >= self._rules.total_ms:
            if self._tones.ringing and self._voice.voice_ms < _WORD_AMONG_TONES_MS:
                return self._end("tone", now_ms, "ringing")
            if self._voice.voice_ms >= self._rules.talked_on_ms:
                return self._end("machine", now_ms, f"talked on for {elapsed} ms")
            return self._end("uncertain", now_ms, f"undecided after {elapsed} ms")
        return None

    def _end_unheard(self, now_ms: int, elapsed_ms: int) -> Verdict:
        """No voice so far. On a loud line somebody may be speaking whom we cannot hear."""
        noise = self._voice.floor_dbfs
        if self._tones.last_end_ms is not None:
            return self._end("uncertain", now_ms, "a tone of no known pattern, then nothing")
        if noise > self._rules.silent_dbfs:
            return self._end("uncertain", now_ms, f"nothing but noise of {noise} dBFS")
        return self._end("silence", now_ms, f"no voice for {elapsed_ms} ms")

    def _judge_voice(self, started_ms: int, ended_ms: int, now_ms: int) -> Verdict | None:
        rules, voice = self._rules, self._voice
        if self._tones.beep(started_ms) is not None:
            return self._end("machine", now_ms, "a beep after the voice")
        if voice.longest_ms >= rules.sentence_ms:
            return self._end("machine", now_ms, f"{voice.longest_ms} ms of voice without a pause")
        if voice.voice_ms >= rules.greeting_ms:
            return self._end("machine", now_ms, f"{voice.voice_ms} ms of voice")
        if self._tones.of_network and voice.voice_ms < _WORD_AMONG_TONES_MS:
            return None
        enough = max(wait for said, wait in rules.end_silences_ms if voice.voice_ms >= said)
        silent = now_ms - ended_ms
        if silent >= enough and not self._tones.sounding:
            reason = f"{voice.voice_ms} ms of voice, then {silent} ms of silence"
            return self._end("human", now_ms, reason)
        return None

    def _judge_tone(self, pattern: str, now_ms: int) -> Verdict:
        if pattern == "information":
            return self._end("announcement", now_ms, "special information tone")
        if pattern == "wandering":
            return self._end("uncertain", now_ms, "a tone that wanders, as a person hums")
        if pattern != "steady":
            return self._end("tone", now_ms, pattern)
        if self._voice.started_ms is not None:
            return self._end("machine", now_ms, "a beep after the voice")
        return self._end("uncertain", now_ms, "a steady tone")

    def _end(self, kind: Kind, now_ms: int, reason: str) -> Verdict:
        ended_ms = self._voice.ended_ms
        if ended_ms is not None and now_ms - ended_ms < WORD_MS:
            ended_ms = None  # still talking
        self.verdict = Verdict(kind, now_ms, ended_ms, self._voice.voice_ms, reason)
        return self.verdict
