"""A practice customer who missed our call calls the number shown, and talks as anybody does."""

from __future__ import annotations

from pathlib import Path

import orjson

from softphone.audio.ticker import Ticker
from softphone.practice_carrier.call_log import CallLog
from softphone.practice_carrier.customers import HangUp, Listen, Repeat, Say, callback_of
from softphone.practice_carrier.number_plan import Kind, behaviour_of
from softphone.practice_carrier.performance import Performance
from softphone.practice_carrier.server import PracticeCarrier
from softphone.practice_carrier.voices import load_repertoire
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.sip.calls.arrivals import ArrivedCall
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.messages.sdp import answer_audio, offer_audio, read_audio
from softphone.sip.trunk.settings import TrunkSettings
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.practice_carrier.caller import Caller
from tests.waiting import await_until

OURS = "0312345678"


class Called:
    """Answers the first call that comes in and listens to it."""

    def __init__(self, session: RtpSession) -> None:
        self.ear = Caller(Ticker(), session)
        self.calls: list[ArrivedCall] = []
        self.ended: list[SipEnding] = []

    def take(self, call: ArrivedCall) -> None:
        self.calls.append(call)
        call.listen(self)
        call.ring()
        host, port = self.ear.session.address
        call.answer(answer_audio(call.offer, host=host, port=port, session_id=port))
        remote = read_audio(call.offer)
        self.ear.session.connect((remote.host, remote.port), remote.codec)

    def on_media(self, sdp: str) -> None:
        """Nothing moves here."""

    def on_end(self, ending: SipEnding) -> None:
        self.ended.append(ending)


async def test_who_was_given_up_on_calls_the_number_shown_back(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    carrier = PracticeCarrier(record_dir=tmp_path / "heard", call_log=CallLog(log))
    await carrier.start()
    called = Called(await RtpSession.open(PortPool(), "127.0.0.1"))
    settings = TrunkSettings(
        trunk_id="practice",
        host="127.0.0.1",
        port=carrier.address[1],
        domain="127.0.0.1",
        caller_id=OURS,
        lines=5,
        calls_per_second=10,
    )
    trunk = Trunk(settings, DialogJournal(tmp_path / "journal"), on_arrival=called.take)
    await trunk.start()
    try:
        host, port = called.ear.session.address
        sdp = offer_audio(host=host, port=port, session_id=port)
        missed = Caller(Ticker(), called.ear.session)
        call = trunk.place(OutboundInvite("c1", "09000009018", "", sdp, 60), missed)
        await await_until(lambda: missed.rings, what="ringing")
        call.hang_up("nobody there")
        await await_until(lambda: called.calls, what="the call back")
        assert (called.calls[0].number, called.calls[0].called) == ("+819000009018", "+81312345678")
        called.ear.session.sink = lambda payload, timestamp: called.ear.payloads.append(payload)
        await await_until(lambda: called.ear.heard_dbfs(440) > -20, what="the customer's tone")
        called.calls[0].hang_up("done")
        await await_until(lambda: carrier.call_log.live_calls == 0, what="the end")
    finally:
        await trunk.stop(within_s=0.5)
        await carrier.stop()
        await called.ear.session.close()
    lines = [orjson.loads(line) for line in log.read_text().splitlines()]
    assert [line["kind"] for line in lines if line["event"] == "invite"] == [
        "calls_back",
        "callback",
    ]
    assert (lines[-1]["event"], lines[-1]["live_calls"]) == ("end", 0)
    assert len(list((tmp_path / "heard").glob("09000009018-*.wav"))) == 1


def test_a_person_who_calls_back_talks_listens_and_says_good_bye() -> None:
    behaviour = next(
        made
        for made in (behaviour_of(f"0900{number:07d}") for number in range(100))
        if made.kind is Kind.CALLS_BACK
    )
    assert behaviour.back_s is not None
    assert 5 <= behaviour.back_s <= 15
    repertoire = load_repertoire()
    performance = Performance(callback_of(behaviour), sound_seconds=repertoire.seconds)
    steps, now = list(performance.start(0.0)), 0.0
    while not performance.over and now < 120:
        now += 0.1
        steps += performance.advance(now)
    assert any(isinstance(step, Listen) for step in steps)
    assert any(isinstance(step, Say) for step in steps)
    assert not any(isinstance(step, Repeat) for step in steps)
    assert isinstance(steps[-1], HangUp)
