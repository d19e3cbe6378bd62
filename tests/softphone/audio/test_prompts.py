"""The committed prompts, computed sounds, and WAV files of other rates."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from softphone.audio import tones
from softphone.audio.g711 import FRAME_SAMPLES, decode
from softphone.audio.prompts import SOUND_DIRECTORY, Sound, load, load_sounds
from softphone.audio.wav import BadSound, read_wav, to_pcm16, write_wav


def write(path: Path, rate: int, hz: float, *, channels: int = 1, width: int = 2) -> Path:
    samples = np.sin(2 * np.pi * hz * np.arange(rate) / rate) * 10_000
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(np.repeat(samples.astype("<i2"), channels).tobytes())
    return path


def test_every_sound_is_audible_and_does_not_clip() -> None:
    for name, sound in vars(load_sounds()).items():
        level = tones.level_dbfs(to_pcm16(sound.samples))
        assert -30 < level < -9, (name, level)
        assert np.abs(sound.samples).max() < 1.0


def test_the_safe_harbour_message_is_short_enough() -> None:
    assert load_sounds().safe_harbour.duration_ms <= 10_000


def test_every_sound_file_has_its_credit() -> None:
    credits_text = (SOUND_DIRECTORY / "CREDITS.md").read_text(encoding="utf-8")
    files = [path.name for path in SOUND_DIRECTORY.glob("*.wav")]
    assert sorted(files) == ["apology.wav", "hold.wav", "safe_harbour.wav"]
    assert all(f"`{name}`" in credits_text for name in files)
    assert "Creative Commons Attribution 3.0" in credits_text


def test_the_hold_music_has_no_seam() -> None:
    music = load_sounds().hold_music.samples
    assert music.size % FRAME_SAMPLES == 0
    steps = np.abs(np.diff(music))
    assert abs(music[0] - music[-1]) <= steps.max()


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_file_of_any_telephone_rate_keeps_its_tone(tmp_path: Path, rate: int) -> None:
    sound = load(write(tmp_path / "tone.wav", rate, 1000))
    samples = decode(b"".join(sound.frames("PCMU")), "PCMU")
    assert samples.size == 8000
    assert tones.tone_dbfs(samples[800:7200], 1000) == pytest.approx(-13.3, abs=0.3)


def test_what_lies_above_the_telephone_band_does_not_fold_back(tmp_path: Path) -> None:
    folded = read_wav(write(tmp_path / "high.wav", 48000, 7000))
    assert tones.level_dbfs(to_pcm16(folded)[400:-400]) < -70


def test_stereo_is_folded_to_mono(tmp_path: Path) -> None:
    assert read_wav(write(tmp_path / "two.wav", 8000, 500, channels=2)).size == 8000


@pytest.mark.parametrize(("rate", "width"), [(44100, 2), (8000, 1)])
def test_a_file_we_cannot_play_is_named(tmp_path: Path, rate: int, width: int) -> None:
    with pytest.raises(BadSound, match=r"bad\.wav"):
        read_wav(write(tmp_path / "bad.wav", rate, 500, width=width))


def test_a_file_that_is_no_sound_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.wav"
    path.write_text("not a sound")
    with pytest.raises(BadSound, match=r"text\.wav"):
        read_wav(path)


def test_a_written_file_reads_back(tmp_path: Path) -> None:
    samples = tones.tone(500, 100)
    write_wav(tmp_path / "tone.wav", samples)
    assert np.allclose(read_wav(tmp_path / "tone.wav"), samples, atol=1e-4)


def test_the_last_frame_is_filled_up() -> None:
    frames = Sound("odd", np.full(200, 0.5)).frames("PCMA")
    assert [len(frame) for frame in frames] == [160, 160]
    assert frames[1][40:] == b"\xd5" * 120
