"""Keeping an answered call alive: the session timer from both sides."""

from __future__ import annotations

import pytest

from tests.softphone.sip.far_end import ANSWER, FarEnd

HOLD = ANSWER.replace("a=sendrecv", "a=sendonly").replace(" 1 IN", " 2 IN")


def with_timer(far: FarEnd, value: str, *, allow: str = "INVITE, BYE"):
    call, heard = far.place(session_expires_s=90)
    headers = {"session-expires": value, "require": "timer", "allow": allow}
    far.reply(far.last("INVITE"), 200, sdp=ANSWER, headers=headers)
    return call, heard


def test_we_refresh_at_half_the_interval_by_reinvite():
    far = FarEnd()
    _, heard = with_timer(far, "90;refresher=uac")
    far.time.advance(45)
    refresh = far.last("INVITE")
    assert len(far.sent("INVITE")) == 2 and refresh.to_tag == "peer"
    assert refresh.get("session-expires") == "90;refresher=uac"
    assert refresh.sdp == far.sent("INVITE")[0].sdp
    far.reply(refresh, 200, sdp=ANSWER, headers={"session-expires": "90;refresher=uac"})
    assert far.last("ACK").cseq[0] == refresh.cseq[0]
    far.reply(refresh, 200, sdp=ANSWER, headers={"session-expires": "90;refresher=uac"})
    assert len(far.sent("ACK")) == 3, "a repeated 200 to the refresh is acknowledged again"
    far.time.advance(45)
    assert len(far.sent("INVITE")) == 3 and heard.endings == []


def test_we_refresh_by_update_when_the_peer_takes_it():
    far = FarEnd()
    with_timer(far, "90;refresher=uac", allow="INVITE, UPDATE, BYE")
    far.time.advance(45)
    assert far.last("UPDATE").body == b"" and len(far.sent("INVITE")) == 1


def test_a_session_the_peer_does_not_refresh_is_hung_up():
    far = FarEnd()
    _, heard = with_timer(far, "90;refresher=uas")
    far.time.advance(59)
    assert heard.endings == []
    far.time.advance(2)
    assert (heard.ending.code, heard.ending.by) == (408, "trunk")
    assert far.last("BYE").get("reason").startswith("SIP;cause=408")


def test_a_session_the_peer_refreshes_lives_on():
    far = FarEnd()
    _, heard = with_timer(far, "90;refresher=uas")
    for number in range(1, 6):
        far.time.advance(45)
        far.request("UPDATE", cseq=number, headers={"session-expires": "90;refresher=uac"})
        assert far.last_reply.get("session-expires") == "90;refresher=uac"
        assert far.last_reply.get("require") == "timer"
    assert heard.endings == []
    far.time.advance(61)
    assert heard.ending.code == 408


def test_the_peer_may_hand_the_refreshing_to_us():
    far = FarEnd()
    with_timer(far, "90;refresher=uas")
    far.request("UPDATE", cseq=1, headers={"session-expires": "120;refresher=uas"})
    far.time.advance(60)
    assert len(far.sent("INVITE")) == 2


@pytest.mark.parametrize("code", [408, 481])
def test_a_refresh_answered_by_dialog_unknown_ends_the_call(code):
    far = FarEnd()
    _, heard = with_timer(far, "90;refresher=uac")
    far.time.advance(45)
    far.reply(far.last("INVITE"), code)
    assert (heard.ending.code, heard.ending.by) == (code, "trunk") and far.sent("BYE")


def test_a_refresh_nobody_answers_ends_the_call():
    far = FarEnd()
    _, heard = with_timer(far, "90;refresher=uac")
    far.time.advance(45 + 33)
    assert (heard.ending.code, heard.ending.by) == (408, "trunk")


def test_glare_makes_the_refresh_wait_and_try_again():
    far = FarEnd()
    _, heard = with_timer(far, "90;refresher=uac")
    far.time.advance(45)
    far.request("INVITE", cseq=1, sdp=HOLD)
    assert far.replies("INVITE") == [491]
    far.reply(far.last("INVITE"), 491)
    far.time.advance(2)
    assert len(far.sent("INVITE")) == 2
    far.time.advance(3)
    assert len(far.numbers("INVITE")) == 3 and heard.endings == []


def test_a_refused_refresh_is_tried_again_before_the_session_expires():
    far = FarEnd()
    _, heard = with_timer(far, "90;refresher=uac")
    far.time.advance(45)
    far.reply(far.last("INVITE"), 500)
    far.time.advance(12)
    assert len(far.numbers("INVITE")) == 3
    far.reply(far.last("INVITE"), 200, sdp=ANSWER, headers={"session-expires": "90"})
    far.time.advance(40)
    assert heard.endings == []


def test_a_refresh_too_short_for_the_peer_is_lengthened_once():
    far = FarEnd()
    with_timer(far, "90;refresher=uac")
    far.time.advance(45)
    far.reply(far.last("INVITE"), 422, headers={"min-se": "300"})
    far.time.advance(0)
    assert far.last("INVITE").get("session-expires") == "300;refresher=uac"
    far.reply(far.last("INVITE"), 422, headers={"min-se": "300"})
    far.time.advance(0)
    assert len(far.sent("INVITE")) == 3, "the same demand again is not obeyed at once"


def test_a_challenged_refresh_is_sent_again_with_credentials():
    far = FarEnd(password="secret")
    with_timer(far, "90;refresher=uac")
    far.time.advance(45)
    first = far.last("INVITE")
    challenge = {"www-authenticate": 'Digest realm="r", nonce="n"'}
    far.reply(first, 401, headers=challenge)
    second = far.last("INVITE")
    assert second.get("authorization") and second.cseq[0] == first.cseq[0] + 1


def test_hanging_up_stops_the_session_timer():
    far = FarEnd()
    call, _ = with_timer(far, "90;refresher=uac")
    call.hang_up("operator")
    far.reply(far.last("BYE"), 200)
    far.time.advance(200)
    assert len(far.sent("INVITE")) == 1 and len(far.sent("BYE")) == 1


def test_asked_without_a_timer_the_peer_may_know_the_call_and_it_goes_on():
    far = FarEnd()
    call, heard = far.place()
    far.reply(far.last("INVITE"), 200, sdp=ANSWER, headers={"allow": "INVITE, UPDATE, BYE"})
    call.ask()
    call.ask()
    assert len(far.sent("UPDATE")) == 1, "one question at a time"
    assert far.last("UPDATE").get("session-expires") == ""
    far.reply(far.last("UPDATE"), 200)
    far.time.advance(600)
    assert heard.endings == [] and len(far.sent("UPDATE")) == 1
    call.ask()
    assert len(far.sent("UPDATE")) == 2


@pytest.mark.parametrize("code", [481, 0])
def test_a_call_the_peer_has_forgotten_ends_when_it_is_asked(code):
    far = FarEnd()
    call, heard = far.place()
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    call.ask()
    assert far.last("INVITE").to_tag == "peer" and far.last("INVITE").sdp
    if code:
        far.reply(far.last("INVITE"), code)
    far.time.advance(33)
    assert (heard.ending.code, heard.ending.by) == (code or 408, "trunk") and far.sent("BYE")


def test_nobody_is_asked_before_the_answer_or_after_the_end():
    far = FarEnd()
    call, _ = far.place()
    call.ask()
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    call.hang_up("done")
    call.ask()
    assert len(far.sent("INVITE")) == 1 and not far.sent("UPDATE")
