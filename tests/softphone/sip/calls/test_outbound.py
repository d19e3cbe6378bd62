"""Outbound calls on a clock the test moves: every race of §7 of RFC 3261 that ever cost a call."""

from __future__ import annotations

import pytest

from tests.softphone.sip.far_end import ANSWER, TRUNK, FarEnd

CHALLENGE = {"www-authenticate": 'Digest realm="carrier, test", nonce="n1", qop="auth"'}


def test_an_unheard_invite_is_sent_seven_times_and_ends_as_408_of_the_trunk():
    far = FarEnd()
    _, heard = far.place()
    times = []
    for _ in range(132):
        before = len(far.outbox)
        far.time.advance(0.25)  # exact in binary: no rounding moves a retransmission
        times += [far.time.now] * (len(far.outbox) - before)
    assert times == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert (heard.ending.code, heard.ending.by, heard.ending.rang) == (408, "trunk", False)
    assert far.over and not far.journal.records


def test_a_phone_may_ring_longer_than_timer_b():
    far = FarEnd()
    _, heard = far.place(ring_limit_s=100)
    far.reply(far.last("INVITE"), 180)
    far.time.advance(99)
    assert heard.endings == [] and len(far.sent("INVITE")) == 1
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    assert heard.answers == [ANSWER]


def test_nobody_is_rung_longer_than_two_minutes():
    far = FarEnd()
    far.place(ring_limit_s=500)
    far.reply(far.last("INVITE"), 180)
    far.time.advance(119.5)
    assert far.sent("CANCEL") == []
    far.time.advance(0.75)
    assert len(far.sent("CANCEL")) == 1


def test_every_repeated_200_gets_the_same_ack():
    far = FarEnd()
    far.answered()
    for _ in range(3):
        far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    acks = {bytes(ack) for ack in far.sent("ACK")}
    assert len(far.sent("ACK")) == 4 and len(acks) == 1
    assert far.last("ACK").branch != far.last("INVITE").branch


def test_a_repeated_200_after_our_bye_is_still_acknowledged():
    far = FarEnd()
    call, heard = far.answered()
    call.hang_up("operator")
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    assert len(far.sent("ACK")) == 2 and len(far.sent("BYE")) == 1
    assert len(heard.answers) == 1


def test_a_second_fork_that_answers_is_hung_up_and_the_call_goes_on():
    far = FarEnd()
    _, heard = far.place()
    invite = far.last("INVITE")
    far.reply(invite, 180, tag="one")
    far.reply(invite, 180, tag="two")
    far.reply(invite, 200, tag="two", sdp=ANSWER)
    far.reply(invite, 200, tag="one", sdp=ANSWER)
    bye = far.last("BYE")
    assert bye.to_tag == "one" and bye.uri == "sip:one@192.0.2.1:5060"
    far.reply(bye, 200)
    assert heard.endings == [] and len(heard.answers) == 1 and far.over == []
    assert {ack.to_tag for ack in far.sent("ACK")} == {"one", "two"}


def test_every_fork_that_rings_is_cancelled_by_one_cancel():
    far = FarEnd()
    call, _ = far.place()
    far.reply(far.last("INVITE"), 180, tag="one")
    far.reply(far.last("INVITE"), 180, tag="two")
    call.cancel("stopped")
    far.reply(far.last("CANCEL"), 200)
    far.reply(far.last("INVITE"), 487)
    far.time.advance(40)
    assert len(far.sent("CANCEL")) == 1 and far.agent.open_dialogs == 0
    assert far.time.pending == 0 and far.agent.layer.open_transactions == 0


def test_the_media_of_a_183_stands_when_the_200_brings_none():
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 183, sdp=ANSWER)
    far.reply(far.last("INVITE"), 200)
    assert heard.rings == [(183, ANSWER)] and heard.answers == [ANSWER]


@pytest.mark.parametrize("sdp", ["", "v=0\r\n", ANSWER.replace("PCMU/8000", "opus/48000/2")])
def test_an_answer_without_usable_media_is_acknowledged_and_hung_up(sdp):
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 200, sdp=sdp)
    assert len(far.sent("ACK")) == 1 and len(far.sent("BYE")) == 1
    assert (heard.ending.code, heard.ending.by, heard.ending.answered) == (488, "trunk", True)


def test_a_reliable_ringing_is_acknowledged_once():
    far = FarEnd()
    _, heard = far.place()
    reliable = {"require": "100rel", "rseq": "41"}
    for _ in range(2):
        far.reply(far.last("INVITE"), 183, sdp=ANSWER, headers=reliable)
    prack = far.last("PRACK")
    assert len(far.sent("PRACK")) == 1
    assert prack.get("rack") == f"41 {far.last('INVITE').cseq[0]} INVITE"
    assert heard.rings == [(183, ANSWER)]
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    far.request("BYE", cseq=1)
    assert heard.ending.by == "remote"


def test_reliable_responses_are_acknowledged_in_their_order_alone():
    far = FarEnd()
    _, heard = far.place()
    for rseq, code in ((41, 180), (43, 183), (42, 183), (43, 180)):
        headers = {"require": "100rel", "rseq": str(rseq)}
        far.reply(far.last("INVITE"), code, headers=headers)
    racks = [prack.get("rack").split()[0] for prack in far.sent("PRACK")]
    assert racks == ["41", "42", "43"], "the one that overtook another comes again"
    assert [code for code, _ in heard.rings] == [180, 183, 180]


def test_each_fork_counts_its_own_reliable_responses():
    far = FarEnd()
    far.place()
    for tag, rseq in (("a", 7), ("b", 900), ("a", 8)):
        headers = {"require": "100rel", "rseq": str(rseq)}
        far.reply(far.last("INVITE"), 180, tag=tag, headers=headers)
    assert [(prack.to_tag, prack.get("rack").split()[0]) for prack in far.sent("PRACK")] == [
        ("a", "7"),
        ("b", "900"),
        ("a", "8"),
    ]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("30 (at lunch);duration=3600", 30),
        ("18000;duration=3600", 18000),
        ("soon", None),
    ],
)
def test_how_long_the_trunk_wants_to_be_left_alone_is_told(value, seconds):
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 503, headers={"retry-after": value})
    assert (heard.ending.code, heard.ending.retry_after_s) == (503, seconds)


def test_a_redirection_is_a_failure_and_its_contact_is_not_called():
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 302, headers={"contact": "<sip:premium@192.0.2.66>"})
    assert (heard.ending.code, heard.ending.by) == (302, "remote")
    assert len(far.sent("INVITE")) == 1 and len(far.sent("ACK")) == 1


def test_early_media_changed_by_update_is_told():
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 183, sdp=ANSWER)
    changed = ANSWER.replace("6000", "6002")
    far.request("UPDATE", cseq=1, sdp=changed)
    assert far.replies("UPDATE") == [200] and far.last_reply.sdp
    assert heard.rings == [(183, ANSWER), (183, changed)]


def test_an_offer_of_the_peer_before_its_answer_to_ours_is_refused():
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 180)
    far.request("UPDATE", cseq=1, sdp=ANSWER)
    far.request("UPDATE", cseq=2)
    assert far.replies("UPDATE") == [491, 200] and heard.rings == [(180, None)]


def test_the_line_is_free_only_when_the_bye_is_answered():
    far = FarEnd()
    call, heard = far.answered()
    call.hang_up("operator")
    assert (heard.ending.code, heard.ending.by, heard.ending.reason) == (200, "local", "operator")
    assert far.over == [] and far.journal.records
    far.time.advance(1)
    assert len(far.sent("BYE")) == 2, "sent again: nobody answered"
    far.reply(far.last("BYE"), 200)
    assert far.over == [call] and not far.journal.records


def test_an_unanswered_bye_frees_the_line_in_the_end():
    far = FarEnd()
    call, _ = far.answered()
    call.hang_up("operator")
    far.time.advance(33)
    assert far.over == [call] and far.agent.open_dialogs == 0


def test_a_challenged_bye_is_sent_again_with_credentials():
    far = FarEnd(password="secret")
    call, _ = far.answered()
    call.hang_up("operator")
    first = far.last("BYE")
    far.reply(first, 407, headers={"proxy-authenticate": CHALLENGE["www-authenticate"]})
    second = far.last("BYE")
    assert second.cseq[0] == first.cseq[0] + 1 and second.get("proxy-authorization")
    far.reply(second, 200)
    assert far.over == [call]


def test_both_hanging_up_at_once_is_one_end_and_both_are_answered():
    far = FarEnd()
    call, heard = far.answered()
    call.hang_up("operator")
    far.request("BYE", cseq=1)
    assert far.replies("BYE") == [200]
    far.reply(far.last("BYE"), 481)
    assert heard.ending.by == "local" and far.over == [call]


def test_the_journal_follows_the_call():
    far = FarEnd()
    far.place()
    far.reply(far.last("INVITE"), 180)
    far.reply(far.last("INVITE"), 200, sdp=ANSWER)
    assert far.journal.phases == ["inviting", "early", "confirmed"]
    (record,) = far.journal.records.values()
    assert record.target == "sip:peer@192.0.2.1:5060" and record.address == TRUNK
    far.request("BYE", cseq=1)
    assert not far.journal.records


def test_a_call_given_up_before_its_slot_sends_nothing():
    far = FarEnd()
    call, heard = far.prepare()
    call.cancel("stopped")
    call.start()
    assert far.outbox == [] and far.over == [call]
    assert (heard.ending.code, heard.ending.by) == (487, "local")


def test_a_strict_router_takes_the_place_of_the_request_uri():
    far = FarEnd()
    _, heard = far.place()
    routes = {"record-route": "<sip:192.0.2.9;lr>, <sip:192.0.2.8>"}
    far.reply(far.last("INVITE"), 200, sdp=ANSWER, headers=routes)
    ack = far.last("ACK")
    assert ack.uri == "sip:192.0.2.8"
    assert ack.values("route") == ["<sip:192.0.2.9;lr>", "<sip:peer@192.0.2.1:5060>"]
    assert far.outbox[-1][1] == ("192.0.2.8", 5060) and heard.answers


def test_nothing_is_left_of_a_finished_call():
    far = FarEnd()
    call, _ = far.answered()
    call.hang_up("operator")
    far.reply(far.last("BYE"), 200)
    far.time.advance(130)
    assert far.agent.layer.open_transactions == 0
    assert far.agent.open_dialogs == 0 and far.time.pending == 0


@pytest.mark.parametrize("end", ["refusal", "bye"])
def test_a_fault_in_the_listener_costs_no_line(end):
    far = FarEnd()
    call, heard = far.place() if end == "refusal" else far.answered()
    heard.on_end = lambda ending: 1 / 0
    with pytest.raises(ZeroDivisionError):
        if end == "refusal":
            far.reply(far.last("INVITE"), 486)
        else:
            far.request("BYE", cseq=1)
    assert far.over == [call] and not far.journal.records
