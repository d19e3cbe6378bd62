"""The screening table: who is recognised as what. Line noise lies under everything.

Without noise the fixtures would lie: a detector tuned on clean synthetic speech takes the noise of
a real line for a voice. Speech is the committed prompts (synthetic Japanese) and bursts shaped
like it; the shaped bursts show the rules' edges exactly.
"""

from __future__ import annotations

import numpy as np
import pytest

from softphone.audio import tones
from softphone.audio.g711 import Codec, decode, encode
from softphone.audio.prompts import load_sounds
from softphone.audio.screening import Screening, ScreeningRules, Verdict
from softphone.audio.wav import to_pcm16
from tests.softphone.audio.screening_scenes import Source, answer_tone, draw_line, sources
from tests.softphone.audio.screening_scenes import screen as play

LINE_NOISE_RMS = (20, 60)
Samples = np.ndarray


def quiet(ms: int) -> Samples:
    return tones.silence(ms)


def burst(ms: int, *, pitch_hz: float = 140, level_dbfs: float = -20.0) -> Samples:
    """A voiced sound: many harmonics, loudness rising and falling four times a second."""
    time = np.arange(ms * 8) / 8000
    voice = sum(np.sin(2 * np.pi * pitch_hz * n * time) / n for n in range(1, 18))
    voice = voice * (0.65 + 0.35 * np.cos(2 * np.pi * 4 * time))
    return voice / np.sqrt(np.mean(voice**2)) * 10 ** (level_dbfs / 20)


def join(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def on_the_line(samples: Samples, noise_rms: float, law: Codec = "PCMU") -> Samples:
    """The samples over a line: three seconds more of it, constant noise, one law's rounding."""
    padded = np.pad(to_pcm16(samples).astype(np.float64), (0, 24_000))
    noisy = padded + np.random.default_rng(5).normal(0, noise_rms, padded.size)
    return decode(encode(np.clip(noisy, -32768, 32767).astype(np.int16), law), law)


def screen(
    samples: Samples, noise_rms: float = 40, rules: ScreeningRules | None = None
) -> Verdict | None:
    line = on_the_line(samples, noise_rms)
    screening = Screening(rules)
    for end in range(160, line.size + 1, 160):
        verdict = screening.feed(line[end - 160 : end], end // 8)
        if verdict is not None:
            return verdict
    return None


SOUNDS = load_sounds()
HUMANS = {
    "a short word": join(quiet(400), burst(250)),
    "two words": join(quiet(300), burst(300), quiet(250), burst(450, pitch_hz=180)),
    "at once": burst(500),
    "a late answer": join(quiet(1800), burst(600)),
    "a quiet voice": join(quiet(400), burst(600, level_dbfs=-33)),
    "a loud voice": join(quiet(400), burst(600, level_dbfs=-8)),
    "a whole sentence in Japanese": join(quiet(300), SOUNDS.hold.samples),
}
BEEP = tones.tone(1000, 600, level_dbfs=-12)
MACHINES = {
    "a long greeting": join(quiet(400), burst(3500)),
    "a greeting with pauses": join(
        quiet(300), burst(900), quiet(500), burst(700), quiet(500), burst(900)
    ),
    "a greeting in Japanese": join(quiet(400), SOUNDS.apology.samples, quiet(500), BEEP),
    "a short greeting and a beep": join(quiet(400), burst(800), quiet(300), BEEP),
}


@pytest.mark.parametrize("noise", LINE_NOISE_RMS)
@pytest.mark.parametrize("case", HUMANS)
def test_a_person_is_human_soon_after_the_first_words(case: str, noise: float) -> None:
    verdict = screen(HUMANS[case], noise)
    assert verdict is not None
    assert verdict.kind == "human", verdict
    assert verdict.greeting_end_ms is not None
    assert 620 <= verdict.at_ms - verdict.greeting_end_ms <= 1020


@pytest.mark.parametrize("noise", LINE_NOISE_RMS)
@pytest.mark.parametrize("case", MACHINES)
def test_a_machine_is_machine(case: str, noise: float) -> None:
    verdict = screen(MACHINES[case], noise)
    assert verdict is not None
    assert verdict.kind == "machine", verdict


@pytest.mark.parametrize("noise", LINE_NOISE_RMS)
@pytest.mark.parametrize(
    ("name", "samples", "kind", "reason", "before_ms"),
    [
        ("busy", np.tile(tones.busy(), 5), "tone", "busy", 1700),
        ("dial tone", tones.tone(400, 4000), "tone", "dial", 2100),
        ("fax", join(quiet(500), tones.tone(2100, 2600)), "tone", "fax", 1000),
        ("fax calling", join(quiet(500), tones.tone(1100, 500)), "tone", "fax", 1200),
        ("ringing", np.tile(tones.ringback(), 3), "tone", "ringing", 6100),
        (
            "information",
            join(quiet(300), tones.special_information(), burst(3000)),
            "announcement",
            "special information tone",
            1400,
        ),
        ("a modem", join(quiet(500), answer_tone()), "tone", "fax", 1000),
        ("a tone of no network", tones.tone(700, 4000), "uncertain", "steady", 1200),
        ("dead air", quiet(5000), "silence", "no voice", 2600),
    ],
)
def test_tones_and_silence_are_told_by_name(
    name: str, samples: Samples, kind: str, reason: str, before_ms: int, noise: float
) -> None:
    verdict = screen(samples, noise)
    assert verdict is not None
    assert (verdict.kind, verdict.voice_ms) == (kind, 0), verdict
    assert reason in verdict.reason
    assert verdict.at_ms <= before_ms


def test_a_loud_line_alone_is_not_a_voice() -> None:
    verdict = screen(quiet(4000), noise_rms=250)
    assert verdict is not None
    assert verdict.kind == "silence"


def test_crackle_is_not_a_voice() -> None:
    crackle = quiet(4000)
    for start in range(2000, crackle.size - 400, 3200):
        crackle[start : start + 320] = np.random.default_rng(start).normal(0, 0.3, 320)
    verdict = screen(crackle)
    assert verdict is not None
    assert (verdict.kind, verdict.voice_ms) == ("silence", 0)


def test_a_person_after_the_ringing_of_an_exchange_is_human() -> None:
    verdict = screen(join(tones.ringback(), burst(500)))
    assert verdict is not None
    assert verdict.kind == "human"


def test_talk_that_never_settles_is_uncertain() -> None:
    stutter = np.tile(join(burst(120), quiet(500)), 12)
    verdict = screen(stutter)
    assert verdict is not None
    assert (verdict.kind, verdict.at_ms) == ("uncertain", 6000)


def test_the_verdict_comes_once_and_the_voice_is_seen_before_it() -> None:
    line = on_the_line(join(quiet(400), burst(400)), 40)
    screening = Screening()
    verdicts = []
    heard_at = None
    for end in range(160, line.size + 1, 160):
        verdicts.append(screening.feed(line[end - 160 : end], end // 8))
        if heard_at is None and screening.voice_started_ms is not None:
            heard_at = end // 8
            assert abs(screening.voice_started_ms - 400) <= 40
    assert [v.kind for v in verdicts if v] == ["human"]
    assert heard_at is not None and heard_at < 600


def test_a_trunk_that_sends_nothing_in_silence_is_judged_all_the_same() -> None:
    line = on_the_line(burst(400), 40)
    screening = Screening()
    for end in range(160, 400 * 8 + 1, 160):
        assert screening.feed(line[end - 160 : end], end // 8) is None
    waiting = [screening.quiet(now) for now in range(420, 1400, 20)]
    assert [v.kind for v in waiting if v] == ["human"]

    nothing = Screening()
    silent = [nothing.quiet(now) for now in range(0, 3000, 20)]
    assert [(v.kind, v.at_ms) for v in silent if v] == [("silence", 2500)]


@pytest.mark.parametrize("samples_per_frame", [80, 160, 240, 320])
def test_other_packet_lengths_give_the_same_verdict(samples_per_frame: int) -> None:
    line = on_the_line(join(quiet(400), burst(600)), 40)
    screening = Screening()
    kinds = []
    for end in range(samples_per_frame, line.size + 1, samples_per_frame):
        verdict = screening.feed(line[end - samples_per_frame : end], end // 8)
        kinds += [verdict.kind] if verdict else []
    assert kinds == ["human"]


def test_a_machine_that_draws_a_long_breath_after_a_short_sentence_passes_for_a_person() -> None:
    verdict = screen(join(quiet(200), SOUNDS.safe_harbour.samples))
    assert verdict is not None
    assert verdict.kind == "human"


@pytest.mark.parametrize("noise", LINE_NOISE_RMS)
@pytest.mark.parametrize("hz", [375, 400, 425, 700])
def test_a_person_who_hums_is_no_tone_of_the_network(hz: float, noise: float) -> None:
    instants = np.arange(3 * 8000) / 8000
    wander = 0.015 * hz * np.sin(2 * np.pi * 1.3 * instants)
    hum = 0.2 * np.sin(2 * np.pi * np.cumsum(hz + wander) / 8000)
    verdict = screen(join(quiet(400), hum), noise)
    assert verdict is not None
    assert verdict.kind in ("human", "uncertain"), verdict


def test_noise_behind_digital_silence_is_not_a_voice() -> None:
    noise = np.random.default_rng(3).normal(0, 0.02, 8 * 5000)
    verdict = screen(join(quiet(800), noise), noise_rms=0)
    assert verdict is not None
    assert (verdict.kind, verdict.voice_ms) == ("uncertain", 0), verdict


def test_on_a_line_too_loud_to_hear_anybody_nobody_is_called_silent() -> None:
    verdict = screen(quiet(4000), noise_rms=600)
    assert verdict is not None
    assert verdict.kind == "uncertain"
    assert "noise" in verdict.reason


def test_a_person_beside_a_television_is_human() -> None:
    person, television = burst(600), SOUNDS.closed.samples[: 8 * 5000]
    behind = television / np.sqrt(np.mean(television**2)) * 10 ** (-35 / 20)
    behind[8 * 700 : 8 * 1300] += person[: 8 * 600]
    verdict = screen(behind)
    assert verdict is not None
    assert verdict.kind == "human", verdict


def test_who_talks_on_and_on_with_short_pauses_is_a_machine() -> None:
    clipped = np.tile(join(burst(200), quiet(350)), 12)
    verdict = screen(clipped)
    assert verdict is not None
    assert verdict.kind == "machine"


HALF = [source for source in sources() if source.half == "held_out"]


@pytest.mark.parametrize("source", [s for s in HALF if s.truth == "person"], ids=lambda s: s.name)
def test_nobody_is_lost_on_a_line_one_can_talk_on(source: Source) -> None:
    judged = play(source, draw_line(source, 100, snrs_db=(15.0, 20.0, 30.0, None)))
    assert judged.verdict is not None
    assert judged.verdict.kind in ("human", "uncertain"), judged


@pytest.mark.parametrize("truth", ["machine", "announcement", "sit", "fax", "network_tone"])
def test_what_is_no_person_is_mostly_told(truth: str) -> None:
    of_kind = [source for source in HALF if source.truth == truth]
    kinds = [
        judged.verdict.kind
        for source in of_kind
        for index in (100, 101)
        if (judged := play(source, draw_line(source, index, snrs_db=(20.0, 30.0, None)))).verdict
    ]
    told = [kind for kind in kinds if kind in ("machine", "announcement", "tone")]
    assert len(told) >= 0.85 * len(kinds), kinds


def test_thresholds_are_rules_and_can_be_others() -> None:
    greeting = join(quiet(300), burst(1500))
    assert screen(greeting).kind == "human"  # type: ignore[union-attr]
    strict = ScreeningRules(sentence_ms=1200)
    assert screen(greeting, rules=strict).kind == "machine"  # type: ignore[union-attr]
