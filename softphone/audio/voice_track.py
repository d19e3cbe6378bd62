"""Where in the first seconds of a call there is voice, judged anew as the line becomes known. Pure.

What is voice depends on what the line is like, and that is not known when the first word falls: a
car, a television or a hum is as loud on one line as a whole person on another. So the levels of all
frames are kept, and the threshold is drawn from all of them: well above the line's floor and not
far below the speaker (the fifth loudest frame). When it moves, the past is read again; what was
taken for a word in the first 200 ms can turn out to have been the street.

The floor is the tenth quietest of a hundred frames, time without packets counted as silence, or the
level that was held for a whole second, whichever is higher: no speech stays within 6 dB for that
long, noise does, also when it sets in late, behind digital silence. So noise without a speaker has
hardly a frame above its own floor, and is no voice however loud it is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

# A word is at least so much voice with nothing but closures in it; clicks and crackle are shorter.
WORD_MS = 80
_CLOSURE_MS = 60
# Long closures, and consonants that drown in the noise, are no pause between words either.
_JOINED_MS = 140
# Voice stands out of the noise by this much, and a bystander stays this much below the speaker.
_ABOVE_FLOOR_DB = 7
_BELOW_SPEAKER_DB = 13
_SPEAKER_FRAMES = 5
_HELD_MS = 1000
_HELD_WITHIN_DB = 6
_LOWEST_DB = -96


@dataclass(frozen=True)
class _Frame:
    end_ms: int
    ms: int
    level_db: int
    tone: bool


class VoiceTrack:
    """Give it every frame in order; it knows what of it was voice, as far as can be told now.

    `started_ms` and `ended_ms` are the first instant and the last of all words, None without any;
    `voice_ms` is how much of it was words, `longest_ms` the longest stretch without a pause.
    """

    def __init__(self, least_dbfs: float) -> None:
        self._least_db = round(least_dbfs)
        self._frames: list[_Frame] = []
        self._counts = [0] * (1 - _LOWEST_DB)
        self._counted = 0
        self._recent: deque[_Frame] = deque()
        self._held_db = _LOWEST_DB
        self._threshold_db = self._least_db
        self._clear()

    def add(self, level_dbfs: float, now_ms: int, frame_ms: int, *, tone: bool) -> None:
        """A frame that ended at `now_ms`; `tone`: it is part of a tone, not of speech."""
        level = max(_LOWEST_DB, min(0, round(level_dbfs)))
        frame = _Frame(now_ms, frame_ms, level, tone)
        self._frames.append(frame)
        if tone:
            # It says neither how loud the noise is nor how loud the speaker.
            self._recent.clear()
        else:
            self._note_level(frame)
        threshold = self._threshold()
        if threshold == self._threshold_db:
            self._count(frame)
        else:
            self._threshold_db = threshold
            self._clear()
            for past in self._frames:
                self._count(past)

    @property
    def floor_dbfs(self) -> int:
        """The line without a voice, as far as can be told now; -96 before the first frame."""
        return max(self._quantile_from_below(self._counted // 10), self._held_db)

    def pass_over(self) -> None:
        """A tick of 20 ms in which nothing arrived: as silent as can be."""
        self._recent.clear()
        self._counts[-_LOWEST_DB] += 1
        self._counted += 1

    def _note_level(self, frame: _Frame) -> None:
        self._counts[-frame.level_db] += 1
        self._counted += 1
        recent = self._recent
        recent.append(frame)
        if frame.end_ms - recent[0].end_ms >= _HELD_MS:
            recent.popleft()
            levels = sorted(one.level_db for one in recent)
            low, high = levels[len(levels) // 10], levels[-1 - len(levels) // 10]
            if high - low <= _HELD_WITHIN_DB:
                self._held_db = max(self._held_db, low)

    def _clear(self) -> None:
        self.started_ms: int | None = None
        self.ended_ms: int | None = None
        self.voice_ms = 0
        self.longest_ms = 0
        self._stretch_ms = 0
        self._run_ms = self._run_start_ms = self._run_end_ms = 0

    def _threshold(self) -> int:
        if not self._counted:
            return self._least_db
        speaker = self._quantile_from_above(min(_SPEAKER_FRAMES, self._counted))
        above_floor = self.floor_dbfs + _ABOVE_FLOOR_DB
        return max(self._least_db, above_floor, speaker - _BELOW_SPEAKER_DB)

    def _quantile_from_below(self, rank: int) -> int:
        for index in range(len(self._counts) - 1, -1, -1):
            rank -= self._counts[index]
            if rank < 0:
                return -index
        return _LOWEST_DB

    def _quantile_from_above(self, rank: int) -> int:
        for index, count in enumerate(self._counts):
            rank -= count
            if rank <= 0:
                return -index
        return _LOWEST_DB

    def _count(self, frame: _Frame) -> None:
        if frame.tone or frame.level_db <= self._threshold_db:
            return
        if self._run_ms == 0 or frame.end_ms - frame.ms - self._run_end_ms > _CLOSURE_MS:
            self._run_ms = 0
            self._run_start_ms = frame.end_ms - frame.ms
        self._run_ms += frame.ms
        self._run_end_ms = frame.end_ms
        if self._run_ms < WORD_MS:
            return
        began = self._run_start_ms
        if self.started_ms is None:
            self.started_ms = began
        since = self.ended_ms if self.ended_ms is not None else began
        if began - since > _JOINED_MS:
            since = began
            self._stretch_ms = 0
        gained = frame.end_ms - since
        self.voice_ms += gained
        self._stretch_ms += gained
        self.longest_ms = max(self.longest_ms, self._stretch_ms)
        self.ended_ms = frame.end_ms
