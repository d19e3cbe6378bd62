"""What a killed process left at the trunk is ended by the next one."""

from __future__ import annotations

import pytest

from softphone.sip.calls.orphans import Orphan
from tests.softphone.sip.far_end import ANSWER, TRUNK, FarEnd


def left_behind(*codes: int):
    """The record of a call that got these responses before its process was killed."""
    dead = FarEnd()
    dead.place()
    for code in codes:
        dead.reply(dead.last("INVITE"), code, sdp=ANSWER if code == 200 else "")
    (record,) = dead.journal.records.values()
    return record, dead.last("INVITE")


def ending(record):
    far = FarEnd(password="secret")
    over = []
    Orphan(far.agent, record, over.append).end()
    return far, over


def test_an_answered_call_gets_a_bye_with_a_higher_number():
    record, invite = left_behind(180, 200)
    far, over = ending(record)
    bye = far.last("BYE")
    assert (bye.call_id, bye.from_tag, bye.to_tag) == (invite.call_id, invite.from_tag, "peer")
    assert bye.cseq[0] > invite.cseq[0] + 100 and bye.uri == "sip:peer@192.0.2.1:5060"
    assert over == []
    far.reply(bye, 200)
    assert over == [record]


def test_a_challenged_bye_is_answered_and_a_lost_one_sent_again():
    record, _ = left_behind(200)
    far, over = ending(record)
    far.time.advance(0.6)
    assert len(far.sent("BYE")) == 2
    far.reply(far.last("BYE"), 401, headers={"www-authenticate": 'Digest realm="r", nonce="n"'})
    assert far.last("BYE").get("authorization")
    far.time.advance(33)
    assert over == [record], "a trunk that says nothing is given up"


@pytest.mark.parametrize("codes", [(), (100,), (180,)])
def test_an_unanswered_call_gets_a_cancel_that_matches_its_invite(codes):
    record, invite = left_behind(*codes)
    far, over = ending(record)
    cancel = far.last("CANCEL")
    assert (cancel.get("via"), cancel.uri) == (invite.get("via"), invite.uri)
    assert (cancel.get("from"), cancel.get("to")) == (invite.get("from"), invite.get("to"))
    assert (cancel.call_id, cancel.cseq[0]) == (invite.call_id, invite.cseq[0])
    assert far.outbox[0][1] == TRUNK
    far.reply(invite, 487)
    assert far.last("ACK").branch == invite.branch and over == [record]


def test_a_ringing_call_that_was_answered_meanwhile_is_hung_up():
    record, invite = left_behind(180)
    far, over = ending(record)
    far.reply(invite, 200, sdp=ANSWER)
    far.reply(invite, 200, sdp=ANSWER)
    assert len(far.sent("ACK")) == 2 and len(far.sent("BYE")) == 1
    far.reply(far.last("BYE"), 200)
    assert over == [record]


def test_a_ringing_call_whose_answer_can_no_longer_be_heard_is_hung_up_by_its_tag():
    record, _ = left_behind(180)
    far, over = ending(record)
    far.reply(far.last("CANCEL"), 200)
    assert far.last("BYE").to_tag == "peer"
    far.reply(far.last("BYE"), 481)
    assert over == [record]


def test_a_silent_trunk_is_given_up():
    record, _ = left_behind(100)
    far, over = ending(record)
    far.time.advance(70)
    assert over == [record]
    assert far.agent.layer.open_transactions == 0 and far.agent.open_dialogs == 0
