"""A call's odd turns, played by hand on its SIP side: offers, re-offers, races."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from softphone.audio.ticker import Ticker
from softphone.practice_carrier.call import PracticeCall, Studio
from softphone.practice_carrier.call_log import CallLog
from softphone.practice_carrier.number_plan import behaviour_of
from softphone.practice_carrier.voices import load_repertoire
from softphone.rtp.ports import PortPool
from softphone.rtp.session import RtpSession
from softphone.sip.messages.sdp import offer_audio, read_audio
from tests.waiting import await_until


class HandSip:
    """Stands in for an `InboundCall`: remembers what the customer did."""

    sip_call_id = "one@test"

    def __init__(self, offer: str) -> None:
        self.offer = offer
        self.did: list[tuple[Any, ...]] = []
        self.sdp = ""

    def ring(self, code: int = 180, sdp: str = "") -> None:
        self.did.append(("ring", code))

    def answer(self, sdp: str) -> None:
        self.did.append(("answer",))
        self.sdp = sdp

    def reject(self, code: int, reason: str = "", q850: int | None = None) -> None:
        self.did.append(("reject", code))

    def hang_up(self, q850: int | None = 16) -> None:
        self.did.append(("hang_up",))


@pytest.fixture
async def ear() -> AsyncIterator[RtpSession]:
    session = await RtpSession.open(PortPool(), "127.0.0.1")
    yield session
    await session.close()


@pytest.fixture
async def studio() -> Studio:
    return Studio(
        host="127.0.0.1",
        ports=PortPool(),
        ticker=Ticker(),
        repertoire=load_repertoire(),
        call_log=CallLog(),
    )


def offer_of(session: RtpSession) -> str:
    host, port = session.address
    return offer_audio(host=host, port=port, session_id=port)


class Played:
    """A call to a number, with the SIP side in the test's hand."""

    def __init__(self, studio: Studio, number: str, offer: str) -> None:
        self.sip = HandSip(offer)
        self.over: list[PracticeCall] = []
        studio.call_log.invite(self.sip.sip_call_id)
        self.call = PracticeCall(
            self.sip,  # type: ignore[arg-type]
            behaviour_of(number),
            studio,
            on_over=self.over.append,
        )

    async def finish(self) -> None:
        self.call.stop()
        await self.call.close()


async def test_an_offer_without_a_common_codec_is_refused_488(studio: Studio) -> None:
    offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    offer += "m=audio 4000 RTP/AVP 9\r\n"
    played = Played(studio, "09000009440", offer)
    await played.call.begin()
    assert played.sip.did == [("reject", 488)]
    assert len(played.over) == 1
    assert studio.call_log.live_calls == 0
    await played.finish()
    assert len(played.over) == 1, "a call ends once"


async def test_an_invite_without_an_offer_gets_ours_and_audio_after_the_ack(
    studio: Studio, ear: RtpSession
) -> None:
    heard: list[bytes] = []
    ear.sink = lambda payload, timestamp: heard.append(payload)
    played = Played(studio, "09000009440", "")
    await played.call.begin()
    remote = read_audio(played.sip.sdp)
    ear.connect((remote.host, remote.port), remote.codec)
    played.call.on_ack(offer_of(ear))
    await await_until(lambda: len(heard) > 3)
    assert heard[-1] in load_repertoire().sound("tone_440").frames("PCMU")
    await played.finish()


async def test_audio_follows_a_re_offer_and_survives_an_unusable_one(
    studio: Studio, ear: RtpSession
) -> None:
    heard: list[bytes] = []
    ear.sink = lambda payload, timestamp: heard.append(payload)
    elsewhere = await RtpSession.open(PortPool(), "127.0.0.1")
    played = Played(studio, "09000009440", offer_of(elsewhere))
    await played.call.begin()
    remote = read_audio(played.sip.sdp)
    ear.connect((remote.host, remote.port), remote.codec)
    assert heard == []
    played.call.on_media(offer_of(ear))
    await await_until(lambda: len(heard) > 3)
    played.call.on_media("nothing one could read")
    count = len(heard)
    await await_until(lambda: len(heard) > count + 3)
    await played.finish()
    await elsewhere.close()


async def test_keys_the_customer_hears_are_told_in_order(
    studio: Studio, ear: RtpSession, tmp_path: Path
) -> None:
    log = tmp_path / "calls.jsonl"
    call_log = CallLog(log)
    played = Played(replace(studio, call_log=call_log), "09000009440", offer_of(ear))
    await played.call.begin()
    remote = read_audio(played.sip.sdp)
    ear.connect(
        (remote.host, remote.port), remote.codec, dtmf_payload_type=remote.dtmf_payload_type
    )
    ear.press("12#")

    def told() -> list[tuple[str, bool]]:
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        return [(line["key"], line["in_band"]) for line in lines if line["event"] == "key"]

    await await_until(lambda: len(told()) == 3)
    assert told() == [("1", False), ("2", False), ("#", False)]
    await played.finish()
    call_log.close()


async def test_a_caller_who_gives_up_before_the_audio_is_open_leaves_nothing_behind(
    studio: Studio, ear: RtpSession
) -> None:
    played = Played(studio, "09000009440", offer_of(ear))
    begin = asyncio.create_task(played.call.begin())
    await asyncio.sleep(0)
    played.call.on_cancelled()
    await begin
    assert played.sip.did == []
    assert studio.call_log.live_calls == 0
    await played.call.close()


async def test_without_a_free_port_the_call_is_refused_503(
    studio: Studio, ear: RtpSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def used_up(*arguments: object) -> RtpSession:
        raise OSError("used up")

    monkeypatch.setattr(RtpSession, "open", used_up)
    played = Played(studio, "09000009440", offer_of(ear))
    await played.call.begin()
    assert played.sip.did == [("reject", 503)]
    assert len(played.over) == 1
