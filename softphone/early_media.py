"""What the network says before an answer: its tones, as evidence of why a call did not come about.

A carrier may tell by a tone or an announcement what its code does not: behind the special
information tone (ITU-T E.180) lies "this number is not in use", whatever the final answer says.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.audio.g711 import Codec, decode
from softphone.audio.tone_patterns import TonePatterns, pure_tone_hz
from softphone.audio.tones import level_dbfs

# Announcements begin with their tone; after that a phone that rings costs nothing any more.
LISTEN_S = 8.0
_TONE_FLOOR_DBFS = -45.0
EVIDENCE = {
    "information": "information tone",
    "busy": "busy tone",
    "dial": "dial tone",
    "fax": "fax tone",
}


class EarlyEar:
    """Hears one call's early media. `on_evidence(text)` comes at most once."""

    def __init__(self, now: Callable[[], float], on_evidence: Callable[[str], None]) -> None:
        self._over = False
        self._now = now
        self._on_evidence = on_evidence
        self._patterns = TonePatterns()
        self._started_at = now()

    def hear(self, payload: bytes, codec: Codec) -> None:
        """A packet arrived."""
        at_ms = round((self._now() - self._started_at) * 1000)
        self._over = self._over or at_ms > LISTEN_S * 1000
        if self._over or len(payload) < 80:
            return
        samples = decode(payload, codec)
        hz = pure_tone_hz(samples) if level_dbfs(samples) > _TONE_FLOOR_DBFS else None
        pattern = self._patterns.hear(hz, at_ms, samples.size // 8)
        if pattern in EVIDENCE:
            self._over = True
            self._on_evidence(EVIDENCE[pattern])
