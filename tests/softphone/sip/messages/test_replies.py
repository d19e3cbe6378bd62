"""Responses: where they go and what they carry."""

from __future__ import annotations

from softphone.sip.messages.message import parse
from softphone.sip.messages.replies import build_reply
from tests.softphone.sip.torture import PLAIN

SOURCE = ("192.0.2.99", 1024)


def test_the_senders_real_address_and_port_are_noted():
    via = build_reply(parse(PLAIN), 200, source=SOURCE).values("via")[0]
    assert "rport=1024" in via and "received=192.0.2.99" in via


def test_nothing_is_noted_when_the_via_is_right_and_rport_not_asked():
    request = parse(PLAIN.replace(b";rport", b""))
    via = build_reply(request, 200, source=("192.0.2.1", 5060)).values("via")
    assert via == request.values("via")


def test_only_the_top_via_is_touched():
    request = parse(
        PLAIN.replace(b";rport", b";rport, SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKy;rport")
    )
    assert build_reply(request, 200, source=SOURCE).values("via")[1].endswith(";rport")


def test_a_via_line_of_nothing_but_a_comma_is_passed_over():
    request = parse(PLAIN.replace(b"Via: ", b"Via: ,\r\nVia: "))
    assert len(build_reply(request, 200, source=SOURCE).values("via")) == 1


def test_the_tag_is_added_once_and_not_to_a_100():
    request = parse(PLAIN)
    assert build_reply(request, 100, source=SOURCE, to_tag="t").to_tag == ""
    reply = build_reply(request, 180, source=SOURCE, to_tag="t")
    assert reply.to_tag == "t"
    request.set("to", reply.get("to"))
    assert build_reply(request, 200, source=SOURCE, to_tag="other").to_tag == "t"


def test_the_recorded_route_goes_back_with_an_answer_only():
    request = parse(PLAIN.replace(b"Max-Forwards: 70", b"Record-Route: <sip:p;lr>"))
    assert build_reply(request, 200, source=SOURCE).values("record-route") == ["<sip:p;lr>"]
    assert build_reply(request, 486, source=SOURCE).values("record-route") == []


def test_an_unknown_code_has_a_reason_too():
    assert build_reply(parse(PLAIN), 499, source=SOURCE).reason
    assert build_reply(parse(PLAIN), 486, source=SOURCE, reason="話中").reason == "話中"
