"""Dialogs: whose tag, which path, which number."""

from __future__ import annotations

import pytest

from softphone.sip.calls.dialog import Dialog
from softphone.sip.messages.message import Message
from softphone.sip.messages.replies import build_reply

HOME = ("192.0.2.1", 5060)


def invite(**headers: str) -> Message:
    message = Message("INVITE", "sip:0901230001@carrier.test")
    message.headers = {
        "via": ["SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK1"],
        "from": ["<sip:us@carrier.test>;tag=ours"],
        "to": ["<sip:0901230001@carrier.test>"],
        "call-id": ["c1"],
        "cseq": ["10 INVITE"],
    }
    for name, value in headers.items():
        message.set(name.replace("_", "-"), value)
    return message


def answer(**headers: str) -> Message:
    reply = build_reply(invite(), 200, source=HOME, to_tag="theirs")
    for name, value in headers.items():
        reply.set(name.replace("_", "-"), value)
    return reply


def test_the_callers_dialog_reverses_the_recorded_route():
    dialog = Dialog.from_response(
        invite(), answer(record_route="<sip:b;lr>, <sip:a;lr>", contact="<sip:line@192.0.2.5>")
    )
    assert (dialog.local_tag, dialog.remote_tag) == ("ours", "theirs")
    bye = dialog.build("BYE", via="SIP/2.0/UDP h;branch=z9hG4bK2")
    assert bye.uri == "sip:line@192.0.2.5" and bye.cseq == (11, "BYE")
    assert bye.values("route") == ["<sip:a;lr>", "<sip:b;lr>"]


def test_the_called_sides_dialog_keeps_the_order_and_swaps_the_ends():
    request = invite(record_route="<sip:b;lr>, <sip:a;lr>", contact="<sip:us@198.51.100.7:5062>")
    dialog = Dialog.from_request(request, local_tag="theirs", source=HOME)
    bye = dialog.build("BYE", via="SIP/2.0/UDP h;branch=z9hG4bK2")
    assert (bye.from_tag, bye.to_tag) == ("theirs", "ours")
    assert bye.values("route") == ["<sip:b;lr>", "<sip:a;lr>"]
    assert bye.uri == "sip:us@198.51.100.7:5062" and bye.cseq == (1, "BYE")


def test_without_a_contact_the_other_address_known_is_taken():
    assert Dialog.from_response(invite(), answer()).target == "sip:0901230001@carrier.test"
    called = Dialog.from_request(invite(), local_tag="t", source=("192.0.2.7", 5066))
    assert called.target == "sip:192.0.2.7:5066"


def test_the_answer_replaces_the_path_an_18x_named():
    dialog = Dialog.from_response(invite(), answer(record_route="<sip:old;lr>"))
    dialog.confirm(answer(record_route="<sip:new;lr>", contact="<sip:new@192.0.2.6>"))
    assert dialog.routes == ["<sip:new;lr>"] and dialog.target == "sip:new@192.0.2.6"


@pytest.mark.parametrize(
    ("routes", "target", "hop"),
    [
        ([], "sip:x@192.0.2.5:5070", ("192.0.2.5", 5070)),
        ([], "sip:x@192.0.2.5", ("192.0.2.5", 5060)),
        ([], "sip:x@192.0.2.5;transport=TLS", ("192.0.2.5", 5061)),
        ([], "sips:x@192.0.2.5", ("192.0.2.5", 5061)),
        ([], "sip:x@line.carrier.test", HOME),
        (["<sip:192.0.2.8:5080;lr>"], "sip:x@192.0.2.5", ("192.0.2.8", 5080)),
        (["<sip:proxy.carrier.test;lr>"], "sip:x@192.0.2.5", HOME),
        ([], "sip:x@[2001:db8::1]", HOME),
        ([], "sip:x@1.2.3", HOME),
    ],
)
def test_the_next_hop_is_the_first_address_or_the_trunk(routes, target, hop):
    dialog = Dialog("c", "<sip:a@b>;tag=1", "<sip:c@d>;tag=2", target, routes)
    assert dialog.next_hop(HOME) == hop


def test_numbers_of_the_peer_must_rise():
    dialog = Dialog.from_request(invite(), local_tag="t", source=HOME)
    assert not dialog.take_in_order(invite())
    assert dialog.take_in_order(invite(cseq="13 INVITE"))
    assert not dialog.take_in_order(invite(cseq="12 INVITE"))
