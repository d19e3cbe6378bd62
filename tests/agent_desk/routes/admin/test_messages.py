"""The page of recorded messages: brought by one person, heard and approved by another."""

from __future__ import annotations

import io
import wave
from array import array
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.messages import MessageFile
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.message_files import Brought
from agent_desk.services.errors import ServiceError
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Shift

TEXT = "山田商事の佐藤です。03-1234-5678までお電話ください。"


def sound(*, ms: int = 1_000, peak: int = 9_000, rate: int = 8_000) -> bytes:
    """A tone as a WAV file."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array("h", [peak, -peak] * (rate * ms // 2_000)).tobytes())
    return kept.getvalue()


def form(octets: bytes, **values: str) -> dict[str, Any]:
    """What the page sends."""
    said = {"kind": "machine", "text": TEXT, "name": "佐藤", "number": "03-1234-5678"}
    return {**said, **values, "file": (io.BytesIO(octets), "message.wav")}


def path(shift: Shift) -> str:
    return f"/admin/messages/{shift.desk.campaign_id}"


def files(shift: Shift) -> list[MessageFile]:
    with shift.desk.desk.database.read() as session:
        return list(session.scalars(select(MessageFile).order_by(MessageFile.id)))


def audited(shift: Shift) -> list[str]:
    with shift.desk.desk.database.read() as session:
        return list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))


@pytest.mark.parametrize("kind", ["machine", "abandoned"])
def test_somebody_else_approves_what_one_has_brought(shift: Shift, kind: str) -> None:
    lead, admin = signed_in(shift.desk, "lead1"), signed_in(shift.desk, "admin1")
    assert lead.post(path(shift), form(sound(), kind=kind)).status_code == 303
    [kept] = files(shift)
    own = lead.post(f"{path(shift)}/{kept.id}/approve", {})
    assert (own.status_code, "別の方" in own.get_data(as_text=True)) == (403, True)
    heard = admin.get(f"{path(shift)}/{kept.id}.wav")
    assert (heard.data, heard.headers["Cache-Control"]) == (sound(), "no-store")
    assert admin.post(f"{path(shift)}/{kept.id}/approve", {}).status_code == 303
    shift.desk.settle()
    page = admin.get(f"/admin/messages?campaign={shift.desk.campaign_id}").get_data(as_text=True)
    assert "admin1 が承認" in page
    assert {"message.brought", "message.heard"} <= set(audited(shift))


def test_withdrawn_nothing_is_left_any_more(shift: Shift) -> None:
    lead, admin = signed_in(shift.desk, "lead1"), signed_in(shift.desk, "admin1")
    lead.post(path(shift), form(sound()))
    admin.post(f"{path(shift)}/{files(shift)[0].id}/approve", {})
    assert shift.desk.desk.messages.approved(shift.desk.campaign_id) is not None
    assert lead.post(f"{path(shift)}/withdraw", {}).status_code == 400
    assert lead.post(f"{path(shift)}/withdraw", {"kind": "machine"}).status_code == 303
    shift.desk.settle()
    desk, campaign_id = shift.desk.desk, shift.desk.campaign_id
    assert desk.messages.approved(campaign_id) is None
    assert desk.safe_harbours.approved(campaign_id) is not None
    assert lead.post(f"{path(shift)}/withdraw", {"kind": "abandoned"}).status_code == 303
    assert desk.safe_harbours.approved(campaign_id) is None
    assert {"campaign.message.withdrawn", "campaign.safe-harbour.withdrawn"} <= set(audited(shift))


@pytest.mark.parametrize(
    ("octets", "values", "told"),
    [
        (sound(), {"text": TEXT + "ご返済の件です。"}, "返済"),
        (sound(), {"text": TEXT + "至急です。"}, "至急"),
        (sound(), {"number": ""}, "折り返し"),
        (sound(), {"kind": "other"}, "flash-error"),
        (sound(ms=30_100), {}, "30秒以内"),
        (sound(ms=10_100), {"kind": "abandoned"}, "10秒以内"),
        (sound(peak=500), {}, "小さすぎ"),
        (sound(peak=0), {}, "無音"),
        (b"RIFF" + bytes(40), {}, "読めません"),
        (sound()[:44], {}, "読めません"),
        (sound(rate=8_000)[:24] + bytes(4) + sound()[28:], {}, "読めません"),
    ],
)
def test_what_may_not_be_said_or_is_no_sound_is_refused(
    shift: Shift, octets: bytes, values: dict[str, str], told: str
) -> None:
    answer = signed_in(shift.desk, "lead1").post(path(shift), form(octets, **values))
    assert answer.status_code >= 400
    assert told in answer.get_data(as_text=True)
    assert files(shift) == []


def test_a_file_of_more_than_a_megabyte_is_refused(shift: Shift) -> None:
    brought = Brought("machine", bytes(1024 * 1024 + 1), TEXT, "佐藤", "03-1234-5678")
    with pytest.raises(ServiceError, match="message-too-large"):
        shift.desk.desk.message_files.bring(
            shift.desk.campaign_id, brought, actor=Actor("admin1", "admin", None)
        )


def test_an_operator_and_another_campaign_are_refused(shift: Shift) -> None:
    assert signed_in(shift.desk, "operator1").post(path(shift), form(sound())).status_code == 403
    lead = signed_in(shift.desk, "lead1")
    assert lead.get("/admin/messages/999/1.wav").status_code == 403
    assert lead.get(f"{path(shift)}/999.wav").status_code == 404
