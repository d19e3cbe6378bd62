"""SRTP on a customer's line: tones both ways, and nothing heard that is not sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from softphone.audio.prompts import load_sounds
from softphone.audio.ticker import Ticker
from softphone.background import Background
from softphone.customer.audio_terms import AudioForm, Srtp
from softphone.customer.line import CustomerLine, MediaRoom
from softphone.rtp.ports import PortPool
from softphone.rtp.secure import SecureRtp
from softphone.sip.messages.sdes import KEY_OCTETS, CryptoLine
from softphone.sip.messages.sdp import SdpError, answer_audio, read_audio
from tests.softphone.trunk_party import TrunkParty
from tests.softphone.webrtc_client import hum_frames
from tests.waiting import await_until

KEY = b"t" * KEY_OCTETS


class Pair:
    """A line of ours and the party at its other end."""

    def __init__(self, line: CustomerLine, party: TrunkParty, ticker: Ticker) -> None:
        self.line, self.party, self._ticker = line, party, ticker
        self.heard: list[bytes] = []
        line.sink = lambda payload, timestamp: self.heard.append(payload)

    def answer(self, crypto: CryptoLine | None) -> str:
        host, port = self.party.address
        offer = self.line.offer_sdp
        return answer_audio(offer, host=host, port=port, session_id=1, crypto=crypto)

    def connect(self, crypto: CryptoLine | None) -> None:
        """The party answers; with a key it speaks SRTP, without one in clear."""
        offer = read_audio(self.line.offer_sdp)
        self.line.connect(self.answer(crypto))
        if crypto is not None and offer.crypto is not None:
            self.party.speak_srtp(crypto.key, offer.crypto.key)
        self.party.speak_to(("127.0.0.1", offer.port))

    def hum(self, tick: int) -> None:
        frames = hum_frames(700, "PCMU")
        self.line.send(frames[tick % len(frames)], source=self)


@pytest.fixture
async def pair() -> AsyncIterator[Callable[[Srtp], Awaitable[Pair]]]:
    ticker, background = Ticker(), Background()
    room = MediaRoom(ports=PortPool(), ticker=ticker, sounds=load_sounds(), background=background)
    made: list[Pair] = []

    async def make(srtp: Srtp) -> Pair:
        form = AudioForm(srtp=srtp)
        forms = {"other": AudioForm(srtp="off", named_host="192.0.2.7")}
        line = await CustomerLine.open(room, host="127.0.0.1", form=form, forms=forms)
        made.append(Pair(line, await TrunkParty.open(ticker), ticker))
        ticker.add(made[-1].hum)
        return made[-1]

    yield make
    for each in made:
        ticker.remove(each.hum)
        each.party.close()
        each.line.close()
    await background.stop(within_s=1.0)


@pytest.mark.parametrize("srtp", ["optional", "required"])
async def test_a_tone_is_heard_both_ways(pair, srtp: Srtp) -> None:
    both = await pair(srtp)
    both.party.hum(440)
    both.connect(CryptoLine(1, KEY))
    tone = set(hum_frames(440, "PCMU"))
    await await_until(lambda: len(both.heard) > 5, what="the party's tone")
    assert set(both.heard) <= tone
    await await_until(lambda: both.party.heard_dbfs(700) > -20, what="our tone")


async def test_a_peer_without_a_key_is_talked_to_in_clear_where_srtp_is_optional(pair) -> None:
    both = await pair("optional")
    both.connect(None)
    await await_until(lambda: both.party.heard_dbfs(700) > -20 and both.heard)


async def test_what_is_not_sealed_is_not_heard(pair) -> None:
    both = await pair("required")
    both.connect(CryptoLine(1, KEY))
    await await_until(lambda: both.heard)
    both.party.speak_srtp(b"x" * KEY_OCTETS, b"x" * KEY_OCTETS)
    refused = both.line._session.refused
    await await_until(lambda: both.line._session.refused > refused + 3)
    both.heard.clear()
    both.party._seal = None  # in clear, from the right address
    refused = both.line._session.refused
    await await_until(lambda: both.line._session.refused > refused + 3)
    assert both.heard == []


async def test_a_new_key_of_the_peer_takes_over(pair) -> None:
    both = await pair("required")
    both.connect(CryptoLine(1, KEY))
    await await_until(lambda: both.heard)
    offer = read_audio(both.line.offer_sdp)
    assert offer.crypto is not None
    fresh = CryptoLine(1, b"n" * KEY_OCTETS)
    both.line.connect(both.answer(fresh))
    both.heard.clear()
    both.party._seal = None
    ours = both.party._unseal
    both.party.speak_srtp(fresh.key, offer.crypto.key)
    both.party._unseal = ours  # our own stream goes on as it was
    await await_until(lambda: both.heard and both.party.heard_dbfs(700) > -20)


async def test_audio_in_clear_opens_no_line_where_srtp_is_required(pair) -> None:
    both = await pair("required")
    host, port = both.party.address
    plain = both.line.offer_sdp.replace("RTP/SAVP", "RTP/AVP")
    with pytest.raises(SdpError):
        both.line.connect(answer_audio(plain, host=host, port=port, session_id=1))


async def test_another_trunk_gets_a_description_of_its_own(pair) -> None:
    both = await pair("required")
    port = read_audio(both.line.offer_sdp).port
    offer = read_audio(both.line.offer_for("other"))
    assert (offer.host, offer.port, offer.crypto) == ("192.0.2.7", port, None)
    both.connect(None)
    await await_until(lambda: both.heard)


def test_packets_of_both_kinds_are_sealed_and_opened_once() -> None:
    ours, theirs = SecureRtp(b"a" * 30, b"b" * 30), SecureRtp(b"b" * 30, b"a" * 30)
    rtp = bytes([0x80, 0]) + bytes(10) + b"voice" * 32
    rtcp = bytes([0x81, 201, 0, 7]) + bytes(4) + b"report" * 4
    for packet in (rtp, rtcp):
        sealed = ours.seal(packet)
        assert sealed is not None and packet[8:] not in sealed
        assert theirs.open(sealed) == packet
        assert theirs.open(sealed) is None, "a repetition"
        assert theirs.open(packet) is None
    for garbage in (b"", b"\x80", bytes(12), bytes(3000)):
        assert theirs.open(garbage) is None
