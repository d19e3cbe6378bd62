"""What the demo asks its customers at the end of talks, and what some said before its first day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_desk.services.campaigns import survey_prompts
from agent_desk.services.dialing.safe_harbours import SHIPPED, Heard, examine
from agent_desk.store.rows.past import PastTalk
from agent_desk.store.rules import message_files
from agent_desk.store.satisfaction import prompts, scores, voices
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Session

MESSAGES = SHIPPED.parent / "messages"
SAID = {
    "survey_question": (
        "ただいまの電話の対応について、お聞かせください。"
        "とても満足は5、満足は4、どちらともいえないは3、不満は2、とても不満は1のボタンを押してください。"
    ),
    "survey_thanks": "ありがとうございました。失礼いたします。",
}
ANSWERS = (5, 5, 4, 4, 4, 3, 5, 4, 2, None, 5, 3)  # None: no key was pressed
VOICES = (
    "料金の違いを図で送ってもらえると分かりやすい。",
    "説明が丁寧で、急かされなかったのが良かった。",
    "同じ内容の電話が前にもあった。",
)
THOUGHT = timedelta(seconds=16)


def add_prompts(session: Session, campaign_id: int, *, by: str, at: datetime) -> None:
    """Question and thanks of a campaign, kept and approved by whoever made the demo."""
    for kind, text in SAID.items():
        file = MESSAGES / f"{kind}.wav"
        heard = examine(file, longest_ms=survey_prompts.LONGEST_MS)
        prompts.approve(
            session,
            campaign_id,
            kind,
            sha256=heard.sha256,
            text=survey_prompts.check(kind, text),
            duration_ms=heard.duration_ms,
            by=by,
            at=at,
        )
        _keep(session, campaign_id, kind, heard, text, by=by, at=at)


def _keep(
    session: Session,
    campaign_id: int,
    kind: str,
    heard: Heard,
    text: str,
    *,
    by: str,
    at: datetime,
) -> None:
    message_files.add(
        session,
        campaign_id,
        kind=kind,
        octets=(MESSAGES / f"{kind}.wav").read_bytes(),
        text=text,
        name="",
        number="",
        by=by,
        at=at,
        **vars(heard),
    )


def add_scores(session: Session, sealer: Sealer, talks: Sequence[PastTalk]) -> None:
    """What the customers of past talks pressed, and what a few of them said."""
    for n, talk in enumerate(talks):
        ended = talk.begun + timedelta(milliseconds=talk.duration_ms)
        scores.add_past(
            session,
            talk.call_id,
            campaign_id=talk.campaign_id,
            customer_id=talk.customer.customer_id,
            user_id=talk.operator_id,
            score=ANSWERS[n % len(ANSWERS)],
            asked_at=ended,
            answered_at=ended + THOUGHT,
        )
        if n % 7 == 3:
            voices.write(
                session,
                sealer,
                talk.call_id,
                user_id=talk.operator_id,
                heard="talk",
                text=VOICES[n // 7 % len(VOICES)],
                at=ended,
            )
