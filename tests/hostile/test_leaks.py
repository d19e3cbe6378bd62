"""What a trunk that misbehaves leaves behind: nothing."""

from __future__ import annotations

from tests.softphone.sip.far_end import FarEnd


def test_a_trunk_that_rings_on_after_the_call_was_given_up_keeps_nothing_open() -> None:
    far = FarEnd()
    call, heard = far.place()
    invite = far.last("INVITE")
    far.reply(invite, 180)
    call.hang_up("operator")
    far.time.advance(40)  # its CANCEL is not answered
    assert heard.ending.code == 487
    for _ in range(20):
        far.reply(invite, 180)
        far.time.advance(10)
    assert far.agent.layer.open_transactions == 0
    assert far.agent.open_dialogs == 0
    assert far.journal.records == {}


def test_a_late_answer_after_the_call_was_given_up_is_hung_up() -> None:
    far = FarEnd()
    call, _ = far.place()
    invite = far.last("INVITE")
    far.reply(invite, 180)
    call.hang_up("operator")
    far.time.advance(40)
    far.reply(invite, 200)
    assert far.sent("ACK") and far.sent("BYE")
    far.reply(far.last("BYE"), 200)
    far.time.advance(100)
    assert far.agent.layer.open_transactions == 0
    assert far.agent.open_dialogs == 0
    assert far.journal.records == {}
