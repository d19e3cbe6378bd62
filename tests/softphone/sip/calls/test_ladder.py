"""What is kept of a call's messages, and what may be read of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softphone.sip.calls.inbound import InboundCall
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.ladder import MOST_MESSAGES, Ladders, Passed, describe
from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.server import SipServer
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.sip.placed_calls import OFFER, HeardCall, trunk_settings
from tests.softphone.sip.wire import HeardInbound
from tests.waiting import await_until

INVITE = b"\r\n".join(
    [
        b"INVITE sip:+819012345678@carrier.example;user=phone SIP/2.0",
        b"Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKours",
        b"Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKsecond",
        b'From: "Yamada 0312345678" <sip:0312345678@carrier.example>;tag=abc',
        b"To: <sip:+819012345678@carrier.example>",
        b"Call-ID: 1f2e3d@10.0.0.1",
        b"CSeq: 7 INVITE",
        b"Contact: <sip:secretaccount@10.0.0.1:5060>",
        b'Authorization: Digest username="secretaccount", response="0123456789abcdef"',
        b"P-Asserted-Identity: <sip:0312345678@carrier.example>",
        b"Content-Type: application/sdp",
        b"",
        b"v=0",
        b"o=0312345678 1 1 IN IP4 10.0.0.1",
        b"c=IN IP4 10.0.0.1",
        b"m=audio 40000 RTP/SAVP 0 101",
        b"a=rtpmap:0 PCMU/8000",
        b"a=rtpmap:101 telephone-event/8000",
        b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0c2VjcmV0",
        b"a=sendonly",
        b"",
    ]
)


def test_a_message_is_told_by_what_explains_it() -> None:
    assert describe(INVITE).split("\n") == [
        "INVITE sip:**78@carrier.example;user=phone SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKours",
        "From: <sip:**78@carrier.example>;tag=abc",
        "To: <sip:**78@carrier.example>",
        "Call-ID: 1f2e3d@10.0.0.1",
        "CSeq: 7 INVITE",
        "Contact: <sip:***@10.0.0.1:5060>",
        "SDP: audio 40000 RTP/SAVP 10.0.0.1 PCMU/8000 telephone-event/8000 sendonly crypto",
    ]


def test_a_refusal_is_told_with_its_reasons() -> None:
    told = describe(
        b"SIP/2.0 503 Service Unavailable\r\nv: SIP/2.0/UDP h\r\nReason: Q.850;cause=34\r\n"
        b'Retry-After: 30\r\nWarning: 399 h "no line for 09012345678"\r\n\r\n'
    )
    assert told.split("\n") == [
        "SIP/2.0 503 Service Unavailable",
        "Via: SIP/2.0/UDP h",
        "Reason: Q.850;cause=34",
        "Retry-After: 30",
        'Warning: 399 h "no line for **78"',
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"From: sip:09012345678@h;tag=1",
        b"From: <tel:+81-90-1234-5678>;tag=1",
        b'f: "\\"x\\" 09012345678" <sips:09012345678:pw@h>',
        b"To: Yamada Taro <sip:09012345678;phone-context=+81@h>",
        b"m: <sip:user@h>, <sip:09012345678@h>",
        b"TO: <sip:09012345678>",
        b"Refer-To: <sip:09012345678@h?Replaces=x>",
        b"Authorization: Digest response=09012345678",
        b"X-Customer: Yamada 09012345678",
        b"From: <sip:a@h>\r\n 09012345678 Yamada",
        b'From: "Yamada"\r\n\t<sip:09012345678@h>;tag=1',
        b'Contact: "A" <sip:a@h>, "Yamada" <sip:09012345678@h>',
        b"From: Yamada; Taro <sip:09012345678@h>",
        b'From: "x "y" Yamada" <sip:09012345678@h>',
        b"From: Yamada sip:09012345678@h",
        b'From: <sip:a@h>;tag=a09012345678b;cname="Yamada"',
        b"To: <sip:090,12345678@h>",
        b"To: <im:Yamada.09012345678@h>",
        b"Contact: <sip:a@h;name=Yamada;number=a09012345678>",
        b"Refer-To: <sip:a@h?P-Asserted-Identity=%3Csip%3A09012345678%40h%3E&Subject=Yamada>",
        b"Call-ID: 09012345678.1@h",
        b"Call-ID: call09012345678x@h",
        b"Via: SIP/2.0/UDP h;branch=z9hG4bK09012345678",
        b'Reason: Q.850;cause=16;text="090 1234 5678"',
        b'Reason: Q.850;cause=16;text="to09012345678."',
        b'Warning: 399 h "090.1234.5678 or (090) 12345678"',
        b"Retry-After: 30 (call 090-1234-5678)",
        b"P-Asserted-Identity: Yamada <sip:09012345678@h>",
        b"Remote-Party-ID: Yamada <sip:09012345678@h>",
        b"Diversion: <tel:09012345678>",
        b"Content-Type: application/dtmf-relay",
    ],
)
@pytest.mark.parametrize("break_", [b"\r\n", b"\n"])
def test_no_number_and_no_name_is_ever_told(line: bytes, break_: bytes) -> None:
    message = b"INVITE sip:09012345678@h SIP/2.0\r\n" + line + b"\r\n\r\n09012345678 Yamada"
    told = describe(message.replace(b"\r\n", break_))
    digits = "".join(each for each in told if each.isalnum())
    assert "1234" not in digits
    assert "Yamada" not in told
    assert "pw" not in told


@pytest.mark.parametrize(
    "line",
    [
        b"INVITE sip:a@h;user=a09012345678?Subject=Yamada SIP/2.0",
        b"INVITE tel:09012345678;isub=12345678 SIP/2.0",
        b"INVITE Yamada:09012345678 SIP/2.0",
        b"SIP/2.0 480 09012345678 is away",
        b"SIP/2.0 4809012345678 gone",
        b"09012345678 Yamada",
    ],
)
def test_a_first_line_tells_neither(line: bytes) -> None:
    told = describe(line + b"\r\n\r\n")
    assert "1234" not in told
    assert "Yamada" not in told


def test_keys_pressed_into_a_message_are_not_told() -> None:
    told = describe(
        b"INFO sip:a@10.0.0.1:5060 SIP/2.0\r\nCSeq: 3 INFO\r\n"
        b"Content-Type: application/dtmf-relay\r\n\r\nSignal=4\r\nDuration=160\r\n"
    )
    assert told == "INFO sip:***@10.0.0.1:5060 SIP/2.0\nCSeq: 3 INFO"


def test_what_explains_a_failure_keeps_its_addresses_and_order() -> None:
    told = describe(
        b"SIP/2.0 302 Moved to 203.0.113.10\r\nCSeq: 2147483647 INVITE\r\n"
        b'Contact: "Gate" <sips:gate@203.0.113.10:5061;transport=tls;lr>;expires=60,'
        b" <sip:[2001:db8::1]:5060>\r\n"
        b'Warning: 307 203.0.113.10:5060 "no such codec"\r\n\r\n'
    )
    assert told.split("\n") == [
        "SIP/2.0 302 Moved to 203.0.113.10",
        "CSeq: 2147483647 INVITE",
        "Contact: <sips:***@203.0.113.10:5061;transport=tls;lr>, <sip:[2001:db8::1]:5060>",
        'Warning: 307 203.0.113.10:5060 "no such codec"',
    ]


class Clock:
    at = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


def test_the_messages_of_a_call_are_kept_until_it_is_over() -> None:
    kept: list[tuple[str, list[Passed]]] = []
    ladders = Ladders(now=Clock(), keep=lambda call_id, passed: kept.append((call_id, passed)))
    ladders.begin("1f2e3d@10.0.0.1", "c1")
    left: list[bytes] = []
    send = ladders.sending(lambda data, address: left.append(data))
    send(INVITE, ("10.0.0.2", 5060))
    ladders.received(b"SIP/2.0 100 Trying\r\ni : 1f2e3d@10.0.0.1\r\n\r\n", ("10.0.0.2", 5060))
    ladders.received(b"SIP/2.0 200 OK\r\nCALL-ID: another\r\n\r\n", ("10.0.0.2", 5060))
    ladders.received(b"\r\n\r\n", ("10.0.0.2", 5060))
    assert left == [INVITE]
    assert [each.sent for each in ladders.live("c1")] == [True, False]
    ladders.end("1f2e3d@10.0.0.1")
    ladders.end("1f2e3d@10.0.0.1")
    assert [(call_id, len(passed)) for call_id, passed in kept] == [("c1", 2)]
    assert ladders.live("c1") == []


def test_the_invite_of_a_call_that_came_in_is_its_first_message() -> None:
    ladders = Ladders(now=Clock())
    ladders.received(INVITE, ("10.0.0.2", 5060))
    ladders.begin("1f2e3d@10.0.0.1", "c1")
    ladders.begin("other", "c2")
    assert [each.data for each in ladders.live("c1")] == [INVITE]
    assert ladders.live("c2") == []


def test_a_call_that_never_stops_is_cut_off_and_giants_are_left_out() -> None:
    ladders = Ladders(now=Clock())
    ladders.begin("1f2e3d@10.0.0.1", "c1")
    ladders.received(INVITE + b"x" * 9000, ("10.0.0.2", 5060))
    for _ in range(MOST_MESSAGES + 5):
        ladders.received(INVITE, ("10.0.0.2", 5060))
    assert len(ladders.live("c1")) == MOST_MESSAGES


async def test_a_trunk_keeps_the_ladder_of_each_of_its_calls(tmp_path: Path) -> None:
    kept: dict[str, list[Passed]] = {}
    ladders = Ladders(keep=lambda call_id, passed: kept.__setitem__(call_id, passed))

    def refuse(call: InboundCall) -> HeardInbound:
        call.reject(486, "Busy Here", 17)
        return HeardInbound()

    server = SipServer(refuse)
    await server.start()
    trunk = Trunk(
        trunk_settings(server.address[1]), DialogJournal(tmp_path / "journal"), ladders=ladders
    )
    await trunk.start()
    trunk.place(OutboundInvite("c7", "+819012345678", "", OFFER, 30), HeardCall())
    await await_until(lambda: "c7" in kept)
    await trunk.stop()
    await server.stop()
    first = [(each.sent, describe(each.data).split(" ")[0]) for each in kept["c7"]]
    assert first[0] == (True, "INVITE")
    assert first[-1] == (True, "ACK")
    told = "\n".join(describe(each.data) for each in kept["c7"])
    assert "SIP/2.0 486" in told
    assert "12345678" not in told
