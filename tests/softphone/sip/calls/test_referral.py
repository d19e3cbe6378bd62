"""Blind transfer by the carrier: the call is untouched until the carrier has taken it."""

from __future__ import annotations

import pytest

from softphone.sip.calls.referral import ReferResult
from softphone.sip.messages.addressing import UnusableNumber
from softphone.sip.messages.message import Message, parse
from tests.softphone.sip.far_end import FarEnd


class Transfer:
    """An answered call whose REFER is out."""

    def __init__(self) -> None:
        self.far = FarEnd()
        self.call, self.heard = self.far.answered()
        self.results: list[ReferResult] = []
        assert self.call.refer("+81312345678", self.results.append)
        self._cseq = 0

    def notify(self, line: str, *, state: str = "active") -> None:
        self._cseq += 1
        headers = {"event": "refer;id=2", "subscription-state": state}
        sent: list[Message] = []
        deliver, self.far.deliver = self.far.deliver, lambda message: sent.append(message)
        self.far.request("NOTIFY", cseq=self._cseq, headers=headers)
        self.far.deliver = deliver
        request = parse(bytes(sent[0]))
        request.set("content-type", "message/sipfrag")
        request.body = line.encode()
        deliver(request)

    def accept(self, code: int = 202, **headers: str) -> None:
        self.far.reply(self.far.last("REFER"), code, headers=headers)

    @property
    def untouched(self) -> bool:
        return self.heard.endings == [] and not self.far.sent("BYE")


def test_a_transfer_that_is_done_ends_our_side():
    transfer = Transfer()
    refer = transfer.far.last("REFER")
    assert refer.get("refer-to") == "<sip:0312345678@carrier.test>"
    assert refer.get("referred-by") == "<sip:0312340000@carrier.test>"
    transfer.accept()
    transfer.notify("SIP/2.0 100 Trying")
    transfer.notify("SIP/2.0 180 Ringing")
    assert transfer.results == [] and transfer.untouched
    transfer.notify("SIP/2.0 200 OK", state="terminated;reason=noresource")
    assert transfer.far.replies("NOTIFY") == [200, 200, 200]
    assert transfer.results == [ReferResult(True, 200)]
    assert (transfer.heard.ending.by, transfer.heard.ending.reason) == ("local", "referred")
    transfer.far.reply(transfer.far.last("BYE"), 200)
    assert transfer.far.over == [transfer.call]
    transfer.far.time.advance(100)
    assert transfer.far.time.pending == 0 and transfer.far.agent.open_dialogs == 0


@pytest.mark.parametrize("code", [403, 405, 501, 603])
def test_a_carrier_that_refuses_leaves_the_call_alone(code):
    transfer = Transfer()
    transfer.accept(code)
    assert transfer.results == [ReferResult(False, code)] and transfer.untouched


def test_a_target_that_does_not_answer_leaves_the_call_alone():
    transfer = Transfer()
    transfer.accept()
    transfer.notify("SIP/2.0 486 Busy Here", state="terminated")
    assert transfer.results == [ReferResult(False, 486)] and transfer.untouched
    assert transfer.call.refer("0312345679", transfer.results.append), "and may be tried again"


def test_a_subscription_that_ends_without_a_result_is_a_failure():
    transfer = Transfer()
    transfer.accept()
    transfer.notify("SIP/2.0 180 Ringing")
    transfer.notify("", state="terminated;reason=giveup")
    assert transfer.results == [ReferResult(False, 180)] and transfer.untouched


def test_a_carrier_that_says_nothing_more_is_waited_for_a_minute():
    transfer = Transfer()
    transfer.accept()
    transfer.far.time.advance(59)
    transfer.notify("SIP/2.0 100 Trying")
    transfer.far.time.advance(59)
    assert transfer.results == []
    transfer.far.time.advance(2)
    assert transfer.results == [ReferResult(False, 100)] and transfer.untouched


def test_a_carrier_that_tells_nothing_by_agreement_has_done_it():
    transfer = Transfer()
    transfer.accept(200, **{"refer-sub": "false"})
    assert transfer.results == [ReferResult(True, 200)] and transfer.far.sent("BYE")


def test_a_carrier_that_hangs_up_after_accepting_has_done_it():
    transfer = Transfer()
    transfer.accept()
    transfer.far.request("BYE", cseq=9)
    assert transfer.results == [ReferResult(True, 202)]
    assert transfer.heard.ending.by == "remote"


def test_a_customer_who_hangs_up_before_the_answer_was_not_transferred():
    transfer = Transfer()
    transfer.far.request("BYE", cseq=9)
    assert transfer.results == [ReferResult(False, None)]
    assert transfer.heard.ending.by == "remote"


def test_the_first_report_may_overtake_the_answer():
    transfer = Transfer()
    transfer.notify("SIP/2.0 200 OK", state="terminated")
    assert transfer.results == [ReferResult(True, 200)]
    transfer.accept()
    transfer.far.reply(transfer.far.last("BYE"), 200)
    assert len(transfer.results) == 1 and transfer.far.over == [transfer.call]


def test_what_is_reported_after_the_end_is_taken_and_changes_nothing():
    transfer = Transfer()
    transfer.accept(603)
    transfer.notify("SIP/2.0 200 OK", state="terminated")
    assert transfer.far.replies("NOTIFY") == [200]
    assert transfer.results == [ReferResult(False, 603)] and transfer.untouched


def test_a_second_transfer_waits_for_the_first():
    transfer = Transfer()
    assert not transfer.call.refer("0312345679", transfer.results.append)
    assert len(transfer.far.sent("REFER")) == 1


def test_nobody_is_transferred_before_the_answer_or_to_no_number():
    far = FarEnd()
    call, _ = far.place()
    assert not call.refer("0312345678", [].append)
    call, _ = far.answered()
    with pytest.raises(UnusableNumber):
        call.refer("0312345678>;x=<", [].append)
    assert far.sent("REFER") == []
