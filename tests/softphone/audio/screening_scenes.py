"""Scenes for answering-machine screening: who answers, over what line, as packets in time.

A source is what the other side says or sends; a line is what carries it: level, noise of a kind at
a ratio to the speech, a law, lost or late packets, a trunk that sends nothing in silence. Both are
drawn from a seed and nothing else. Sources are in two halves by speaker, so that what was tuned on
the voices of one half is measured on voices it has never met.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from softphone.audio import tones
from softphone.audio.g711 import FRAME_SAMPLES, SAMPLE_RATE, Codec, decode, encode
from softphone.audio.screening import Screening, ScreeningRules, Verdict
from softphone.audio.wav import read_wav, to_pcm16
from softphone.practice_carrier.voices import SOUND_DIRECTORY, load_repertoire

SAMPLES = Path(__file__).parents[2] / "fixtures" / "screening"
TAIL_S = 6.5  # of the line alone, so that every verdict has its time
FRAME_MS = 20
QUIET_AFTER_MS = 60

Floats = NDArray[np.float64]
Truth = Literal[
    "person",
    "machine",
    "announcement",
    "sit",
    "business",
    "network_tone",
    "fax",
    "music",
    "silence",
]
Noise = Literal["line", "hum50", "hum60", "crackle", "car", "babble", "television"]
NOISES: tuple[Noise, ...] = ("line", "hum50", "hum60", "crackle", "car", "babble", "television")
TRUTHS: tuple[Truth, ...] = (
    "person",
    "business",
    "machine",
    "announcement",
    "sit",
    "network_tone",
    "fax",
    "music",
    "silence",
)


@dataclass(frozen=True)
class Source:
    """What the other side sends from `lead_s` after the answer; speech around -20 dBFS."""

    name: str
    truth: Truth
    half: Literal["tuned", "held_out"]
    samples: Floats


@dataclass(frozen=True)
class Line:
    """How the source arrives. `snr_db` None is a quiet land line of -61 dBFS."""

    noise: Noise
    snr_db: float | None
    level_dbfs: float
    codec: Codec
    lead_s: float
    lost_share: float = 0.0
    late_ms: int = 0
    discontinuous: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Judged:
    """The verdict on a scene; `after_ms` is its distance from the true end of the greeting."""

    verdict: Verdict | None
    after_ms: int | None
    frames: int


def half_of(speaker: str) -> Literal["tuned", "held_out"]:
    """The half a speaker, or a kind of tone, belongs to."""
    return "tuned" if crc32(speaker.encode()) % 2 else "held_out"


@cache
def sources() -> tuple[Source, ...]:
    """Every source there is: two engines' speech, tones of the network, music, nothing."""
    return (*_rendered(), *_practice_speech(), *_tones(), *_music(), _nothing(), _nothing(1))


def _rendered() -> Iterator[Source]:
    table = tomllib.loads((SAMPLES / "samples.toml").read_text(encoding="utf-8"))
    for name, row in table.items():
        spoken = decode((SAMPLES / f"{name}.ulaw").read_bytes(), "PCMU") / 32768
        key = row["voice"] if row["truth"] == "person" else name
        if row["truth"] == "machine":
            spoken = np.concatenate([spoken, tones.silence(500), _beep(name)])
        yield Source(name, row["truth"], half_of(key), spoken)


def _beep(name: str) -> Floats:
    draws = random.Random(name)
    hz, ms = draws.choice((800, 1000, 1200, 1400, 2000)), draws.choice((250, 400, 600, 1000))
    return tones.tone(hz, ms, level_dbfs=-14)


def _practice_speech() -> Iterator[Source]:
    repertoire = load_repertoire()
    for voice in repertoire.voices:
        for phrase in ("hai", "moshimoshi", "yamada", "hello", "away"):
            spoken = _practice_wav(f"{voice}_{phrase}")
            half = half_of(f"practice {voice}")
            yield Source(f"practice_{voice}_{phrase}", "person", half, spoken)
    kinds: dict[str, Truth] = {
        "machine_a": "machine",
        "machine_b": "machine",
        "machine_c": "machine",
        "not_in_use": "announcement",
        "office_a": "business",
        "office_b": "business",
    }
    for name, truth in kinds.items():
        yield Source(f"practice_{name}", truth, half_of(name), _practice_wav(name))


def _practice_wav(name: str) -> Floats:
    return np.asarray(read_wav(SOUND_DIRECTORY / f"{name}.wav"))


def _tones() -> Iterator[Source]:
    flat_ring = np.concatenate([tones.tone(400, 1000), tones.silence(2000)])
    notice = next(iter(_announcements())).samples
    sit_short = np.concatenate(
        [tones.tone(hz, ms) for hz, ms in ((914, 274), (1371, 274), (1777, 380))]
    )
    ansam = answer_tone()
    made: dict[str, tuple[Truth, Floats]] = {
        "busy": ("network_tone", np.tile(tones.busy(), 6)),
        "ringing": ("network_tone", np.tile(tones.ringback(), 3)),
        "flat ringing": ("network_tone", np.tile(flat_ring, 3)),
        "dial tone": ("network_tone", tones.tone(400, 6500)),
        "special information": (
            "sit",
            np.concatenate([tones.special_information(), tones.silence(300), notice]),
        ),
        "short special information": (
            "sit",
            np.concatenate([sit_short, tones.silence(200), notice]),
        ),
        "fax answering": ("fax", np.concatenate([tones.silence(400), tones.tone(2100, 3000)])),
        "modem answering": ("fax", np.concatenate([tones.silence(600), ansam])),
        "fax calling": (
            "fax",
            np.tile(np.concatenate([tones.tone(1100, 500), tones.silence(3000)]), 2),
        ),
    }
    for name, (truth, samples) in made.items():
        # Too few to be halved: every tone is in both halves, over other lines.
        for half in ("tuned", "held_out"):
            yield Source(name, truth, half, samples)  # type: ignore[arg-type]


def _announcements() -> Iterator[Source]:
    return (source for source in _rendered() if source.truth == "announcement")


def answer_tone() -> Floats:
    """A modem's 2100 Hz: 15 Hz on its amplitude, its phase turned every 450 ms (ITU-T V.8)."""
    instants = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    turns = np.where((instants // 0.45) % 2 == 0, 1.0, -1.0)
    swell = 1 + 0.2 * np.sin(2 * np.pi * 15 * instants)
    return np.asarray(0.25 * turns * swell * np.sin(2 * np.pi * 2100 * instants))


def _music() -> Iterator[Source]:
    for index, half in enumerate(("tuned", "held_out")):
        draws = random.Random(index)
        notes = [
            _note(220 * 2 ** (draws.choice((0, 2, 4, 5, 7, 9, 12, 14)) / 12)) for _ in range(16)
        ]
        yield Source(f"music {index}", "music", half, np.concatenate(notes))  # type: ignore[arg-type]


def _note(hz: float, ms: int = 400) -> Floats:
    instants = np.arange(ms * SAMPLE_RATE // 1000) / SAMPLE_RATE
    partials = sum(np.sin(2 * np.pi * hz * n * instants) / n**1.5 for n in (1, 2, 3, 4, 5))
    third = sum(np.sin(2 * np.pi * 1.26 * hz * n * instants) / n**1.5 for n in (1, 2, 3))
    return np.asarray(0.08 * (partials + third) * np.exp(-2.0 * instants))


def _nothing(index: int = 0) -> Source:
    half: Literal["tuned", "held_out"] = "held_out" if index else "tuned"
    return Source("nothing", "silence", half, tones.silence(1000))


def draw_line(source: Source, index: int, *, snrs_db: tuple[float | None, ...]) -> Line:
    """A line for a source, the `index`-th one; the same on every machine."""
    draws = random.Random(f"{source.name} {source.half} {index}")
    return Line(
        noise=draws.choice(NOISES),
        snr_db=draws.choice(snrs_db),
        level_dbfs=draws.uniform(-35, -8),
        codec=draws.choice(("PCMU", "PCMA")),
        lead_s=draws.uniform(0.05, 1.2),
        lost_share=draws.choice((0.0, 0.0, 0.01, 0.03)),
        late_ms=draws.choice((0, 0, 10, 40)),
        discontinuous=draws.random() < 0.2,
        seed=draws.randrange(2**31),
    )


def clean(line: Line) -> Line:
    """The same line with nothing but its own hiss."""
    return replace(line, noise="line", snr_db=None, lost_share=0, late_ms=0, discontinuous=False)


def on_the_line(source: Source, line: Line) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Frames of linear samples behind the codec, and which of them hold speech or tone."""
    draws = np.random.default_rng(line.seed)
    gain = 10 ** ((line.level_dbfs + 20) / 20)
    lead, tail = np.zeros(round(line.lead_s * SAMPLE_RATE)), np.zeros(round(TAIL_S * SAMPLE_RATE))
    signal = np.concatenate([lead, source.samples * gain, tail])
    signal = signal[: signal.size // FRAME_SAMPLES * FRAME_SAMPLES]
    power = 10 ** (line.level_dbfs / 10)
    noise = _hiss(signal.size, draws)
    if line.snr_db is not None:
        shaped = _noise(line.noise, signal.size, draws)
        noise = noise + shaped * np.sqrt(power * 10 ** (-line.snr_db / 10))
    law = line.codec
    heard = decode(encode(to_pcm16(np.clip(signal + noise, -1, 1)), law), law)
    levels = (signal.reshape(-1, FRAME_SAMPLES) ** 2).mean(axis=1)
    return heard.reshape(-1, FRAME_SAMPLES), levels > power / 1000


def _hiss(count: int, draws: np.random.Generator) -> Floats:
    return np.asarray(draws.normal(0, 30 / 32768, count))


def _noise(kind: Noise, count: int, draws: np.random.Generator) -> Floats:
    """Noise of a kind with an RMS of 1."""
    instants = np.arange(count) / SAMPLE_RATE
    white = draws.standard_normal(count)
    match kind:
        case "hum50" | "hum60":
            base = 50 if kind == "hum50" else 60
            made = sum(np.sin(2 * np.pi * base * n * instants + n) / n for n in range(1, 12))
            made = made + 0.2 * white
        case "crackle":
            clicks = np.where(draws.random(count) < 0.0006, draws.normal(0, 30, count), 0)
            made = np.convolve(clicks, np.exp(-np.arange(40) / 8), mode="same") + 0.5 * white
        case "car":
            spectrum = np.fft.rfft(white)
            hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
            spectrum *= np.clip(hertz / 150, 0, 1) / (1 + (hertz / 250) ** 2)
            swell = 1 + 0.3 * np.sin(2 * np.pi * 0.3 * instants + draws.uniform(0, 6))
            made = np.fft.irfft(spectrum, count) * swell
        case "babble" | "television":
            made = _voices(count, 7 if kind == "babble" else 1, draws)
        case _:
            made = white + np.roll(white, 1)
    made = np.asarray(made)
    return made / np.sqrt(np.mean(made**2))


def _voices(count: int, how_many: int, draws: np.random.Generator) -> Floats:
    speech = [source.samples for source in _rendered() if source.truth == "announcement"]
    made = np.zeros(count)
    for _ in range(how_many):
        one = np.tile(speech[int(draws.integers(len(speech)))], 4)
        made += np.roll(np.resize(one, count), int(draws.integers(count)))
    return made


def screen(source: Source, line: Line, rules: ScreeningRules | None = None) -> Judged:
    """Play a scene to the screening as its packets would arrive."""
    heard, voiced = on_the_line(source, line)
    speech = np.flatnonzero(voiced)
    draws = random.Random(line.seed)
    screening = Screening(rules)
    last_ms = fed = now_ms = 0
    for index, frame in enumerate(heard):
        sent = draws.random() >= line.lost_share
        near = speech.size and np.abs(speech - index).min() <= 4
        if line.discontinuous and not near:
            sent = False
        tick_ms = (index + 1) * FRAME_MS
        verdict = None
        if sent:
            # Late packets are late in order: a burst, not a shuffle.
            now_ms = max(now_ms, tick_ms + draws.randint(0, line.late_ms))
            last_ms, fed = now_ms, fed + 1
            verdict = screening.feed(frame, now_ms)
        elif tick_ms - last_ms >= QUIET_AFTER_MS:
            now_ms = max(now_ms, tick_ms)
            verdict = screening.quiet(now_ms)
        if verdict is not None:
            return Judged(verdict, _after(verdict, speech), fed)
    return Judged(None, None, fed)


def _after(verdict: Verdict, speech: NDArray[np.intp]) -> int | None:
    before = speech[speech * FRAME_MS < verdict.at_ms]
    return None if not before.size else verdict.at_ms - (int(before[-1]) + 1) * FRAME_MS
