"""The committed prompts, computed sounds, and WAV files of other rates."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from softphone.audio import tones
from softphone.audio.g711 import FRAME_SAMPLES, decode
from softphone.audio.prompts import SOUND_DIRECTORY, Sound, load, load_sounds
from softphone.audio.sound_files import LOUDNESS_DBFS, level
from softphone.audio.wav import BadSound, read_wav, to_pcm16, write_wav
from softphone.protocol import Prompt


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
        level = tones.level_dbfs(to_pcm16(sound.samples[sound.samples != 0]))
        assert (-40 if name == "far_hold" else -30) < level < -9, (name, level)
        assert np.abs(sound.samples).max() < 1.0


def test_the_safe_harbour_message_is_short_enough() -> None:
    assert load_sounds().safe_harbour.duration_ms <= 10_000


def test_every_sound_file_has_its_credit() -> None:
    credits_text = (SOUND_DIRECTORY / "CREDITS.md").read_text(encoding="utf-8")
    files = [path.name for path in SOUND_DIRECTORY.glob("*.wav")]
    prompts = [f"{prompt.value}.wav" for prompt in Prompt]
    assert sorted(files) == sorted(prompts)
    assert all(f"`{name}`" in credits_text for name in files)
    assert "Creative Commons Attribution 3.0" in credits_text


def test_the_hold_music_has_no_seam() -> None:
    music = load_sounds().hold_music.samples
    assert music.size % FRAME_SAMPLES == 0
    steps = np.abs(np.diff(music))
    assert abs(music[0] - music[-1]) <= steps.max()


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_file_of_any_telephone_rate_keeps_its_tone(tmp_path: Path, rate: int) -> None:
    write(tmp_path / "tone.wav", rate, 1000)
    samples = decode(b"".join(load("tone", tmp_path).frames("PCMU")), "PCMU")
    assert samples.size == 8000
    assert tones.tone_dbfs(samples[800:7200], 1000) == pytest.approx(-20, abs=0.3)


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


def encode_as(path: Path, codec: str, rate: int) -> None:
    """One second of 1 kHz in another format, stereo."""
    samples = (np.sin(2 * np.pi * 1000 * np.arange(rate) / rate) * 30_000).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        stereo = np.repeat(samples, 2)[np.newaxis]
        frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
        frame.sample_rate = rate
        resampler = av.AudioResampler(format=stream.format, layout="stereo", rate=rate)
        for part in resampler.resample(frame):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("suffix", "codec", "rate"),
    [("flac", "flac", 44_100), ("mp3", "mp3", 44_100), ("wav", "pcm_s16le", 44_100)],
)
def test_other_formats_and_rates_are_taken_too(
    tmp_path: Path, suffix: str, codec: str, rate: int
) -> None:
    encode_as(tmp_path / f"tone.{suffix}", codec, rate)
    samples = to_pcm16(load("tone", tmp_path).samples)
    assert 7900 <= samples.size <= 8900  # MP3 pads
    assert tones.tone_dbfs(samples[1600:7200], 1000) == pytest.approx(LOUDNESS_DBFS, abs=0.5)


def test_a_quiet_recording_is_raised_and_its_peaks_are_not_clipped() -> None:
    quiet = tones.tone(500, 1000, level_dbfs=-45)
    assert tones.level_dbfs(to_pcm16(level(quiet))) == pytest.approx(LOUDNESS_DBFS, abs=0.5)
    spiked = quiet.copy()
    spiked[::2000] = 0.9
    assert 0.85 < np.abs(level(spiked)).max() < 0.9


def test_an_installation_replaces_the_prompts_it_has_recordings_of(tmp_path: Path) -> None:
    encode_as(tmp_path / "hold.flac", "flac", 16_000)
    sounds = load_sounds(tmp_path)
    assert tones.tone_dbfs(to_pcm16(sounds.hold.samples)[800:], 1000) > -22
    assert np.array_equal(sounds.apology.samples, load_sounds().apology.samples)


@pytest.mark.parametrize("content", [b"not a sound", b""])
def test_what_is_no_audio_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "closed.mp3").write_bytes(content)
    with pytest.raises(BadSound, match=r"closed\.mp3"):
        load_sounds(tmp_path)


def test_silence_and_a_missing_prompt_are_refused_by_name(tmp_path: Path) -> None:
    write_wav(tmp_path / "quiet.wav", np.zeros(800))
    with pytest.raises(BadSound, match=r"quiet\.wav: holds no sound"):
        load("quiet", tmp_path)
    with pytest.raises(BadSound, match="no absent with one of the endings"):
        load("absent", tmp_path)
