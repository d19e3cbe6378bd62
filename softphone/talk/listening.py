"""What one leg is sent: one voice as its packets come, or several voices and sounds mixed.

One voice alone is handed on at once, unchanged. As soon as there is something to add (a second
voice, a tone, a recording under the voice) frames wait in a queue per source for the common tick
and leave as one. Coming and going between the two is clean, because the leg's stream keeps to wall
time whoever speaks (`rtp/stream.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from softphone.audio.g711 import FRAME_SAMPLES, silence, translation
from softphone.audio.mixing import FrameQueue, mix_all
from softphone.audio.prompts import Sound
from softphone.audio.ticker import Ticker
from softphone.rtp.leg import AudioSink, Leg

# Going over to the mixer, a voice's next packet may just have missed a tick: nothing is sent on
# that tick rather than a hole in the voice.
_PATIENCE_TICKS = 2


@dataclass(eq=False)
class Playing:
    """A sound on its way to a listener."""

    sound: Sound
    loop: bool
    on_done: Callable[[], None] | None
    next_frame: int = 0


class Listener:
    """See the module. `hear` and `play` take effect at once and in any order."""

    def __init__(self, leg: Leg, ticker: Ticker) -> None:
        self.leg = leg
        self._ticker = ticker
        self._queues: dict[Leg, FrameQueue] = {}
        self._playing: dict[Playing, None] = {}
        self._mixing = False
        self._patience = 0

    def hear(self, sources: Collection[Leg]) -> None:
        """The legs that are heard from now on."""
        self._queues = {leg: self._queues.get(leg) or FrameQueue() for leg in sources}
        self._choose()

    def play(
        self, sound: Sound, *, loop: bool = False, on_done: Callable[[], None] | None = None
    ) -> Playing:
        """Play a sound, under the voices that are heard; `on_done` after its last frame."""
        playing = Playing(sound, loop, on_done)
        self._playing[playing] = None
        at_once = not self._mixing
        self._choose()
        if at_once:
            self._tick(self._ticker.latest)
        return playing

    def stop(self, playing: Playing) -> None:
        """End a sound without its `on_done`; harmless when it is over."""
        if playing in self._playing:
            del self._playing[playing]
            self._choose()

    def close(self) -> None:
        """Hear nothing any more."""
        self._playing.clear()
        self.hear(())

    def sink_for(self, source: Leg) -> AudioSink:
        """Where the packets of a leg that is heard go, in the laws both have now."""
        table = translation(source.codec, self.leg.codec)
        queue = self._queues[source]
        send = self.leg.send

        def take(payload: bytes, timestamp: int) -> None:
            if table is not None:
                payload = payload.translate(table)
            if self._mixing:
                queue.put(payload)
            else:
                send(payload, source=source, timestamp=timestamp)

        return take

    def _choose(self) -> None:
        mixing = len(self._queues) > 1 or bool(self._playing)
        if mixing == self._mixing:
            return
        self._mixing = mixing
        if mixing:
            self._patience = _PATIENCE_TICKS
            self._ticker.add(self._tick)
        else:
            # What still waits is left out: to send it now would delay all that follows.
            self._ticker.remove(self._tick)
            for queue in self._queues.values():
                queue.clear()

    def _tick(self, tick: int) -> None:
        frames = [frame for queue in self._queues.values() if (frame := queue.pull())]
        over = [playing for playing in self._playing if not self._take_frame(playing, frames)]
        if frames or (self._queues and self._patience == 0):
            self._patience = 0
            codec = self.leg.codec
            frame = mix_all(frames, codec) if frames else silence(codec)
            self.leg.send(frame, source=self, timestamp=tick * FRAME_SAMPLES & 0xFFFFFFFF)
        elif self._patience:
            self._patience -= 1
        for playing in over:
            self._playing.pop(playing, None)
            if playing.on_done is not None:
                playing.on_done()
        if over:
            self._choose()

    def _take_frame(self, playing: Playing, frames: list[bytes]) -> bool:
        """Add the sound's next frame; False when it has none left."""
        sound = playing.sound.frames(self.leg.codec)
        if playing.next_frame == len(sound):
            if not playing.loop:
                return False
            playing.next_frame = 0
        frames.append(sound[playing.next_frame])
        playing.next_frame += 1
        return True
