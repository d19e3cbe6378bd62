"""Outbound calls that are taken back, and everything a CANCEL may cross on its way."""

from __future__ import annotations

from tests.softphone.sip.far_end import ANSWER, FarEnd

CHALLENGE = {"www-authenticate": 'Digest realm="carrier, test", nonce="n1", qop="auth"'}


def test_a_cancel_before_any_provisional_waits_for_it():
    far = FarEnd()
    call, heard = far.place()
    call.cancel("stopped")
    far.time.advance(2)
    assert far.sent("CANCEL") == [] and heard.endings == []
    far.reply(far.last("INVITE"), 100)
    cancel, invite = far.last("CANCEL"), far.last("INVITE")
    assert (cancel.get("via"), cancel.uri) == (invite.get("via"), invite.uri)
    assert (cancel.get("to"), cancel.cseq) == (invite.get("to"), (invite.cseq[0], "CANCEL"))
    far.reply(invite, 180)
    far.reply(invite, 180)
    assert len(far.sent("CANCEL")) == 1
    assert heard.rings == [], "nobody is told of ringing in a call that was given up"
    far.reply(cancel, 200)
    far.reply(invite, 487)
    assert (heard.ending.code, heard.ending.by, heard.ending.reason) == (487, "local", "stopped")
    assert far.last("ACK").branch == invite.branch


def test_a_cancel_the_trunk_never_heard_of_ends_with_the_invite():
    far = FarEnd()
    call, heard = far.place()
    call.cancel("stopped")
    far.time.advance(33)
    assert far.sent("CANCEL") == []
    assert (heard.ending.code, heard.ending.by) == (408, "trunk")


def test_a_200_straight_into_a_waiting_cancel_is_hung_up():
    far = FarEnd()
    call, heard = far.place()
    call.cancel("stopped")
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    assert [message.method for message, _ in far.outbox] == ["INVITE", "ACK", "BYE"]
    assert heard.answers == []
    assert (heard.ending.code, heard.ending.answered, heard.ending.by) == (200, True, "local")


def test_who_picks_up_as_the_ring_limit_ends_is_a_person_and_not_hung_up_on():
    far = FarEnd()
    call, heard = far.place(ring_limit_s=20)
    far.reply(far.last("INVITE"), 180)
    far.time.advance(20)
    assert len(far.sent("CANCEL")) == 1
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    far.reply(far.last("CANCEL"), 481)
    far.time.advance(40)
    assert len(heard.answers) == 1 and heard.endings == []
    call.hang_up("operator")
    assert len(far.sent("BYE")) == 1
    assert (heard.ending.code, heard.ending.by, heard.ending.reason) == (200, "local", "operator")


def test_who_picks_up_after_the_ring_limit_and_our_own_cancel_is_hung_up():
    far = FarEnd()
    call, heard = far.place(ring_limit_s=20)
    far.reply(far.last("INVITE"), 180)
    far.time.advance(20)
    call.cancel("stopped")
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    assert (len(far.sent("CANCEL")), len(far.sent("BYE"))) == (1, 1)
    assert heard.answers == [] and heard.ending.reason == "stopped"


def test_a_bye_that_overtook_its_200_ends_the_call_when_the_200_is_there():
    far = FarEnd()
    _, heard = far.place()
    far.request("BYE", cseq=1)
    assert far.replies("BYE") == []
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    far.time.advance(1)
    assert far.replies("BYE") == [200]
    assert (heard.ending.code, heard.ending.by, heard.ending.answered) == (200, "remote", True)
    assert far.over


def test_a_bye_to_a_call_that_is_not_answered_is_refused():
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 180)
    far.request("BYE", cseq=1)
    far.time.advance(1)
    assert far.replies("BYE") == [481]
    assert heard.endings == []


def test_busy_that_crosses_the_cancel_is_busy():
    far = FarEnd()
    call, heard = far.place()
    far.reply(far.last("INVITE"), 180)
    call.cancel("stopped")
    far.reply(far.last("INVITE"), 486, headers={"reason": "Q.850;cause=17"})
    assert (heard.ending.code, heard.ending.by, heard.ending.q850) == (486, "remote", 17)


def test_a_cancel_without_any_final_response_ends_after_64_t1():
    far = FarEnd()
    call, heard = far.place()
    far.reply(far.last("INVITE"), 180)
    call.cancel("stopped")
    far.time.advance(31)
    assert heard.endings == []
    far.time.advance(2)
    assert (heard.ending.code, heard.ending.by) == (487, "local")
    assert far.over == [call]


def test_a_200_long_after_the_cancel_is_still_acknowledged_and_hung_up():
    far = FarEnd()
    call, heard = far.place()
    far.reply(far.last("INVITE"), 180)
    call.cancel("stopped")
    far.time.advance(40)
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    assert len(far.sent("ACK")) == 1 and len(far.sent("BYE")) == 1
    assert len(heard.endings) == 1 and heard.answers == []


def test_a_cancelled_call_does_not_answer_a_challenge():
    far = FarEnd(password="secret")
    call, heard = far.place()
    call.cancel("stopped")
    far.reply(far.last("INVITE"), 401, headers=CHALLENGE)
    assert len(far.sent("INVITE")) == 1
    assert (heard.ending.code, heard.ending.by) == (487, "local")


def test_cancelling_twice_or_after_the_end_does_nothing_more():
    far = FarEnd()
    call, heard = far.place()
    far.reply(far.last("INVITE"), 486)
    sent = len(far.outbox)
    call.cancel("late")
    call.hang_up("later")
    assert len(far.outbox) == sent and heard.ending.code == 486
