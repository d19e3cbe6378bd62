"""The customer's leg over a real socket: what is sent, what is heard, what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from softphone.audio.prompts import Sound, load_sounds
from softphone.audio.ticker import Ticker
from softphone.audio.tones import special_information
from softphone.background import Background
from softphone.customer.audio_terms import AudioForm
from softphone.customer.line import CustomerLine, MediaRoom
from softphone.protocol import Prompt, Verdict
from softphone.rtp.ports import PortPool
from softphone.sip.messages.sdp import SdpError, answer_audio, read_audio
from softphone.talk.call_ports import Finding
from tests.fakes.legs import FakeSeatLeg
from tests.softphone.trunk_party import TrunkParty
from tests.waiting import await_until


class Phone:
    """A line and the customer at its other end."""

    async def open(self) -> Phone:
        self.ticker = Ticker()
        self.background = Background()
        room = MediaRoom(
            ports=PortPool(),
            ticker=self.ticker,
            # A short one in place of the long apology.
            sounds=replace(load_sounds(), apology=load_sounds().zip_tone),
            background=self.background,
        )
        self.line = await CustomerLine.open(room, host="127.0.0.1", form=AudioForm())
        self.customer = await TrunkParty.open(self.ticker)
        self.findings: list[Finding] = []
        self.voices = 0
        return self

    @property
    def answer(self) -> str:
        host, port = self.customer.address
        return answer_audio(
            self.line.offer_sdp, host=host, port=port, codecs=("PCMU",), session_id=1
        )

    def connect(self) -> None:
        self.line.connect(self.answer)
        offer = read_audio(self.line.offer_sdp)
        self.customer.speak_to((offer.host, offer.port))

    def screen(self) -> None:
        def note_voice() -> None:
            self.voices += 1

        self.line.screen(on_voice=note_voice, on_finding=self.findings.append)

    async def close(self) -> None:
        self.customer.close()
        self.line.close()
        self.line.close()
        await self.background.stop(within_s=1.0)


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    phone = await Phone().open()
    yield phone
    await phone.close()


async def test_a_customer_nobody_speaks_to_hears_silence_not_nothing(phone: Phone) -> None:
    phone.connect()
    await await_until(lambda: phone.customer.count > 10)
    assert phone.customer.hears_silence()


async def test_a_prompt_is_heard_and_its_end_is_told(phone: Phone) -> None:
    phone.connect()
    done: list[bool] = []
    phone.line.play(Prompt.APOLOGY, on_done=lambda: done.append(True))
    await await_until(lambda: phone.customer.level_dbfs() > -40)
    assert not done
    await await_until(lambda: done)
    assert done == [True]


async def test_what_the_customer_says_reaches_whoever_listens(phone: Phone) -> None:
    phone.connect()
    heard: list[bytes] = []
    phone.line.sink = lambda payload, timestamp: heard.append(payload)
    phone.customer.hum(700)
    await await_until(lambda: len(heard) > 5)


async def test_screening_overhears_a_talk_and_then_gets_out_of_the_way(phone: Phone) -> None:
    phone.connect()
    phone.screen()
    heard: list[bytes] = []
    phone.line.sink = lambda payload, timestamp: heard.append(payload)
    phone.customer.hum(400)  # a steady tone: not a person's voice
    await await_until(lambda: phone.findings)
    assert phone.findings[0].verdict in (Verdict.UNCERTAIN, Verdict.TONE)
    assert phone.voices == 0
    before = len(heard)
    assert before > 10
    await await_until(lambda: len(heard) > before + 5)


async def test_a_joined_seat_hears_the_customer(phone: Phone) -> None:
    phone.connect()
    seat = FakeSeatLeg()
    bridge = phone.line.join(seat)
    bridge.connect(zip_tone=False)
    phone.customer.hum(700)
    await await_until(lambda: len(seat.sent) > 5)
    bridge.separate()


async def test_an_answer_without_audio_is_refused(phone: Phone) -> None:
    with pytest.raises(SdpError):
        phone.line.connect("v=0\r\n")


@pytest.mark.parametrize(
    ("theirs", "held"),
    [
        ("a=sendrecv", "a=sendonly"),
        ("a=sendrecv", "a=inactive"),
        ("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0"),
    ],
)
async def test_a_customer_on_hold_at_their_side_is_sent_nothing_until_they_are_back(
    phone: Phone, theirs: str, held: str
) -> None:
    phone.connect()
    phone.line.play_music()
    await await_until(lambda: phone.customer.level_dbfs() > -40)
    phone.line.connect(phone.answer.replace(theirs, held))
    sent, begun = phone.line._session.packets_sent, phone.ticker.latest
    phone.line.press("1")
    await await_until(lambda: phone.ticker.latest > begun + 10)
    assert phone.line._session.packets_sent == sent
    phone.line.connect(phone.answer)
    count = phone.customer.count
    await await_until(lambda: phone.customer.count > count + 5)


async def test_what_is_held_back_is_not_sent_whatever_is_described_meanwhile(phone: Phone) -> None:
    phone.line.hold_back(True)
    phone.connect()
    phone.line.play_music()
    phone.connect()
    arrived: list[int] = []
    phone.ticker.add(arrived.append)
    await await_until(lambda: len(arrived) > 10)
    assert phone.customer.count == 0
    phone.line.hold_back(False)
    await await_until(lambda: phone.customer.count > 5)


async def test_a_customer_who_only_listens_is_spoken_to(phone: Phone) -> None:
    phone.connect()
    phone.line.connect(phone.answer.replace("a=sendrecv", "a=recvonly"))
    count = phone.customer.count
    await await_until(lambda: phone.customer.count > count + 5)


async def test_what_was_said_before_the_bridge_is_kept_for_the_operator(phone: Phone) -> None:
    phone.connect()
    phone.customer.hum(700)
    await await_until(lambda: (kept := phone.line.greeting()) and kept.duration_ms > 100)
    phone.customer.hum(None)
    bridge = phone.line.join(FakeSeatLeg())
    assert phone.line.greeting() is None
    bridge.separate()


async def test_early_media_is_evidence_and_reaches_nobody(phone: Phone) -> None:
    told: list[str] = []
    heard: list[bytes] = []
    phone.line.sink = lambda payload, timestamp: heard.append(payload)
    phone.line.hear_early(phone.answer, told.append)
    phone.line.hear_early("not a description", told.append)
    offer = read_audio(phone.line.offer_sdp)
    phone.customer.speak_to((offer.host, offer.port))
    phone.customer.fall_silent()
    tone = Sound("sit", special_information()).frames("PCMU")
    ticks = iter(tone)
    ticker = Ticker()

    def play(tick: int) -> None:
        frame = next(ticks, None)
        if frame is not None:
            phone.customer.send(frame)

    ticker.add(play)
    await await_until(lambda: told)
    ticker.remove(play)
    assert told == ["information tone"]
    assert heard == [] and phone.customer.count == 0
    assert phone.line.greeting() is None
    phone.line.connect(phone.answer)
    phone.customer.send(tone[0])
    await await_until(lambda: heard)


async def test_a_bad_early_description_is_no_failure(phone: Phone) -> None:
    phone.line.hear_early("v=0\r\n", pytest.fail)
    phone.connect()
    await await_until(lambda: phone.customer.count > 3)


async def test_the_far_sides_hold_is_known(phone: Phone) -> None:
    phone.connect()
    assert not phone.line.on_hold
    phone.line.connect(phone.answer.replace("a=sendrecv", "a=inactive"))
    assert phone.line.on_hold
    phone.line.connect(phone.answer)
    assert not phone.line.on_hold
