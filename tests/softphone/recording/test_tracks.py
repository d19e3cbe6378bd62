"""Where packets find their place in a recording."""

from __future__ import annotations

import random

import numpy as np

from softphone.audio.g711 import SAMPLE_RATE, decode, encode
from softphone.recording.tracks import CHUNK_SAMPLES, LOOK_BACK_SAMPLES, Track, Tracks

PACKET = 160
LOUD = bytes([0x10]) * PACKET  # any octet that is not silence
SILENT = b"\xff" * PACKET


def laid_down(arrivals: list[tuple[int, bytes]], end: int) -> bytes:
    """The track of packets that arrived at these instants (samples)."""
    track = Track("PCMU")
    for arrived, payload in arrivals:
        track.add(arrived, payload, "PCMU")
    track.settle(end)
    return track.take(end)


def begins(sound: bytes) -> int:
    """The first sample that is not silence."""
    return len(sound) - len(sound.lstrip(b"\xff"))


def test_packets_on_time_stand_where_they_were_spoken() -> None:
    sound = laid_down([(PACKET * n, LOUD) for n in range(11, 21)], 8000)
    assert begins(sound) == 10 * PACKET
    assert sound.count(LOUD[0]) == 10 * PACKET


def test_jitter_cuts_no_hole_into_speech() -> None:
    late = [0, 300, 100, 350, 0, 200, 50]
    arrivals = [(PACKET * (n + 11) + late[n % 7], LOUD) for n in range(21)]
    sound = laid_down(sorted(arrivals), 8000).strip(b"\xff")
    assert sound == LOUD * 21


def test_a_burst_after_a_stall_falls_back_into_its_gap() -> None:
    """Twenty packets that arrive together 300 ms late: neither a hole nor a shift."""
    on_time = [(PACKET * n, LOUD) for n in range(1, 11)]
    burst = [(PACKET * 26, LOUD) for _ in range(16)]
    after = [(PACKET * n, LOUD) for n in range(27, 41)]
    sound = laid_down([*on_time, *burst, *after], PACKET * 50)
    assert sound == LOUD * 40 + SILENT * 10


def test_silence_sent_during_a_stall_gives_way_to_the_speech_that_was_late() -> None:
    on_time = [(PACKET * n, LOUD) for n in range(1, 11)]
    filled = [(PACKET * n, SILENT) for n in range(11, 26)]
    burst = [(PACKET * 26, LOUD) for _ in range(16)]
    sound = laid_down([*on_time, *filled, *burst], PACKET * 30)
    assert sound == LOUD * 26 + SILENT * 4


def test_a_pause_of_two_seconds_is_two_seconds_of_silence() -> None:
    first = [(PACKET * n, LOUD) for n in range(1, 51)]
    second = [(PACKET * n, LOUD) for n in range(151, 201)]
    sound = laid_down([*first, *second], PACKET * 200)
    assert sound == LOUD * 50 + SILENT * 100 + LOUD * 50


def test_a_source_that_runs_too_fast_loses_packets_but_not_the_clock() -> None:
    fast = [(round(PACKET * n * 0.9), LOUD) for n in range(1, 501)]
    track = Track("PCMU")
    for arrived, payload in fast:
        track.add(arrived, payload, "PCMU")
    track.settle(100_000)
    assert track.dropped > 0
    assert abs(track.end - fast[-1][0]) <= 1600 + PACKET


def test_a_slow_source_stays_on_the_clock() -> None:
    slow = [(round(PACKET * n * 1.1), LOUD) for n in range(1, 501)]
    track = Track("PCMU")
    for arrived, payload in slow:
        track.add(arrived, payload, "PCMU")
    track.settle(100_000)
    assert abs(track.end - slow[-1][0]) <= 480
    assert track.dropped == 0


def test_the_other_law_is_translated() -> None:
    tone = encode((8000 * np.sin(np.arange(PACKET) / 3)).astype(np.int16), "PCMA")
    track = Track("PCMU")
    track.add(PACKET, tone, "PCMA")
    track.settle(8000)
    error = decode(track.take(PACKET), "PCMU").astype(int) - decode(tone, "PCMA")
    assert np.abs(error).max() < 300


def test_both_directions_are_of_one_length_whoever_speaks() -> None:
    tracks = Tracks("PCMU")
    for n in range(1, 301):
        tracks.heard.add(PACKET * n, LOUD, "PCMU")
    now = PACKET * 300
    chunks = list(tracks.chunks(now))
    assert [len(chunk) for chunk in chunks] == [2 * CHUNK_SAMPLES] * (
        (now - LOOK_BACK_SAMPLES) // CHUNK_SAMPLES
    )
    chunks += tracks.rest(now)
    sent = b"".join(chunk[: len(chunk) // 2] for chunk in chunks)
    heard = b"".join(chunk[len(chunk) // 2 :] for chunk in chunks)
    assert sent == b"\xff" * now
    assert heard == LOUD * 300


def test_taking_chunk_by_chunk_changes_nothing() -> None:
    """What is settled early must be what it would have been with everything known."""
    late = [0, 40, 10, 120, 0, 30, 2400, 2300, 2200, 2100]
    arrivals = sorted((PACKET * (n + 5) + late[n % 10], n) for n in range(400))
    payloads = {n: bytes([1 + n % 200]) * PACKET for n in range(400)}
    end = PACKET * 420
    tracks = Tracks("PCMU")
    chunks = []
    for arrived, n in sorted(arrivals, key=lambda each: (each[0], each[1])):
        tracks.heard.add(arrived, payloads[n], "PCMU")
        chunks += tracks.chunks(arrived)
    chunks += tracks.rest(end)
    heard = b"".join(chunk[len(chunk) // 2 :] for chunk in chunks)
    at_once = laid_down([(arrived, payloads[n]) for arrived, n in arrivals], end)
    assert heard == at_once


def test_an_impulse_on_both_sides_stands_at_the_same_instant_after_a_hold() -> None:
    """A click in both directions at 1 s and, after two seconds without any packet, at 4 s."""
    click = bytes([0x00]) + b"\x7e" * (PACKET - 1)
    tracks = Tracks("PCMU")
    hum = b"\x7e" * PACKET
    for n in range(1, 251):
        payload = click if n in (51, 201) else hum
        if not 100 < n <= 200:
            tracks.sent.add(PACKET * n + (n * 7) % 60, payload, "PCMU")
            tracks.heard.add(PACKET * n + (n * 13) % 200, payload, "PCMU")
    chunks = [*tracks.chunks(PACKET * 250), *tracks.rest(PACKET * 250)]
    for half in (0, 1):
        sound = b"".join(c[len(c) // 2 :] if half else c[: len(c) // 2] for c in chunks)
        clicks = [place for place, octet in enumerate(sound) if octet == 0]
        assert len(clicks) == 2
        assert abs(clicks[0] - 8000) <= 480  # 60 ms
        assert abs(clicks[1] - 32_000) <= 240


def test_ten_minutes_stay_aligned_through_hold_pause_and_transfer() -> None:
    """A click each second on both sides, from clocks 100 ppm apart and through late packets.

    The operator is silent for a hold of 40 s, nothing arrives in a pause of 30 s, and after a
    transfer another source speaks, half a packet out of step.
    """
    click, hum = bytes([0x00]) + b"\x7e" * (PACKET - 1), b"\x7e" * PACKET
    late = random.Random(7)
    arriving: list[tuple[int, str, bytes]] = []
    clicked: dict[str, list[int]] = {"sent": [], "heard": []}
    for n in range(1, 50 * 600):
        second = n / 50
        phase = PACKET // 2 if second >= 400 else 0
        for side, end in (
            ("heard", round(PACKET * n * 1.0001)),
            ("sent", round(PACKET * n * 0.9999) + phase),
        ):
            paused, held = 240 <= second < 270, side == "sent" and 120 <= second < 160
            if not paused and not held:
                clicking = n % 50 == 1
                arriving.append((end + late.randrange(240), side, click if clicking else hum))
                clicked[side] += [end - PACKET] * clicking
    tracks = Tracks("PCMU")
    chunks, due = [], 0
    for arrived, side, payload in sorted(arriving):
        getattr(tracks, side).add(arrived, payload, "PCMU")
        if arrived >= due:
            chunks += tracks.chunks(arrived)
            due = arrived + 800
    chunks += tracks.rest(PACKET * 50 * 600)
    for half, side in enumerate(("sent", "heard")):
        sound = b"".join((c[: len(c) // 2], c[len(c) // 2 :])[half] for c in chunks)
        found = [place for place, octet in enumerate(sound) if octet == 0]
        off = [place - spoken for place, spoken in zip(found, clicked[side], strict=True)]
        assert max(map(abs, off)) <= SAMPLE_RATE * 0.06, side
