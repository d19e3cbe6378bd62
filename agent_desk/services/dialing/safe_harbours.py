"""Approving the recording for abandoned calls: without one nobody dials ahead (R21).

What an abandoned customer hears says who called, within the two seconds, and nothing else: whoever
picks up may be the family or a colleague, so no word of it may tell of a debt (貸金業法21条1項5号).
Somebody listens to the file, writes down what is said in it and answers for it by name. The
approval is of the file's hash, per campaign, and a gateway that plays another file has none.

The recording the product ships is synthesised; `SHIPPED` names it, `SHIPPED_TEXT` is what it says.
"""

from __future__ import annotations

import re
import unicodedata
import wave
from array import array
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

import softphone.protocol
from agent_desk.dialer.commands import ApproveSafeHarbour
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.approvers import require_approver, require_two
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns
from agent_desk.store.rules import safe_harbours
from agent_desk.store.rules.messages import ApprovalRow
from agent_desk.store.unit_of_work import Database

SHIPPED = Path(softphone.protocol.__file__).parent / "audio" / "sounds" / "safe_harbour.wav"
SHIPPED_TEXT = (
    "お電話ありがとうございます。こちらはエージェントデスクです。"
    "ただいま担当者がほかの電話に出ております。改めてお電話いたします。"
)

LONGEST_MS = 10_000
LONGEST_LEAD_MS = 300  # of silence before the first word: the two seconds are nearly over
LONGEST_TEXT = 1_000
RATES = range(8_000, 48_001)  # samples a second
QUIETEST_PEAK = 1_036  # of 32,768: −30 dBFS, below which nobody understands it on a telephone
_FRAME_MS = 20
_VOICE_BELOW_PEAK = 0.03  # a frame whose loudest sample is 30 dB below the file's is a pause

# Words that let whoever picks up guess a debt; compared as they sound, whatever the kana.
DEBT_WORDS = (
    "督促",
    "とくそく",
    "返済",
    "へんさい",
    "支払",
    "しはらい",
    "しはらう",
    "未払",
    "みばらい",
    "未納",
    "みのう",
    "未収",
    "入金",
    "にゅうきん",
    "借入",
    "借り入れ",
    "かりいれ",
    "借金",
    "しゃっきん",
    "債務",
    "さいむ",
    "債権",
    "さいけん",
    "延滞",
    "えんたい",
    "遅延",
    "滞納",
    "たいのう",
    "請求",
    "せいきゅう",
    "取立",
    "取り立て",
    "とりたて",
    "回収",
    "融資",
    "ゆうし",
    "ローン",
    "キャッシング",
    "残高",
    "期日",
    "利息",
    "法的",
    "弁護士",
    "差押",
    "差し押さえ",
)
_ENGLISH = re.compile(r"\b(debts?|loans?|(re)?payments?|overdue|arrears|collections?|owed?)\b")


@dataclass(frozen=True)
class Heard:
    """What can be said of a recording without listening to it; times in milliseconds."""

    sha256: str
    duration_ms: int
    lead_ms: int  # silence before the first sound


def examine(file: Path, *, longest_ms: int = LONGEST_MS) -> Heard:
    """A recording that may be approved; ServiceError as `examine_sound`."""
    try:
        octets = file.read_bytes()
    except OSError:
        raise ServiceError("safe-harbour-unreadable", file=file.name) from None
    return examine_sound(octets, name=file.name, longest_ms=longest_ms)


def examine_sound(octets: bytes, *, name: str, longest_ms: int = LONGEST_MS) -> Heard:
    """A recording that may be approved; ServiceError `safe-harbour-unreadable` (16-bit PCM WAV of
    one or two channels at 8 to 48 kHz is needed), `-too-long` (`longest_ms`) or `-silence` (it
    begins with some)."""
    try:
        with wave.open(BytesIO(octets)) as sound:
            step, rate = sound.getnchannels(), sound.getframerate()
            if sound.getsampwidth() != 2 or step > 2 or rate not in RATES:
                raise ServiceError("safe-harbour-unreadable", file=name)
            read = sound.readframes(sound.getnframes())
    except (EOFError, wave.Error):
        raise ServiceError("safe-harbour-unreadable", file=name) from None
    # A header may promise more than there is, and the last sample may be cut.
    samples = array("h", read[: len(read) // (2 * step) * (2 * step)])
    if not samples:
        raise ServiceError("safe-harbour-unreadable", file=name)
    duration_ms = len(samples) // step * 1000 // rate
    if duration_ms > longest_ms:
        raise ServiceError("safe-harbour-too-long", seconds=longest_ms // 1000)
    lead_ms = _lead_ms(samples, step * rate * _FRAME_MS // 1000)
    if lead_ms > LONGEST_LEAD_MS:
        raise ServiceError("safe-harbour-silence", milliseconds=lead_ms)
    return Heard(sha256(octets).hexdigest(), duration_ms, lead_ms)


def _lead_ms(samples: array[int], frame: int) -> int:
    peak = max(max(samples), -min(samples))
    if not peak:
        raise ServiceError("safe-harbour-silence", milliseconds=0)
    if peak < QUIETEST_PEAK:
        raise ServiceError("safe-harbour-quiet")
    edges = range(0, len(samples) + frame, frame)
    for number, (start, end) in enumerate(pairwise(edges)):
        part = samples[start:end]
        if part and max(max(part), -min(part)) >= _VOICE_BELOW_PEAK * peak:
            return number * _FRAME_MS
    return len(samples) // frame * _FRAME_MS


def check_text(text: str) -> str:
    """The text without outer blanks; ServiceError `safe-harbour-text` when there is none, and
    `safe-harbour-debt-word` naming the word that tells of a debt."""
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise ServiceError("safe-harbour-text")
    folded = _folded(text)
    for word in DEBT_WORDS:
        if _folded(word) in folded:
            raise ServiceError("safe-harbour-debt-word", word=word)
    english = _ENGLISH.search(unicodedata.normalize("NFKC", text).casefold())
    if english is not None:
        raise ServiceError("safe-harbour-debt-word", word=english.group())
    return text


def _folded(text: str) -> str:
    """As it sounds rather than as it is written: one width, one case, kana as hiragana, no gaps."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(
        chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign
        for sign in plain
        if not sign.isspace() and sign not in "・-‐、。"
    )


class SafeHarbours:
    """Approvals while a desk runs."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def approve(
        self, campaign: str, heard: Heard, text: str, *, actor: str, brought_by: str
    ) -> None:
        """Approve a recording for a campaign named by people; ServiceError, or the core's."""
        require_two(brought_by, actor)
        text = check_text(text)
        _check(heard)
        self._submit(campaign, heard, text, actor=actor, brought_by=brought_by)

    def approved(self, campaign_id: int) -> ApprovalRow | None:
        """What abandoned calls are to hear, if anything is approved."""
        with self._database.read() as session:
            newest = safe_harbours.newest(session, campaign_id)
        return newest if newest is not None and newest.sha256 else None

    def withdraw(self, campaign: str, *, actor: str) -> None:
        """Approve none any more: from the next call on nobody is dialed ahead."""
        self._submit(campaign, None, "", actor=actor)

    def _submit(
        self, campaign: str, heard: Heard | None, text: str, *, actor: str, brought_by: str = ""
    ) -> None:
        with self._database.read() as session:
            found = campaigns.by_name(session, campaign)
            require_approver(session, actor)
        if found is None:
            raise ServiceError("not-in-scope", campaign=campaign)
        campaign_id, now = CampaignId(found[0]), self._clock.now()
        sha256, duration_ms = (heard.sha256, heard.duration_ms) if heard else ("", 0)
        command = ApproveSafeHarbour(campaign_id, sha256, text, duration_ms, actor)

        def rows(session: Session) -> None:
            _note(session, campaign_id, heard, actor=actor, brought_by=brought_by, at=now)

        reply = self._commits.submit(command, rows=rows)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)


def approve_directly(
    session: Session,
    campaign_id: int,
    heard: Heard | None,
    text: str,
    *,
    actor: str,
    at: datetime,
    brought_by: str = "",
) -> None:
    """The same (or, without a recording, the withdrawal) where no desk runs; ServiceError as
    above."""
    if heard is not None:
        text = check_text(text)
        _check(heard)
    sha256, duration_ms = (heard.sha256, heard.duration_ms) if heard else ("", 0)
    safe_harbours.approve(
        session,
        campaign_id,
        sha256=sha256,
        text=text,
        duration_ms=duration_ms,
        by=actor,
        at=at,
    )
    _note(session, campaign_id, heard, actor=actor, brought_by=brought_by, at=at)


def check_heard(heard: Heard, *, longest_ms: int) -> None:
    """What is said of a file can be true of it; ServiceError safe-harbour-too-long, bad-payload."""
    if not 0 < heard.duration_ms <= longest_ms:
        raise ServiceError("safe-harbour-too-long", seconds=longest_ms // 1000)
    if len(heard.sha256) != 64 or set(heard.sha256) - set("0123456789abcdef"):
        raise ServiceError("bad-payload", reason="sha256")


def _check(heard: Heard) -> None:
    check_heard(heard, longest_ms=LONGEST_MS)
    if not 0 <= heard.lead_ms <= LONGEST_LEAD_MS:
        raise ServiceError("safe-harbour-silence", milliseconds=heard.lead_ms)


def _note(
    session: Session,
    campaign_id: int,
    heard: Heard | None,
    *,
    actor: str,
    brought_by: str,
    at: datetime,
) -> None:
    details: dict[str, Any] = {}
    if heard is not None:
        details = {"sha256": heard.sha256, "duration_ms": heard.duration_ms, "from": brought_by}
    audit.append(
        session,
        at=at,
        actor=actor,
        action="campaign.safe-harbour" if heard else "campaign.safe-harbour.withdrawn",
        subject=f"campaign:{campaign_id}",
        details=details,
    )
