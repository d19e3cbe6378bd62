"""Reading and writing SIP messages: tolerant of carriers, deaf to nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.sip.messages.headers import SipParseError
from softphone.sip.messages.message import Message, parse
from tests.softphone.sip.torture import MALFORMED, PLAIN, WELL_FORMED

TORTURE = Path(__file__).parents[4].parent / "shared" / "sip_torture"
# The messages of RFC 4475 that are well formed and fit a datagram of one request or response.
VALID_FILES = (
    "wsinv", "intmeth", "esc01", "escnull", "esc02", "lwsdisp", "longreq", "dblreq", "semiuri",
    "transports", "mpart01", "unreason", "noreason",
)  # fmt: skip


@pytest.mark.parametrize("name", WELL_FORMED)
def test_odd_but_right_messages_are_read(name):
    message = parse(WELL_FORMED[name])
    assert message.cseq[0] in (7, 4294967295) and message.from_tag == "f1"


@pytest.mark.parametrize("name", MALFORMED)
def test_wrong_messages_are_refused(name):
    with pytest.raises(SipParseError):
        parse(MALFORMED[name])


@pytest.mark.parametrize("name", WELL_FORMED)
def test_what_was_read_is_written_so_that_it_reads_the_same(name):
    first = parse(WELL_FORMED[name])
    second = parse(bytes(first))
    assert (second.method, second.uri, second.code) == (first.method, first.uri, first.code)
    assert second.body == first.body
    without_length = {k: v for k, v in first.headers.items() if k != "content-length"}
    assert {k: v for k, v in second.headers.items() if k != "content-length"} == without_length


def test_lists_are_read_over_lines_and_commas():
    message = parse(PLAIN)
    message.add("Route", "<sip:a;lr>, <sip:b;lr>")
    message.add("Route", "<sip:c;lr>")
    assert message.values("route") == ["<sip:a;lr>", "<sip:b;lr>", "<sip:c;lr>"]


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\rb"])
def test_a_header_value_cannot_start_another_header(value):
    with pytest.raises(ValueError, match="line break"):
        Message("OPTIONS", "sip:a@b").set("subject", value)


@pytest.mark.parametrize(
    ("reasons", "cause"),
    [
        (["Q.850;cause=17"], 17),
        (['SIP;cause=486;text="a, b"', 'q.850 ; text="x" ; CAUSE=34'], 34),
        (["SIP;cause=200, Q.850;cause=16"], 16),
        (["Q.850;cause=99999999"], None),
        (["Q.850;cause=x"], None),
        (["Q.850;cause=0"], None),  # Asterisk, before it knows one
        (["SIP;cause=486"], None),
        ([], None),
    ],
)
def test_the_isdn_cause_is_found(reasons, cause):
    message = Message(code=486, reason="Busy Here")
    for reason in reasons:
        message.add("reason", reason)
    assert message.q850 == cause


def test_only_a_session_description_counts_as_one():
    message = Message(code=200, reason="OK")
    message.body = b"v=0\r\n"
    assert message.sdp == ""
    message.set("content-type", "Application/SDP ; charset=utf-8")
    assert message.sdp == "v=0\r\n"


def test_an_unreadable_contact_is_passed_over():
    message = Message(code=200, reason="OK")
    message.set("contact", "<broken, <sip:ok@192.0.2.1>")
    assert message.contact_uri == ""
    message.set("contact", '"x" <tel:1>, "y, z" <sip:ok@192.0.2.1>;expires=3')
    assert message.contact_uri == "sip:ok@192.0.2.1"


def test_one_unreadable_record_route_voids_them_all():
    message = Message(code=200, reason="OK")
    message.set("record-route", "<sip:a;lr>, <nonsense>")
    assert message.record_routes == []


@pytest.mark.skipif(not TORTURE.is_dir(), reason="no copy of the RFC 4475 messages beside the tree")
def test_the_messages_of_rfc_4475():
    refused = set()
    for path in sorted(TORTURE.glob("*.dat")):
        try:
            parse(bytes(parse(path.read_bytes())))
        except SipParseError:
            refused.add(path.stem)
    assert refused.isdisjoint(VALID_FILES)
    assert {"clerr", "ncl", "scalar02", "scalarlg", "quotbal", "insuf"} <= refused
