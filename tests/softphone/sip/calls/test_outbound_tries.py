"""Outbound calls asked again: credentials, a longer session interval."""

from __future__ import annotations

from tests.softphone.sip.far_end import ANSWER, FarEnd

CHALLENGE = {"www-authenticate": 'Digest realm="carrier, test", nonce="n1", qop="auth"'}


def test_a_challenge_is_answered_with_the_same_call_id_a_new_branch_and_all_headers():
    far = FarEnd(password="secret")
    _, heard = far.place()
    first = far.last("INVITE")
    far.reply(first, 401, headers=CHALLENGE)
    second = far.last("INVITE")
    assert second.call_id == first.call_id and second.from_tag == first.from_tag
    assert second.branch != first.branch and second.cseq[0] == first.cseq[0] + 1
    assert second.get("p-asserted-identity") and second.sdp == first.sdp
    assert 'username="trunk"' in second.get("authorization")
    assert far.sent("ACK")[0].branch == first.branch, "the 401 is acknowledged first"
    far.reply(second, 200, sdp=ANSWER)
    assert len(heard.answers) == 1
    assert far.last("ACK").get("authorization") == second.get("authorization")


def test_a_refused_password_is_not_tried_again():
    far = FarEnd(password="wrong")
    _, heard = far.place()
    far.reply(far.last("INVITE"), 401, headers=CHALLENGE)
    far.reply(far.last("INVITE"), 401, headers=CHALLENGE)
    assert len(far.sent("INVITE")) == 2
    assert (heard.ending.code, heard.ending.by) == (401, "remote")


def test_without_a_password_a_challenge_is_a_refusal():
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 407, headers=CHALLENGE)
    assert heard.ending.code == 407 and len(far.sent("INVITE")) == 1


def test_proxy_and_carrier_may_both_challenge():
    far = FarEnd(password="secret")
    _, heard = far.place()
    proxy = {"proxy-authenticate": 'Digest realm="proxy", nonce="p", algorithm=SHA-256'}
    far.reply(far.last("INVITE"), 407, headers=proxy)
    far.reply(far.last("INVITE"), 401, headers=CHALLENGE)
    last = far.last("INVITE")
    assert last.get("authorization") and last.get("proxy-authorization")
    assert len(far.sent("INVITE")) == 3 and heard.endings == []


def test_a_session_interval_too_short_for_the_peer_is_lengthened():
    far = FarEnd()
    far.place(session_expires_s=90)
    far.reply(far.last("INVITE"), 422, headers={"min-se": "600"})
    assert far.last("INVITE").get("session-expires") == "600"
    assert far.last("INVITE").get("min-se") == "600"


def test_a_422_that_asks_for_nothing_more_is_a_refusal():
    far = FarEnd()
    _, heard = far.place(session_expires_s=600)
    far.reply(far.last("INVITE"), 422, headers={"min-se": "60"})
    assert heard.ending.code == 422
