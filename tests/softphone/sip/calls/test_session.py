"""Inside an answered call: the peer's requests, answered and told."""

from __future__ import annotations

import pytest

from softphone.sip.calls.referral import ReferResult
from softphone.sip.messages.message import Message, parse
from softphone.sip.messages.sdp import parse_sdp, read_audio
from tests.softphone.sip.far_end import ANSWER, TRUNK, FarEnd

HOLD = ANSWER.replace("a=sendrecv", "a=sendonly").replace(" 1 IN", " 2 IN")
VIDEO = ANSWER.replace("m=audio", "m=video")


def with_timer(far: FarEnd, value: str, *, allow: str = "INVITE, BYE"):
    call, heard = far.place(session_expires_s=90)
    headers = {"session-expires": value, "require": "timer", "allow": allow}
    far.reply(far.last("INVITE"), 200, sdp=ANSWER, headers=headers)
    return call, heard


def test_a_hold_is_answered_and_told_once():
    far = FarEnd()
    _, heard = far.answered()
    far.request("INVITE", cseq=1, sdp=HOLD)
    assert far.last_reply.code == 200 and "a=recvonly" in far.last_reply.sdp
    assert "m=audio 4000 RTP/AVP 0 101" in far.last_reply.sdp
    assert far.last_reply.get("contact")
    far.request("ACK", cseq=1)
    far.request("INVITE", cseq=2, sdp=HOLD)
    assert len(heard.media) == 1, "the same description again is no news"
    audio = read_audio(heard.media[0])
    assert audio.on_hold and (audio.host, audio.port) == ("192.0.2.1", 6000)


def test_the_codec_in_use_is_kept_for_as_long_as_the_peer_offers_it():
    far = FarEnd()
    _, heard = far.answered()
    both = HOLD.replace("RTP/AVP 0", "RTP/AVP 8 0")
    far.request("INVITE", cseq=1, sdp=both)
    assert "m=audio 4000 RTP/AVP 0 101" in far.last_reply.sdp
    far.request("ACK", cseq=1)
    far.request("INVITE", cseq=2, sdp=both.replace("RTP/AVP 8 0", "RTP/AVP 8"))
    assert "m=audio 4000 RTP/AVP 8 101" in far.last_reply.sdp
    assert [read_audio(sdp).codec for sdp in heard.media] == ["PCMU", "PCMA"]


def test_a_hold_ends_by_a_reinvite_without_an_offer():
    far = FarEnd()
    _, heard = far.answered()
    far.request("INVITE", cseq=1, sdp=HOLD)
    far.request("ACK", cseq=1)
    far.request("INVITE", cseq=2)
    assert "a=sendrecv" in far.last_reply.sdp and "RTP/AVP 0 8 101" in far.last_reply.sdp
    far.request("ACK", cseq=2, sdp=ANSWER)
    assert [read_audio(sdp).on_hold for sdp in heard.media] == [True, False]


def test_an_unacceptable_offer_is_refused_and_the_call_goes_on():
    far = FarEnd()
    _, heard = far.answered()
    far.request("INVITE", cseq=1, sdp=VIDEO)
    assert far.replies("INVITE") == [488]
    assert heard.endings == [] and heard.media == []


def test_a_reinvite_without_an_offer_gets_ours_and_the_ack_brings_the_answer():
    far = FarEnd()
    _, heard = far.answered()
    far.request("INVITE", cseq=1)
    assert "m=audio 4000" in far.last_reply.sdp
    far.request("ACK", cseq=1, sdp=HOLD)
    assert [read_audio(sdp).on_hold for sdp in heard.media] == [True]


def test_an_unusable_answer_in_the_ack_changes_nothing():
    far = FarEnd()
    _, heard = far.answered()
    far.request("INVITE", cseq=1)
    far.request("ACK", cseq=1, sdp=VIDEO)
    assert heard.media == [] and heard.endings == []


def test_the_answer_to_our_refresh_may_move_the_media():
    far = FarEnd()
    _, heard = with_timer(far, "90;refresher=uac")
    far.time.advance(45)
    far.reply(far.last("INVITE"), 200, sdp=ANSWER.replace("6000", "6008"))
    assert [read_audio(sdp).port for sdp in heard.media] == [6008]


def test_a_200_to_a_reinvite_is_repeated_until_its_ack():
    far = FarEnd()
    far.answered()
    far.request("INVITE", cseq=1, sdp=HOLD)
    far.time.advance(4)
    assert far.replies("INVITE") == [200] * 4
    far.request("ACK", cseq=1, branch="own")
    far.time.advance(40)
    assert far.replies("INVITE") == [200] * 4


def test_a_reinvite_never_acknowledged_ends_the_call():
    far = FarEnd()
    _, heard = far.answered()
    far.request("INVITE", cseq=1, sdp=HOLD)
    far.time.advance(33)
    assert (heard.ending.code, heard.ending.by) == (408, "trunk")
    assert far.sent("BYE")


@pytest.mark.parametrize(
    ("method", "headers", "code"),
    [
        ("OPTIONS", {}, 200),
        ("INFO", {"content-type": "application/dtmf-relay"}, 200),
        ("INFO", {"info-package": "foo"}, 469),
        ("UPDATE", {}, 200),
        ("UPDATE", {"session-expires": "30;refresher=uac"}, 422),
        ("UPDATE", {"require": "timer, precondition"}, 420),
        ("NOTIFY", {}, 481),
        ("PRACK", {}, 481),
        ("MESSAGE", {}, 405),
        ("FROBNICATE", {}, 501),
        ("REFER", {"refer-to": "<sip:premium@192.0.2.66>"}, 603),
        ("NOTIFY", {"event": "message-summary"}, 481),
        ("INVITE", {"content-type": "application/isup"}, 200),
    ],
)
def test_other_requests_get_their_answer_and_leave_the_call_alone(method, headers, code):
    far = FarEnd()
    _, heard = far.answered()
    far.request(method, cseq=1, headers=headers)
    assert far.replies(method) == [code]
    assert heard.endings == [] and heard.media == []


def test_the_unsupported_extension_is_named():
    far = FarEnd()
    far.answered()
    far.request("UPDATE", cseq=1, headers={"require": "timer, precondition"})
    assert far.last_reply.get("unsupported") == "precondition"


def test_a_request_out_of_order_is_refused():
    far = FarEnd()
    _, heard = far.answered()
    far.request("INFO", cseq=5)
    far.request("BYE", cseq=4)
    assert far.replies("BYE") == [500] and heard.endings == []


def test_a_repeated_request_gets_the_same_answer_without_a_second_effect():
    far = FarEnd()
    _, heard = far.answered()
    far.request("BYE", cseq=1)
    far.request("BYE", cseq=1)
    assert far.replies("BYE") == [200, 200] and len(heard.endings) == 1


def test_a_request_with_a_wrong_tag_is_no_part_of_the_call():
    far = FarEnd()
    _, heard = far.answered()
    far.request("BYE", cseq=1, tag="stranger")
    assert far.replies("BYE") == [481] and heard.endings == []


def test_the_cause_of_the_peers_bye_is_told():
    far = FarEnd()
    _, heard = far.answered()
    reason = {"reason": 'SIP;cause=200, Q.850 ;cause=31;text="a, b"'}
    far.request("BYE", cseq=1, headers=reason)
    assert (heard.ending.q850, heard.ending.code) == (31, 200)


def test_a_reinvite_moves_the_target_of_later_requests():
    far = FarEnd()
    call, _ = far.answered()
    moved = {"contact": "<sip:elsewhere@192.0.2.77:5080>"}
    far.request("INVITE", cseq=1, sdp=HOLD, headers=moved)
    call.hang_up("operator")
    assert far.last("BYE").uri == "sip:elsewhere@192.0.2.77:5080"
    assert far.outbox[-1][1] == ("192.0.2.77", 5080)


# -- offers and answers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "answer"),
    [("sendrecv", "recvonly"), ("sendonly", "recvonly"), ("recvonly", "inactive")],
)
def test_a_hold_in_the_old_way_is_answered_as_a_hold(direction, answer):
    far = FarEnd()
    _, heard = far.answered()
    old = ANSWER.replace("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0").replace("sendrecv", direction)
    far.request("INVITE", cseq=1, sdp=old)
    assert f"a={answer}" in far.last_reply.sdp
    assert read_audio(heard.media[0]).on_hold


def version(far: FarEnd) -> str:
    return parse_sdp(far.last_reply.sdp).version


def test_our_version_counts_changes_and_nothing_else():
    far = FarEnd()
    far.answered()
    versions = []
    for number, offer in enumerate((ANSWER, ANSWER, HOLD, HOLD, ANSWER), 1):
        far.request("INVITE", cseq=number, sdp=offer)
        far.request("ACK", cseq=number)
        versions.append(int(version(far)))
    assert versions == [2, 2, 3, 3, 4], "the first answer drops the codec that was not taken"


def test_a_second_offer_before_the_answer_to_ours_is_glare():
    far = FarEnd()
    _, heard = far.answered()
    far.request("INVITE", cseq=1)
    far.request("UPDATE", cseq=2, sdp=HOLD)
    assert far.replies("UPDATE") == [491]
    far.request("ACK", cseq=1, sdp=ANSWER)
    far.request("UPDATE", cseq=3, sdp=HOLD)
    assert far.replies("UPDATE") == [491, 200] and len(heard.media) == 1


def test_a_body_that_is_no_description_is_refused_and_named():
    far = FarEnd()
    far.answered()
    far.agent.receive(far_message(far, cseq=1, kind="application/isup"), TRUNK)
    assert far.replies("INVITE") == [415]
    assert far.last_reply.get("accept") == "application/sdp"


def test_a_description_among_other_parts_is_found():
    far = FarEnd()
    _, heard = far.answered()
    body = (
        "--b\r\nContent-Type: application/isup;version=ttc\r\n\r\n\x01\x02\r\n"
        f"--b\r\nContent-Type: application/sdp\r\n\r\n{HOLD}\r\n--b--\r\n"
    )
    far.agent.receive(
        far_message(far, cseq=1, kind='multipart/mixed;boundary="b"', body=body), TRUNK
    )
    assert far.replies("INVITE") == [200] and read_audio(heard.media[0]).on_hold


def far_message(far: FarEnd, *, cseq: int, kind: str, body: str = "x") -> bytes:
    """A re-INVITE of the far end with a body of another kind."""
    sent: list[Message] = []
    keep, far.deliver = far.deliver, sent.append
    far.request("INVITE", cseq=cseq, sdp=HOLD)
    far.deliver = keep
    sent[0].set("content-type", kind)
    sent[0].body = body.encode()
    return bytes(sent[0])


def test_keys_by_info_are_told():
    far = FarEnd()
    call, _ = far.answered()
    keys = []
    call.on_digit = lambda key, duration_ms: keys.append((key, duration_ms))
    for number, (kind, body) in enumerate(
        [
            ("application/dtmf-relay", "Signal=5\r\nDuration=240\r\n"),
            ("application/dtmf-relay", "Signal= *\r\n"),
            ("application/dtmf-relay", "Signal=11\r\nDuration=999999\r\n"),
            ("application/dtmf", "d"),
            ("application/dtmf", "hello"),
            ("application/dtmf-relay", "Duration=100"),
            ("text/plain", "Signal=5"),
        ],
        1,
    ):
        request = far_message(far, cseq=number, kind=kind, body=body)
        info = parse(request.replace(b"INVITE", b"INFO"))
        far.deliver(info)
    assert far.replies("INFO") == [200] * 7
    assert keys == [("5", 240), ("*", 160), ("#", 10_000), ("D", 160)]


@pytest.mark.parametrize("code", [408, 481])
def test_a_request_of_ours_the_peer_knows_no_call_for_ends_the_call(code):
    far = FarEnd()
    call, heard = far.answered()
    results = []
    assert call.refer("0312345678", results.append)
    far.reply(far.last("REFER"), code)
    assert results == [ReferResult(False, code)]
    assert (heard.ending.code, heard.ending.by) == (code, "trunk") and far.sent("BYE")
