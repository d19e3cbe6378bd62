"""Approved recordings on their way to the gateways, and what the page says of them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.message_files import Brought
from softphone import protocol as wire
from softphone.wire.copies import PART
from tests.agent_desk.routes.admin.test_messages import TEXT, sound
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk
from tests.fakes.gateway import SAFE_HARBOUR, WireGateway

ADMIN = Actor("admin1", "admin")


@pytest.fixture
def recording(small_desk: SmallDesk) -> str:
    """One that admin1 brought; nobody has approved it."""
    octets = sound(ms=9_000)
    brought = Brought("machine", octets, TEXT, "佐藤", "03-1234-5678")
    small_desk.desk.message_files.bring(small_desk.campaign_id, brought, actor=ADMIN)
    (row,) = small_desk.desk.message_files.kept(small_desk.campaign_id, actor=ADMIN).files
    return row.sha256


def approve(desk: SmallDesk) -> None:
    (row,) = desk.desk.message_files.kept(desk.campaign_id, actor=ADMIN).files
    signed_in(desk, "lead1").post(f"/admin/messages/{desk.campaign_id}/{row.id}/approve", {})
    desk.settle()


def told(gateway: WireGateway) -> tuple[str, ...]:
    """What it was told to hold last."""
    gateway.live()
    command = gateway.newest(wire.HoldMessages)
    return () if command is None else command.recordings


def fetch(gateway: WireGateway, recording: str, offset: int = 0) -> Any:
    return gateway.send("message_part", wire.encode(wire.FetchMessage(recording, offset)))


def state(desk: SmallDesk, kind: str = "machine") -> list[str]:
    page = signed_in(desk, "admin1").get(f"/admin/messages?campaign={desk.campaign_id}")
    text = page.get_data(as_text=True)
    part = text.split(f'data-testid="message-holders-{kind}"')[1].split("</ul>")[0]
    return [each.split('"')[0] for each in part.split('data-state="')[1:]]


def test_what_is_approved_is_told_and_handed_out_in_parts(
    small_desk: SmallDesk, recording: str
) -> None:
    gateway = small_desk.gateway()
    assert recording not in told(gateway)
    assert fetch(gateway, recording)["error_id"] == "not_approved", "a hash is no key to it"
    approve(small_desk)
    assert recording in told(gateway)
    count = len(gateway.commands)
    gateway.live()
    assert len(gateway.commands) == count, "told once"
    octets = b""
    while len(octets) < len(sound(ms=9_000)):
        part = wire.decode(wire.MessagePart, fetch(gateway, recording, len(octets)))
        assert (part.size_bytes, part.offset) == (len(sound(ms=9_000)), len(octets))
        octets += base64.b64decode(part.octets)
        assert len(octets) % PART == 0 or len(octets) == part.size_bytes
    assert octets == sound(ms=9_000)
    for offset in (-1, len(octets), 10**12):
        assert fetch(gateway, recording, offset)["octets"] == ""
    assert fetch(gateway, "0" * 64)["error_id"] == "not_approved"


def test_one_that_comes_back_is_told_again_and_a_withdrawn_one_is_told_no_more(
    small_desk: SmallDesk, recording: str
) -> None:
    gateway = small_desk.gateway()
    approve(small_desk)
    assert recording in told(gateway)
    gateway.disconnect()
    again = small_desk.gateway()
    assert recording in told(again)
    kind = {"kind": "machine"}
    page = signed_in(small_desk, "lead1")
    page.post(f"/admin/messages/{small_desk.campaign_id}/withdraw", kind)
    assert recording not in told(again)
    assert fetch(again, recording)["error_id"] == "not_approved"


def test_the_page_says_of_each_gateway_whether_it_has_it(
    small_desk: SmallDesk, recording: str
) -> None:
    first, second = small_desk.gateway("gw1"), small_desk.gateway("gw2")
    approve(small_desk)
    assert state(small_desk) == ["coming", "coming"]
    first.tell(wire.MessagesHeld((recording,), ()))
    full = wire.MessageNotHeld(recording, wire.Refusal("not_stored", "No space left on device"))
    second.tell(wire.MessagesHeld((), (full,)))
    small_desk.settle()
    assert state(small_desk) == ["held", "refused"]
    page = signed_in(small_desk, "admin1").get(f"/admin/messages?campaign={small_desk.campaign_id}")
    assert "空き容量" in page.get_data(as_text=True)
    second.disconnect()
    small_desk.settle()
    assert state(small_desk) == ["held", "away"]


def test_one_approved_without_an_upload_is_refused_by_that_name(small_desk: SmallDesk) -> None:
    gateway = small_desk.gateway()
    assert SAFE_HARBOUR in told(gateway), "approved from the command line"
    assert fetch(gateway, SAFE_HARBOUR)["error_id"] == "not_uploaded"
