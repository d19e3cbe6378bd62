"""Screening fed from a live leg: packets, pauses, and a verdict in any case."""

from __future__ import annotations

import pytest

from softphone.audio.g711 import FRAME_SAMPLES, encode, silence
from softphone.audio.screening import Verdict as Judgement
from softphone.audio.ticker import Ticker
from softphone.audio.tones import tone
from softphone.audio.wav import to_pcm16
from softphone.customer.screener import Screener
from softphone.protocol import Verdict
from softphone.talk.call_ports import Finding
from tests.fakes.timers import HandClock


class HandTicker(Ticker):
    """Ticks when told to."""

    def __init__(self) -> None:
        self.callbacks: list[object] = []

    def add(self, callback) -> None:  # type: ignore[no-untyped-def]
        self.callbacks.append(callback)

    def remove(self, callback) -> None:  # type: ignore[no-untyped-def]
        if callback in self.callbacks:
            self.callbacks.remove(callback)


class Line:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.ticker = HandTicker()
        self.voices: list[float] = []
        self.findings: list[Finding] = []
        self.screener = Screener(
            self.ticker,
            self.clock.now,
            on_voice=lambda: self.voices.append(self.clock.now() - 100.0),
            on_finding=self.findings.append,
        )
        self.screener.start()

    def pass_frames(self, payloads: list[bytes | None]) -> None:
        """20 ms each; None is a frame that did not come."""
        for payload in payloads:
            self.clock.pass_s(0.02)
            if payload is not None:
                self.screener.hear(payload, "PCMU")
            for callback in list(self.ticker.callbacks):
                callback(0)  # type: ignore[operator]


def speech(ms: int) -> list[bytes | None]:
    """Two tones at once: as loud as speech, and not a pure tone."""
    both = (tone(310, ms, level_dbfs=-20) + tone(870, ms, level_dbfs=-22)) * 0.8
    octets = encode(to_pcm16(both), "PCMU")
    return [octets[i : i + FRAME_SAMPLES] for i in range(0, len(octets), FRAME_SAMPLES)]


QUIET: list[bytes | None] = [silence("PCMU")]
NOTHING: list[bytes | None] = [None]


@pytest.fixture
def line() -> Line:
    return Line()


def test_the_first_voice_is_told_once_and_the_verdict_follows(line: Line) -> None:
    line.pass_frames(QUIET * 20 + speech(600) + QUIET * 60)
    assert len(line.voices) == 1
    assert 0.4 < line.voices[0] < 0.6
    (finding,) = line.findings
    assert finding.verdict is Verdict.HUMAN
    assert finding.greeting_end_ms == pytest.approx(1000, abs=40)


def test_a_trunk_that_sends_nothing_is_a_silent_line(line: Line) -> None:
    line.pass_frames(NOTHING * 140)
    assert [finding.verdict for finding in line.findings] == [Verdict.SILENCE]
    assert line.voices == []


def test_a_pause_without_packets_ends_a_greeting(line: Line) -> None:
    line.pass_frames(QUIET * 10 + speech(500) + NOTHING * 60)
    assert [finding.verdict for finding in line.findings] == [Verdict.HUMAN]


def test_after_the_verdict_nothing_is_heard_any_more(line: Line) -> None:
    line.pass_frames(NOTHING * 140 + speech(500) + QUIET * 60)
    assert len(line.findings) == 1
    assert line.voices == []
    assert line.ticker.callbacks == []
    assert line.screener.over


def test_the_end_of_a_greeting_that_cannot_be_told_apart_is_not_known(line: Line) -> None:
    line.screener._screening.quiet = lambda now_ms: Judgement(  # type: ignore[method-assign]
        "uncertain", now_ms, now_ms - 3000, 900, "undecided"
    )
    line.pass_frames(NOTHING * 10)
    (finding,) = line.findings
    assert (finding.verdict, finding.greeting_end_ms) == (Verdict.UNCERTAIN, None)


def test_a_stopped_screener_says_nothing(line: Line) -> None:
    line.screener.stop()
    line.pass_frames(speech(500) + QUIET * 200)
    assert (line.voices, line.findings) == ([], [])


def test_a_screening_that_raises_still_comes_to_a_verdict(line: Line) -> None:
    def fail(now_ms: int) -> None:
        raise RuntimeError("broken")

    line.screener._screening.quiet = fail  # type: ignore[method-assign,assignment]
    with pytest.raises(RuntimeError):
        line.pass_frames(NOTHING * 4)
    line.ticker.remove(line.screener._tick)  # as the ticker does with a callback that fails
    line.pass_frames(NOTHING * 400)
    assert [finding.verdict for finding in line.findings] == [Verdict.UNCERTAIN]


def test_whatever_breaks_there_is_a_verdict_in_time(line: Line) -> None:
    line.screener._take = lambda judgement: None  # type: ignore[method-assign]
    line.pass_frames(NOTHING * 399)
    assert line.findings == []
    line.pass_frames(NOTHING * 3)
    assert [finding.verdict for finding in line.findings] == [Verdict.UNCERTAIN]
