"""The demo's recordings: what its machines and abandoned calls are told, as shipped."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from agent_desk.services.campaigns import messages as machines
from agent_desk.services.campaigns.messages import Wording
from agent_desk.services.dialing.safe_harbours import (
    SHIPPED,
    SHIPPED_TEXT,
    Heard,
    approve_directly,
    examine,
)
from agent_desk.store.rules import message_files, messages
from agent_desk.store.unit_of_work import Session

MACHINE = SHIPPED.parent / "messages" / "machine.wav"
WORDING = Wording(
    "エージェントデスクの佐藤と申します。お手すきの際に、050-0000-0000まで、お電話ください。",
    "佐藤",
    "050-0000-0000",
)


def add_recordings(session: Session, campaign_id: int, *, by: str, at: datetime) -> None:
    """Both recordings of a campaign, kept and approved by whoever made the demo."""
    abandoned = examine(SHIPPED)
    approve_directly(session, campaign_id, abandoned, SHIPPED_TEXT, actor=by, at=at)
    said = Wording(SHIPPED_TEXT, "", "")
    _keep(session, campaign_id, "abandoned", SHIPPED, abandoned, said, by=by, at=at)
    machine = examine(MACHINE, longest_ms=machines.LONGEST_MS)
    messages.approve(
        session,
        campaign_id,
        sha256=machine.sha256,
        text=machines.check(WORDING),
        duration_ms=machine.duration_ms,
        by=by,
        at=at,
    )
    _keep(session, campaign_id, "machine", MACHINE, machine, WORDING, by=by, at=at)


def _keep(
    session: Session,
    campaign_id: int,
    kind: str,
    file: Path,
    heard: Heard,
    wording: Wording,
    *,
    by: str,
    at: datetime,
) -> None:
    message_files.add(
        session,
        campaign_id,
        kind=kind,
        octets=file.read_bytes(),
        by=by,
        at=at,
        **vars(wording),
        **vars(heard),
    )
