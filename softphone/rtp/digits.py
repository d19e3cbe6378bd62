"""Keys on a call: pressed by us and heard from the peer, as events or as tones (RFC 4733).

A peer that took our telephone-event gets events: the voice is silent meanwhile, for the one stream
has one clock, and three packets begin and three end each key, because a lost one would be a key
that never was, or was never released. A peer without events gets the tones.

Many lines carry a key twice, as events and as the tones that were not quite cut out of the audio.
So the ears for tones are closed for good by the first event, and what they heard just before it is
forgotten.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable

from softphone.audio.dtmf import DIGITS, DtmfDetector, key_frames
from softphone.audio.g711 import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, Codec
from softphone.rtp.packet import EVENT_DIGITS, RtpPacket, build, parse_digit
from softphone.rtp.stream import OutgoingStream
from softphone.sip.transport.timing import TimerHandle, Timers

MOST_DIGITS = 32  # of one order
TONE_MS = 100
GAP_MS = 70
_STEPS = TONE_MS // FRAME_MS
_REPEATS = 3
_EVENT = struct.Struct("!BBH")
_ENDED = 0x80
_VOLUME = 10  # dB below 0 dBm0
# A key whose ending packets were all lost is up when it was not heard of for so long.
_FORGOTTEN_S = 0.3
# An event follows its tone within the time a gateway needs to find it.
_EVENT_MAY_FOLLOW_S = 0.12
# Some peers send nothing after a key's tones: it is up when no packet came for so long.
_SILENT_S = 0.2
# A packet this much older than the newest was overtaken; one older still is of a new timeline.
_RECENT_SAMPLES = 10 * SAMPLE_RATE

OnDigit = Callable[[str, int, bool], None]  # digit, milliseconds, heard as tones


def is_digits(text: str) -> bool:
    """Whether every character is a key, and there is one."""
    return bool(text) and all(each in DIGITS for each in text)


class DigitSender:
    """Presses keys one after the other. `transmit` takes whole datagrams.

    `busy` says that the voice has to be silent. `payload_type` None: the peer knows no events.
    """

    def __init__(
        self,
        stream: OutgoingStream,
        *,
        transmit: Callable[[bytes], None],
        timers: Timers,
        now: Callable[[], float],
    ) -> None:
        self.payload_type: int | None = None
        self.codec: Codec = "PCMU"
        self._stream = stream
        self._transmit = transmit
        self._timers = timers
        self._now = now
        self._waiting: deque[str] = deque()
        self._digit = ""
        self._step = 0
        self._due = 0.0
        self._timer: TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a key is down."""
        return self._digit != ""

    def press(self, digits: str) -> None:
        """Queue keys: each is down for 100 ms, and 70 ms pass before the next."""
        self._waiting.extend(digits)
        if self._timer is None:
            self._due = self._now()
            self._go_on()

    def stop(self) -> None:
        """Forget what was not sent yet."""
        self._waiting.clear()
        self._digit = ""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self) -> None:
        self._timer = None
        if not self._digit:
            if not self._waiting:
                return
            self._digit, self._step = self._waiting.popleft(), 0
        self._send_step()
        self._step += 1
        pause_ms = FRAME_MS
        if self._step == _STEPS:
            self._digit = ""
            pause_ms += GAP_MS
        self._due += pause_ms / 1000
        self._timer = self._timers.call_later(max(0.0, self._due - self._now()), self._go_on)

    def _send_step(self) -> None:
        if self.payload_type is None:
            self._send_voice(key_frames(self._digit, TONE_MS, self.codec)[self._step], None)
            return
        first, last = self._step == 0, self._step == _STEPS - 1
        event = _EVENT.pack(
            EVENT_DIGITS.index(self._digit),
            (_ENDED if last else 0) | _VOLUME,
            (self._step + 1) * FRAME_SAMPLES,
        )
        repeats = _REPEATS if first or last else 1
        if first:
            repeats -= 1
            self._send_voice(event, self.payload_type)
        for _ in range(repeats):
            self._send_again(event, self.payload_type)

    def _send_voice(self, payload: bytes, payload_type: int | None) -> None:
        """A packet at its own place in the stream's time."""
        stream = self._stream
        voice = stream.payload_type
        stream.payload_type = voice if payload_type is None else payload_type
        datagram = stream.packet(payload, source=self, timestamp=None, now=self._now())
        stream.payload_type = voice
        if datagram is not None:
            self._transmit(datagram)

    def _send_again(self, event: bytes, payload_type: int) -> None:
        """A further packet of the key that is down: all share the instant of its beginning."""
        stream = self._stream
        stream.sequence = (stream.sequence + 1) & 0xFFFF
        stream.packets += 1
        stream.octets += len(event)
        self._transmit(
            build(
                event,
                payload_type=payload_type,
                sequence=stream.sequence,
                timestamp=stream.timestamp,
                ssrc=stream.ssrc,
            )
        )


class DigitEar:
    """Hears each key once. `listen` opens the ears for tones."""

    def __init__(self, on_digit: OnDigit, timers: Timers) -> None:
        self._on_digit = on_digit
        self._timers = timers
        self._events_came = False
        self._reported: int | None = None
        self._down: tuple[int, str, int] | None = None
        self._detector: DtmfDetector | None = None
        self._tone: tuple[str, int] | None = None
        self._timer: TimerHandle | None = None
        self._silence: TimerHandle | None = None

    def listen(self, codec: Codec) -> None:
        """Hear tones too, in this law, until the peer turns out to send events."""
        if not self._events_came:
            self._detector = DtmfDetector(codec)

    @property
    def listening(self) -> bool:
        """Whether `audio` wants the payloads."""
        return self._detector is not None

    def stop(self) -> None:
        """Hear nothing more."""
        self._detector = self._tone = self._down = None
        self._forget_timer()
        self._forget_silence()

    def event(self, packet: RtpPacket) -> None:
        """A packet of the telephone-event type; all packets of one key share a timestamp."""
        event = parse_digit(packet.payload)
        if event is None or self._is_over(packet.timestamp):
            return
        self._events_came = True
        self._detector = self._tone = None
        self._forget_silence()
        if self._down is not None and self._down[0] != packet.timestamp:
            self._release()
        self._down = (packet.timestamp, event.digit, event.duration_ms)
        self._forget_timer()
        if event.ended:
            self._release()
        else:
            self._timer = self._timers.call_later(_FORGOTTEN_S, self._release)

    def audio(self, payload: bytes) -> None:
        """A packet of voice."""
        if self._detector is None:
            return
        tone = self._detector.hear(payload)
        if tone is not None:
            self._report_tone()
            self._tone = tone
            self._timer = self._timers.call_later(_EVENT_MAY_FOLLOW_S, self._report_tone)
        self._forget_silence()
        if self._detector.down:
            self._silence = self._timers.call_later(_SILENT_S, self._nothing_follows)

    def _is_over(self, timestamp: int) -> bool:
        """Whether a packet is of a key reported already, or overtaken by the one that is down."""
        if timestamp == self._reported:
            return True
        newest = self._reported if self._down is None else self._down[0]
        return newest is not None and 0 < (newest - timestamp) & 0xFFFFFFFF < _RECENT_SAMPLES

    def _release(self) -> None:
        self._forget_timer()
        if self._down is not None:
            timestamp, digit, duration_ms = self._down
            self._down, self._reported = None, timestamp
            self._on_digit(digit, duration_ms, False)

    def _report_tone(self) -> None:
        self._forget_timer()
        tone, self._tone = self._tone, None
        if tone is not None:
            self._on_digit(*tone, True)

    def _nothing_follows(self) -> None:
        """No packet came after a key's tones."""
        tone = self._detector.end() if self._detector is not None else None
        if tone is not None:
            self._report_tone()
            self._on_digit(*tone, True)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _forget_silence(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
