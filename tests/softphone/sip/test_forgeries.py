"""What who knows of a call, or is its carrier, may try on it: nothing of it changes the call."""

from __future__ import annotations

import pytest

from softphone.sip.calls.fork import MOST_EARLY
from softphone.sip.messages.message import Message
from tests.softphone.sip.far_end import ANSWER, TRUNK, FarEnd

PREMIUM = "sip:+18095550199@premium.test"
FORGED = ("BYE", "INVITE", "UPDATE", "INFO", "REFER", "NOTIFY", "PRACK", "OPTIONS", "MESSAGE")


def forged(invite: Message, method: str, *, number: int, **tags: str) -> Message:
    """A request in the call of `invite` as who overheard some of it would make it."""
    request = Message(method, "sip:trunk@198.51.100.7:5062")
    request.add("via", f"SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKforged{method}{number}")
    request.add("from", f"{invite.get('to')};tag={tags.get('theirs', 'peer')}")
    request.add("to", f"{invite.get('from').partition(';')[0]};tag={tags.get('ours', 'guessed')}")
    request.add("call-id", invite.call_id)
    request.add("cseq", f"{900 + number} {method}")
    request.add("contact", "<sip:thief@203.0.113.5:5060>")
    request.add("refer-to", f"<{PREMIUM}>")
    request.add("event", "refer")
    if method in ("INVITE", "UPDATE"):
        request.set_sdp(ANSWER.replace("192.0.2.1", "203.0.113.5"))
    return request


@pytest.mark.parametrize("guess", [{}, {"theirs": "guessed"}])
def test_requests_with_guessed_tags_do_not_reach_the_call(guess: dict[str, str]) -> None:
    far = FarEnd()
    call, heard = far.answered()
    invite = far.last("INVITE")
    known = {"ours": invite.from_tag} if "theirs" in guess else {}
    before = far.agent.layer.open_transactions
    for number, method in enumerate(FORGED):
        far.outbox.clear()
        far.deliver(forged(invite, method, number=number, **{**known, **guess}))
        assert {message.code for message, _ in far.outbox} == {481}, method
        assert {address for _, address in far.outbox} == {TRUNK}
    assert heard.endings == [] and heard.media == [] and far.agent.open_dialogs == 1
    call.hang_up("operator")
    assert far.last("BYE").uri == "sip:peer@192.0.2.1:5060", "the target is what it was"
    far.reply(far.last("BYE"), 200)
    far.time.advance(60)
    assert far.agent.layer.open_transactions == 0 < before


def test_a_cancel_of_another_branch_or_too_late_ends_nothing() -> None:
    far = FarEnd()
    _, heard = far.answered()
    invite = far.last("INVITE")
    for branch in (invite.branch, "z9hG4bKguessed"):
        cancel = forged(invite, "CANCEL", number=1, ours=invite.from_tag)
        cancel.set("via", f"SIP/2.0/UDP 192.0.2.1:5060;rport;branch={branch}")
        far.deliver(cancel)
    assert far.replies("CANCEL") == [481, 481]
    assert heard.endings == []


def test_nobody_has_us_call_a_number_of_theirs() -> None:
    """REFER within the call, outside any, and an INVITE that would take the place of the call."""
    far = FarEnd()
    _, heard = far.answered()
    invite = far.last("INVITE")
    far.deliver(forged(invite, "REFER", number=1, ours=invite.from_tag))
    outside = forged(invite, "REFER", number=2)
    outside.set("to", "<sip:desk@198.51.100.7>")
    outside.set("call-id", "other@192.0.2.1")
    far.deliver(outside)
    assert [code for code in far.replies("REFER") if code < 300] == []
    assert len(far.replies("REFER")) == 2

    steals = forged(invite, "INVITE", number=3)
    steals.set("to", "<sip:desk@198.51.100.7>")
    steals.set("call-id", "another@192.0.2.1")
    steals.set("replaces", f"{invite.call_id};to-tag=peer;from-tag={invite.from_tag}")
    steals.set("require", "replaces")
    far.deliver(steals)
    assert far.replies("INVITE") == [420]
    assert len(far.sent("INVITE")) == 1 and far.sent("NOTIFY") == [] and heard.endings == []


def test_a_redirection_to_another_number_is_not_followed() -> None:
    far = FarEnd()
    _, heard = far.place()
    far.reply(far.last("INVITE"), 302, headers={"contact": f"<{PREMIUM}>"})
    far.time.advance(60)
    assert len(far.sent("INVITE")) == 1 and heard.ending.code == 302


def test_ever_new_forks_take_a_bounded_number_of_dialogs() -> None:
    far = FarEnd()
    _, heard = far.place()
    invite = far.last("INVITE")
    for number in range(50 * MOST_EARLY):
        far.reply(invite, 180, tag=f"fork{number}")
    assert far.agent.open_dialogs == MOST_EARLY
    far.reply(invite, 200, tag="fork0", sdp=ANSWER)
    assert heard.answers == [ANSWER] and far.agent.open_dialogs == 1
    assert far.last("ACK").to_tag == "fork0"


def test_a_right_reinvite_cannot_point_our_audio_at_everybody() -> None:
    far = FarEnd()
    _, heard = far.answered()
    invite = far.last("INVITE")
    for number, there in enumerate(("224.0.0.1", "239.0.0.9/3", "255.255.255.255", "0.1.2.3")):
        offer = forged(invite, "INVITE", number=number, ours=invite.from_tag)
        offer.set_sdp(ANSWER.replace("192.0.2.1", there))
        far.deliver(offer)
    assert far.replies("INVITE") == [488] * 4
    assert heard.media == [] and heard.endings == []
