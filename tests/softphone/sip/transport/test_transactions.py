"""Transactions alone, on a clock the test moves (RFC 3261 §17)."""

from __future__ import annotations

import pytest

from softphone.sip.messages.headers import SipParseError
from softphone.sip.messages.message import Message, parse
from softphone.sip.messages.replies import build_reply
from softphone.sip.transport.timing import Timing
from softphone.sip.transport.transaction_layer import TransactionLayer
from tests.softphone.sip.virtual_time import VirtualTime

PEER = ("192.0.2.1", 5060)


class Setup:
    def __init__(self) -> None:
        self.time = VirtualTime()
        self.sent: list[tuple[float, Message]] = []
        self.heard: list[int | None] = []
        self.requests = []
        self.layer = TransactionLayer(
            send=lambda data, address: self.sent.append((self.time.now, parse(data))),
            timers=self.time,
            timing=Timing(),
        )
        self.layer.on_request = self.requests.append

    def request(
        self,
        method: str,
        *,
        branch: str = "z9hG4bK1",
        cseq: int = 1,
        transport: str = "UDP",
    ) -> Message:
        message = Message(method, "sip:x@192.0.2.1")
        message.headers = {
            "via": [f"SIP/2.0/{transport} 198.51.100.7:5062;branch={branch}"],
            "from": ["<sip:a@b>;tag=f"],
            "to": ["<sip:x@b>"],
            "call-id": ["c"],
            "cseq": [f"{cseq} {method}"],
        }
        return message

    def send(self, method: str, *, transport: str = "UDP") -> Message:
        message = self.request(method, transport=transport)
        self.layer.request(
            message, PEER, lambda response: self.heard.append(response and response.code)
        )
        return message

    def answer(self, request: Message, code: int) -> None:
        self.layer.receive(build_reply(request, code, source=PEER, to_tag="t"), PEER)

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.sent]


def test_a_request_other_than_invite_is_repeated_up_to_every_t2():
    setup = Setup()
    setup.send("OPTIONS")
    setup.time.advance(40)
    assert setup.times == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert setup.heard == [None] and setup.layer.open_transactions == 0


def test_a_provisional_answer_slows_the_repetition_but_timer_f_still_runs():
    setup = Setup()
    request = setup.send("OPTIONS")
    setup.answer(request, 100)
    setup.time.advance(40)
    assert setup.times[:4] == [0, 0.5, 4.5, 8.5]
    assert setup.heard == [100, None]


def test_a_final_answer_stops_the_repetition_and_repeats_are_absorbed():
    setup = Setup()
    request = setup.send("BYE")
    setup.answer(request, 200)
    setup.answer(request, 200)
    assert setup.heard == [200]
    setup.time.advance(5)
    assert len(setup.sent) == 1 and setup.layer.open_transactions == 0


def test_every_repeated_refusal_of_an_invite_gets_its_ack_again():
    setup = Setup()
    request = setup.send("INVITE")
    for _ in range(3):
        setup.answer(request, 486)
    acks = [message for _, message in setup.sent if message.method == "ACK"]
    assert len(acks) == 3 and setup.heard == [486]
    assert {ack.branch for ack in acks} == {request.branch}
    assert acks[0].uri == request.uri and acks[0].to_tag == "t"


def test_a_200_after_the_refusal_is_not_heard():
    setup = Setup()
    request = setup.send("INVITE")
    setup.answer(request, 486)
    setup.answer(request, 200)
    assert setup.heard == [486]


def test_repeated_answers_are_heard_while_accepted_and_late_ones_go_to_the_owner():
    setup = Setup()
    late = []
    setup.layer.on_late_2xx = late.append
    request = setup.send("INVITE")
    setup.answer(request, 200)
    setup.time.advance(31)
    setup.answer(request, 200)
    assert setup.heard == [200, 200]
    setup.time.advance(2)
    setup.answer(request, 200)
    assert setup.heard == [200, 200] and len(late) == 1


def test_a_response_nobody_asked_for_is_ignored():
    setup = Setup()
    setup.answer(setup.request("OPTIONS"), 200)
    assert setup.heard == [] and setup.sent == []


def test_a_response_with_somebody_elses_via_on_top_of_another_is_refused():
    setup = Setup()
    request = setup.send("OPTIONS")
    reply = build_reply(request, 200, source=PEER, to_tag="t")
    reply.headers["via"].append("SIP/2.0/UDP 192.0.2.50;branch=z9hG4bKy")
    with pytest.raises(SipParseError):
        setup.layer.receive(reply, PEER)
    assert setup.heard == []


def test_a_repeated_request_is_answered_again_but_told_once():
    setup = Setup()
    setup.layer.receive(setup.request("BYE"), PEER)
    setup.layer.receive(setup.request("BYE"), PEER)
    assert setup.sent == []
    (transaction,) = setup.requests
    transaction.respond(build_reply(transaction.request, 200, source=PEER))
    setup.layer.receive(setup.request("BYE"), PEER)
    assert len(setup.sent) == 2 and len(setup.requests) == 1
    setup.time.advance(33)
    assert setup.layer.open_transactions == 0


def test_a_refusal_is_repeated_until_its_ack():
    setup = Setup()
    setup.layer.receive(setup.request("INVITE"), PEER)
    transaction = setup.requests[0]
    transaction.respond(build_reply(transaction.request, 486, source=PEER))
    setup.time.advance(3)
    assert setup.times == [0, 0.5, 1.5]
    setup.layer.receive(setup.request("ACK"), PEER)
    setup.layer.receive(setup.request("INVITE"), PEER)
    setup.time.advance(40)
    assert len(setup.sent) == 3 and setup.layer.open_transactions == 0


def test_only_the_first_final_response_goes_out():
    setup = Setup()
    setup.layer.receive(setup.request("INVITE"), PEER)
    transaction = setup.requests[0]
    transaction.respond(build_reply(transaction.request, 200, source=PEER))
    transaction.respond(build_reply(transaction.request, 486, source=PEER))
    assert [message.code for _, message in setup.sent] == [200]


def test_an_ack_with_its_own_branch_finds_the_200():
    setup = Setup()
    setup.layer.receive(setup.request("INVITE"), PEER)
    transaction = setup.requests[0]
    acks, missing = [], []
    transaction.on_ack = acks.append
    transaction.on_ack_missing = lambda: missing.append(True)
    transaction.respond(build_reply(transaction.request, 200, source=PEER))
    setup.layer.receive(setup.request("ACK", branch="z9hG4bKother"), PEER)
    setup.layer.receive(setup.request("ACK", branch="z9hG4bKother"), PEER)
    setup.time.advance(40)
    assert len(acks) == 1 and missing == [] and len(setup.sent) == 1


def test_a_200_without_an_ack_is_told_after_64_t1():
    setup = Setup()
    setup.layer.receive(setup.request("INVITE"), PEER)
    transaction = setup.requests[0]
    missing = []
    transaction.on_ack_missing = lambda: missing.append(setup.time.now)
    transaction.respond(build_reply(transaction.request, 200, source=PEER))
    setup.time.advance(40)
    assert missing == [32] and setup.layer.open_transactions == 0


def test_a_cancel_finds_its_invite_only_by_branch_and_sender():
    setup = Setup()
    found, cancelled = [], []
    setup.layer.answer_cancel = lambda cancel, invite: found.append(invite)
    setup.layer.receive(setup.request("INVITE"), PEER)
    setup.requests[0].on_cancel = lambda: cancelled.append(True)
    setup.layer.receive(setup.request("CANCEL", branch="z9hG4bKelse"), PEER)
    setup.layer.receive(setup.request("CANCEL"), PEER)
    assert found == [None, setup.requests[0]] and cancelled == [True]


def test_a_cancel_after_the_answer_changes_nothing():
    setup = Setup()
    cancelled = []
    setup.layer.receive(setup.request("INVITE"), PEER)
    transaction = setup.requests[0]
    transaction.on_cancel = lambda: cancelled.append(True)
    transaction.respond(build_reply(transaction.request, 200, source=PEER))
    setup.layer.receive(setup.request("CANCEL"), PEER)
    assert cancelled == []


def test_a_request_of_an_old_stack_without_a_branch_is_matched_by_its_fields():
    setup = Setup()
    for _ in range(2):
        setup.layer.receive(setup.request("INVITE", branch=""), PEER)
    setup.layer.receive(setup.request("INVITE", branch="", cseq=2), PEER)
    assert len(setup.requests) == 2


def test_a_request_nobody_answers_is_forgotten():
    setup = Setup()
    setup.layer.receive(setup.request("INFO"), PEER)
    setup.time.advance(33)
    assert setup.layer.open_transactions == 0


def test_closing_says_nothing_and_leaves_nothing():
    setup = Setup()
    setup.send("INVITE")
    setup.layer.receive(setup.request("BYE", branch="z9hG4bK2"), PEER)
    setup.layer.close()
    setup.time.advance(100)
    assert setup.heard == [] and len(setup.sent) == 1
    assert setup.layer.open_transactions == 0 and setup.time.pending == 0


def test_shorter_base_times_make_everything_quicker():
    setup = Setup()
    setup.layer.timing = Timing(t1=0.125, t2=1.0, t4=1.0)
    setup.send("INVITE")
    setup.time.advance(10)
    assert setup.times[:4] == [0, 0.125, 0.375, 0.875] and setup.heard == [None]


# -- over TCP and TLS --------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_over_tcp_a_request_is_sent_once_and_still_given_up(method):
    setup = Setup()
    setup.send(method, transport="TCP")
    setup.time.advance(31)
    assert setup.times == [0] and setup.heard == []
    setup.time.advance(2)
    assert setup.heard == [None] and setup.layer.open_transactions == 0


@pytest.mark.parametrize(("method", "code"), [("INVITE", 486), ("BYE", 200)])
def test_over_tcp_nothing_finished_is_remembered(method, code):
    setup = Setup()
    request = setup.send(method, transport="TLS")
    setup.answer(request, code)
    setup.time.advance(0)
    assert setup.heard == [code] and setup.layer.open_transactions == 0
    assert setup.time.pending == 0


def test_over_tcp_a_2xx_of_ours_is_repeated_but_a_refusal_is_not():
    for code, times in ((200, 4), (486, 1)):
        setup = Setup()
        setup.layer.receive(setup.request("INVITE", transport="TCP"), PEER)
        setup.requests[0].respond(build_reply(setup.requests[0].request, code, source=PEER))
        setup.time.advance(4)
        assert len(setup.sent) == times


def test_a_lost_connection_fails_what_nobody_has_reacted_to():
    setup = Setup()
    setup.layer.request(setup.request("OPTIONS", branch="z9hG4bK2"), PEER, setup.heard.append)
    ringing = setup.send("INVITE", transport="TCP")
    setup.answer(ringing, 180)
    setup.layer.unreachable(("192.0.2.2", 5060))
    assert setup.heard == [180]
    setup.layer.unreachable(PEER)
    assert setup.heard == [180, None] and setup.layer.open_transactions == 1


# -- merged requests (§8.2.2.2) ----------------------------------------------------------------


def test_a_request_that_comes_by_two_paths_is_served_once():
    setup = Setup()
    for branch in ("z9hG4bKa", "z9hG4bKb"):
        setup.layer.receive(setup.request("INVITE", branch=branch), PEER)
    assert [each.merged for each in setup.requests] == [False, True]


def test_a_request_sent_again_after_its_refusal_is_no_copy():
    setup = Setup()
    setup.layer.receive(setup.request("INVITE", branch="z9hG4bKa"), PEER)
    setup.requests[0].respond(build_reply(setup.requests[0].request, 401, source=PEER))
    setup.layer.receive(setup.request("INVITE", branch="z9hG4bKb"), PEER)
    assert [each.merged for each in setup.requests] == [False, False]


def test_what_nobody_waited_for_is_counted():
    setup = Setup()
    setup.answer(setup.request("OPTIONS"), 200)
    setup.layer.receive(setup.request("ACK"), PEER)
    assert setup.layer.strays == 2
