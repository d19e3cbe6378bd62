"""The trunk over real sockets on loopback, towards our own server and towards silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from softphone.sip.calls.inbound import InboundCall
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.outbound import OutboundCall, OutboundInvite
from softphone.sip.messages.message import parse
from softphone.sip.messages.replies import build_reply
from softphone.sip.messages.sdp import answer_audio
from softphone.sip.server import SipServer
from softphone.sip.transport.timing import Timing
from softphone.sip.trunk.settings import TrunkRefused
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.sip.placed_calls import OFFER, HeardCall, trunk_settings
from tests.softphone.sip.torture import PLAIN
from tests.softphone.sip.wire import HeardInbound
from tests.waiting import await_until

HASTY = Timing(t1=0.01, t2=0.08, t4=0.1)  # gives up after 0.64 s
ANSWERS, RINGS, BUSY = "+81901230001", "+81901230002", "+81901230003"


class Carrier:
    """A `SipServer` whose customers answer, ring or are busy by their number."""

    def __init__(self) -> None:
        self.heard: list[HeardInbound] = []
        self.server = SipServer(self._take, timing=HASTY)

    def _take(self, call: InboundCall) -> HeardInbound:
        listener = HeardInbound()
        self.heard.append(listener)
        if call.number.endswith("3"):
            call.reject(486, "Busy Here", 17)
        else:
            call.ring()
            if call.number.endswith("1"):
                call.answer(answer_audio(call.offer, host="127.0.0.1", port=6000, session_id=1))
        return listener


@pytest.fixture
async def carrier() -> AsyncIterator[Carrier]:
    carrier = Carrier()
    await carrier.server.start()
    yield carrier
    await carrier.server.stop()


def place(trunk: Trunk, number: str, *, ring_limit_s: float = 20) -> tuple[HeardCall, OutboundCall]:
    heard = HeardCall()
    return heard, trunk.place(OutboundInvite("c", number, "", OFFER, ring_limit_s), heard)


async def test_a_call_is_answered_and_hung_up(carrier, start_trunk):
    trunk = await start_trunk(carrier.server.address[1])
    assert trunk.state == "up"
    heard, call = place(trunk, ANSWERS)
    await await_until(lambda: heard.answers)
    assert trunk.lines_in_use == 1 and len(carrier.server.calls) == 1
    call.hang_up("operator")
    await await_until(lambda: trunk.lines_in_use == 0 and not carrier.server.calls)
    assert carrier.heard[0].events == ["ack", "bye"]


async def test_no_more_calls_than_lines(carrier, start_trunk):
    trunk = await start_trunk(carrier.server.address[1], lines=1)
    heard, _ = place(trunk, RINGS, ring_limit_s=0.1)
    with pytest.raises(TrunkRefused) as refused:
        place(trunk, RINGS)
    assert refused.value.reason == "lines"
    await await_until(lambda: heard.endings)
    assert heard.ending.by == "timeout"
    place(trunk, BUSY)


async def test_a_raised_cap_holds_at_once_and_a_lowered_one_spares_live_calls(carrier, start_trunk):
    trunk = await start_trunk(carrier.server.address[1], lines=1)
    heard, _ = place(trunk, ANSWERS)
    trunk.set_limits(2, 50.0)
    place(trunk, BUSY)
    trunk.set_limits(0, 50.0)
    with pytest.raises(TrunkRefused):
        place(trunk, BUSY)
    await await_until(lambda: heard.answers)
    assert heard.endings == []


async def test_a_burst_is_sent_one_by_one(carrier, start_trunk):
    trunk = await start_trunk(carrier.server.address[1], lines=50, calls_per_second=20)
    loop = asyncio.get_running_loop()
    started = loop.time()
    calls = [place(trunk, BUSY)[0] for _ in range(8)]
    await await_until(lambda: all(call.endings for call in calls))
    assert loop.time() - started >= 7 / 20 - 0.02
    with pytest.raises(TrunkRefused) as refused:
        for _ in range(40):
            place(trunk, BUSY)
    assert refused.value.reason == "calls_per_second"


async def test_a_number_that_cannot_be_dialed_takes_no_line(carrier, start_trunk):
    trunk = await start_trunk(carrier.server.address[1])
    with pytest.raises(TrunkRefused) as refused:
        place(trunk, "0901;evil")
    assert refused.value.reason == "number" and trunk.lines_in_use == 0


async def test_a_trunk_that_is_not_started_takes_no_call(tmp_path):
    trunk = Trunk(trunk_settings(5060), DialogJournal(tmp_path / "journal"))
    with pytest.raises(TrunkRefused) as refused:
        place(trunk, ANSWERS)
    assert refused.value.reason == "down"
    await trunk.stop()


async def test_the_trunk_may_be_named(carrier, start_trunk):
    trunk = await start_trunk(carrier.server.address[1], host="localhost")
    heard, _ = place(trunk, BUSY)
    await await_until(lambda: heard.endings)
    assert heard.ending.code == 486


async def test_only_the_trunks_addresses_are_answered(start_trunk, strangers):
    trunk = await start_trunk(9, allowed_hosts=("127.0.0.3",))
    trunk_itself, outsider, colleague = map(strangers, ("127.0.0.1", "127.0.0.2", "127.0.0.3"))
    for number, sender in enumerate((outsider, colleague, trunk_itself)):
        question = PLAIN.replace(b"z9hG4bKx", b"z9hG4bK%d" % number)
        sender.send(question, trunk.endpoint.address[1])
    assert (await trunk_itself.hear()).startswith(b"SIP/2.0 200")
    assert (await colleague.hear()).startswith(b"SIP/2.0 200")
    assert outsider.got == [] and trunk.endpoint.refused == 1


async def test_a_host_named_in_a_call_is_heard_within_calls_alone(start_trunk, strangers):
    trunk = await start_trunk(9)
    named = strangers("127.0.0.2")
    trunk._addresses.learn(("127.0.0.2", 5060))  # a Contact, of whomever the carrier let in
    for number, method in enumerate((b"OPTIONS", b"INVITE", b"REGISTER")):
        request = PLAIN.replace(b"OPTIONS", method).replace(b"z9hG4bKx", b"z9hG4bK%d" % number)
        named.send(request, trunk.endpoint.address[1])
    named.send(_with_to_tag(PLAIN.replace(b"OPTIONS", b"BYE")), trunk.endpoint.address[1])
    assert (await named.hear()).startswith(b"SIP/2.0 481"), "nothing else was answered before"


def _with_to_tag(request: bytes) -> bytes:
    head, to, rest = request.partition(b"\r\nTo: ")
    value, end, rest = rest.partition(b"\r\n")
    return head + to + value + b";tag=ours" + end + rest


async def test_a_call_from_the_trunk_is_refused(start_trunk, strangers):
    trunk = await start_trunk(9)
    stranger = strangers()
    stranger.send(PLAIN.replace(b"OPTIONS", b"INVITE"), trunk.endpoint.address[1])
    assert (await stranger.hear()).startswith(b"SIP/2.0 403")


async def test_nonsense_is_counted_and_survived(start_trunk, strangers):
    trunk = await start_trunk(9)
    stranger, to = strangers(), trunk.endpoint.address[1]
    for data in (b"\r\n\r\n", b"\0", b"GET / HTTP/1.1\r\n\r\n", b"INVITE x SIP/2.0\r\n\r\n"):
        stranger.send(data, to)
    stranger.send(PLAIN, to)
    assert (await stranger.hear()).startswith(b"SIP/2.0 200")
    assert trunk.endpoint.malformed == 2, "keep-alives are no fault"


async def test_a_fault_in_a_listener_does_not_end_the_signalling(carrier, start_trunk, caplog):
    trunk = await start_trunk(carrier.server.address[1])
    heard = HeardCall()
    heard.on_answer = lambda sdp: 1 / 0
    trunk.place(OutboundInvite("c", ANSWERS, "", OFFER, 20), heard)
    await await_until(lambda: "could not be handled" in caplog.text)
    second, _ = place(trunk, BUSY)
    await await_until(lambda: second.endings)


async def test_a_silent_trunk_is_down_until_it_speaks(start_trunk, strangers):
    stranger = strangers()
    trunk = await start_trunk(stranger.port, timing=HASTY)
    heard, _ = place(trunk, ANSWERS)
    await await_until(lambda: heard.endings)
    assert (heard.ending.code, heard.ending.by) == (408, "trunk")
    assert trunk.state == "down"
    with pytest.raises(TrunkRefused) as refused:
        place(trunk, ANSWERS)
    assert refused.value.reason == "down"
    options = await await_until(
        lambda: next((data for data in stranger.got if data.startswith(b"OPTIONS")), None)
    )
    to = ("127.0.0.1", trunk.endpoint.address[1])
    reply = build_reply(parse(options), 404, source=to, to_tag="t")
    stranger.send(bytes(reply), to[1])
    await await_until(lambda: trunk.state == "up")


async def test_a_trunk_that_ignores_options_is_tried_again_by_the_next_call(start_trunk, strangers):
    stranger = strangers()
    trunk = await start_trunk(stranger.port, timing=HASTY)
    heard, _ = place(trunk, ANSWERS)
    await await_until(lambda: trunk.state == "down")
    await await_until(lambda: trunk.state == "up")
    assert heard.ending.code == 408


async def test_a_trunk_is_asked_again_and_again_where_that_is_set(start_trunk, strangers):
    stranger = strangers()
    await start_trunk(stranger.port, options_keepalive_s=0.02)
    asked: set[str] = set()

    def asked_anew() -> bool:
        heard = [parse(data) for data in stranger.got if data.startswith(b"OPTIONS")]
        asked.update(each.call_id for each in heard)
        return len(asked) >= 3

    await await_until(asked_anew, what="three questions")


async def test_stopping_ends_ringing_and_answered_calls(carrier, start_trunk):
    trunk = await start_trunk(carrier.server.address[1])
    (talking, _), (ringing, _) = place(trunk, ANSWERS), place(trunk, RINGS)
    await await_until(lambda: talking.answers and ringing.rings)
    await trunk.stop()
    assert trunk.lines_in_use == 0 and trunk.state == "down"
    assert (talking.ending.by, ringing.ending.by) == ("local", "local")
    await await_until(lambda: not carrier.server.calls)
    with pytest.raises(TrunkRefused):
        place(trunk, ANSWERS)


def kill(trunk: Trunk) -> None:
    """What kill -9 does to a trunk: nothing more is said, nothing more is heard."""
    trunk.endpoint.close()
    trunk._agent.layer.close()
    for call in list(trunk._calls.values()):
        call._stop_timers()
    trunk._calls.clear()
    trunk._no_calls.set()


async def test_calls_of_a_killed_process_are_ended_by_the_next_one(carrier, start_trunk):
    first = await start_trunk(carrier.server.address[1])
    (talking, _), (ringing, _) = place(first, ANSWERS), place(first, RINGS)
    await await_until(lambda: talking.answers and ringing.rings)
    await await_until(lambda: carrier.heard[0].events == ["ack"])
    kill(first)
    assert len(carrier.server.calls) == 2
    second = await start_trunk(carrier.server.address[1])
    await await_until(lambda: not carrier.server.calls, what="no orphan at the carrier")
    assert [heard.events for heard in carrier.heard] == [["ack", "bye"], ["cancelled"]]
    await await_until(lambda: not second._journal.records("t1"), what="an empty journal")


async def test_a_call_answered_while_nobody_was_there_is_ended_too(carrier, start_trunk):
    first = await start_trunk(carrier.server.address[1])
    ringing, _ = place(first, RINGS)
    await await_until(lambda: ringing.rings)
    kill(first)
    call = carrier.server.calls[0]
    call.answer(answer_audio(call.offer, host="127.0.0.1", port=6000, session_id=1))
    await start_trunk(carrier.server.address[1])
    await await_until(lambda: not carrier.server.calls, what="no orphan at the carrier")


async def test_orphans_of_another_trunk_are_left_to_it(carrier, start_trunk):
    first = await start_trunk(carrier.server.address[1])
    talking, _ = place(first, ANSWERS)
    await await_until(lambda: talking.answers)
    kill(first)
    other = await start_trunk(carrier.server.address[1], trunk_id="t2")
    assert len(other._journal.records("t1")) == 1 and len(carrier.server.calls) == 1


@pytest.mark.parametrize("changes", [{"session_expires_s": 60}, {"register": True}])
def test_settings_that_cannot_work_are_refused(changes):
    with pytest.raises(ValueError, match="RFC 4028|username"):
        trunk_settings(5060, **changes)
