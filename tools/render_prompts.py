"""Render Japanese speech to 8 kHz telephone audio, offline, with Open JTalk's voice Mei.

A tool of the workshop, not of the product: the gateway plays the committed WAV files. Install
`requirements-voice.txt` into an environment of its own (the dictionaries take some 450 MB):

    python -m venv /tmp/voice && /tmp/voice/bin/pip install -r requirements-voice.txt
    /tmp/voice/bin/python tools/render_prompts.py                      # the gateway's prompts
    /tmp/voice/bin/python tools/render_prompts.py --text もしもし --out hello.wav --half-tone -6
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from softphone.audio.tones import question_chime, silence  # noqa: E402
from softphone.audio.wav import decimate, write_wav  # noqa: E402

SOUNDS = ROOT / "softphone" / "audio" / "sounds"
PEAK = 10 ** (-3 / 20)  # −3 dBFS: the voice clips on some sentences unless scaled

PROMPTS = {
    "hold": "少々お待ちください。",
    "apology": "申し訳ございません。お電話を切らせていただき、改めてご連絡いたします。",
    "safe_harbour": (
        "お電話ありがとうございます。こちらはエージェントデスクです。"
        "ただいま担当者がほかの電話に出ております。改めてお電話いたします。"
    ),
    "please_wait": "お電話ありがとうございます。担当者におつなぎします。このままお待ちください。",
    "closed": (
        "お電話ありがとうございます。ただいまの時間は、受付を終了しております。"
        "恐れ入りますが、受付時間内におかけ直しください。"
    ),
    "all_busy": (
        "申し訳ございません。ただいま電話が混み合っております。改めてこちらからお電話いたします。"
    ),
    "messages/machine": (  # its number 050-0000-0000, digit by digit
        "エージェントデスクの佐藤と申します。お手すきの際に、"
        "ゼロゴーゼロ、ゼロゼロゼロゼロ、ゼロゼロゼロゼロまで、お電話ください。"
    ),
    "messages/survey_question": (
        "ただいまの電話の対応について、お聞かせください。"
        "とても満足は5、満足は4、どちらともいえないは3、不満は2、とても不満は1のボタンを押してください。"
    ),
    "messages/survey_thanks": "ありがとうございました。失礼いたします。",
}
CHIMED = ("messages/survey_question",)  # who listens knows that no operator speaks any more


def render(text: str, *, half_tone: float = 0.0, speed: float = 1.0) -> NDArray[np.float64]:
    """Speech at 8 kHz, peak at −3 dBFS, outer silence cut to 100 ms.

    `half_tone` shifts the pitch in semitones (−6 sounds like a man), `speed` 1.0 is normal.
    """
    import pyopenjtalk  # only this tool needs it, and only here

    speech, rate = pyopenjtalk.tts(text, speed=speed, half_tone=half_tone)
    samples = decimate(np.asarray(speech, np.float64), rate // 8000)
    samples *= PEAK / max(1e-9, float(np.abs(samples).max()))
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    margin = 800
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--text", help="say this instead of rendering the gateway's prompts")
    parser.add_argument("--out", type=Path, help="the WAV file for --text")
    parser.add_argument("--half-tone", type=float, default=0.0)
    parser.add_argument("--speed", type=float, default=1.0)
    options = parser.parse_args()
    if bool(options.text) != bool(options.out):
        parser.error("--text and --out go together")
    jobs = {options.out: options.text} if options.text else {}
    for path, text in (jobs or {SOUNDS / f"{n}.wav": t for n, t in PROMPTS.items()}).items():
        samples = render(text, half_tone=options.half_tone, speed=options.speed)
        if any(path == SOUNDS / f"{name}.wav" for name in CHIMED):
            samples = np.concatenate([question_chime(), silence(300), samples])
        write_wav(path, samples)
        sys.stdout.write(f"{path.name}: {len(samples) / 8000:.2f} s\n")


if __name__ == "__main__":
    main()
