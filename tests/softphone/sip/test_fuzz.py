"""Mutated messages at a user agent with live calls: it says SipParseError or copes.

10,000 of each kind with a fixed seed; `FUZZ=1000000 FUZZ_SEED=…` is what `make soak FUZZ=…` runs.
"""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from softphone.sip.calls.arrivals import Arrivals, ArrivedCall
from softphone.sip.messages.headers import SipParseError
from softphone.sip.messages.sdp import SdpError, answer_audio, read_audio
from softphone.webrtc.offer import (
    BadOffer,
    Fingerprint,
    OfferedCandidate,
    PeerParameters,
    choose_codec,
    parse_offer,
    write_answer,
)
from softphone.webrtc.offering_peer import OfferingPeer
from tests.hostile import bombs
from tests.hostile.mutations import mutated, wire_seeds
from tests.softphone.sip.far_end import ANSWER, TRUNK, FarEnd

SEED = int(os.environ.get("FUZZ_SEED", "4475"))
MUTATIONS = int(os.environ.get("FUZZ", "10000"))
US = PeerParameters("ours", "p" * 22, (Fingerprint("sha-256", ":".join(["AB"] * 32)),))

pytestmark = pytest.mark.timeout(240 + MUTATIONS // 500)


def live_messages() -> tuple[FarEnd, list[bytes]]:
    """A user agent with a ringing and an answered call, and messages that fit those calls."""
    far = FarEnd(password="secret")
    seeds: list[bytes] = []
    deliver = far.deliver

    def remember(message, source=TRUNK):
        seeds.append(bytes(message))
        deliver(message, source)

    far.deliver = remember
    far.place()
    far.reply(far.last("INVITE"), 183, sdp=ANSWER, headers={"require": "100rel", "rseq": "1"})
    seeds.append(bytes(far.last("INVITE")))
    far.answered(session_expires_s=90)
    far.request("INVITE", cseq=5, sdp=ANSWER)
    far.request("UPDATE", cseq=6, headers={"session-expires": "90;refresher=uas"})
    far.request("INFO", cseq=7, headers={"content-type": "application/dtmf-relay"})
    far.reply(far.last("INVITE"), 401, headers={"www-authenticate": 'Digest realm="r", nonce="n"'})
    far.reply(far.last("INVITE"), 200, sdp=ANSWER, headers={"record-route": "<sip:192.0.2.9;lr>"})
    far.request("OPTIONS", cseq=8)
    far.deliver = deliver
    return far, seeds


def taking_calls(far: FarEnd) -> tuple[Arrivals, list[int]]:
    """Let calls come in, as on a trunk; every other one is answered. The second: how many came."""
    taken: list[int] = []

    def take(call: ArrivedCall) -> None:
        taken.append(1)
        call.ring()
        if len(taken) % 2 and call.offer:
            try:
                answer = answer_audio(call.offer, host="127.0.0.1", port=4000, session_id=1)
            except SdpError:
                call.reject(488)
            else:
                call.answer(answer)

    arrivals = Arrivals(
        far.agent,
        trunk_id="t1",
        journal=far.journal,
        uri_of=lambda number: f"sip:{number}@carrier.test",
        has_room=lambda: len(arrivals) < 30,
        on_arrival=take,
        on_begun=lambda call: None,
        on_over=lambda call: None,
    )
    far.agent.on_new_request = arrivals.take
    return arrivals, taken


def test_mutated_messages_never_break_the_user_agent():
    dice = random.Random(SEED)
    far, seeds = live_messages()
    arrivals, taken = taking_calls(far)
    seeds += wire_seeds()
    refused = 0
    for number in range(MUTATIONS):
        data = mutated(dice, dice.choice(seeds), seeds)
        try:
            far.agent.receive(data, TRUNK)
        except SipParseError:
            refused += 1
        if number % 50 == 0:
            far.time.advance(0.5)
            far.outbox.clear()
    assert MUTATIONS * 0.2 < refused < MUTATIONS * 0.95, "the mutations are neither noise nor idle"
    assert taken, "some of them are calls"
    arrivals.hang_up_all("operator")
    far.time.advance(4000)
    assert far.agent.layer.open_transactions == 0, "no phantom is kept"
    assert len(arrivals) == 0, "and no call"
    call, heard = far.answered()
    call.hang_up("operator")
    far.reply(far.last("BYE"), 200)
    assert heard.ending.answered, "and a call still works"


def test_mutated_descriptions_are_read_or_refused():
    dice = random.Random(SEED)
    seeds = [ANSWER.encode(), bombs.SDP.encode()]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(MUTATIONS):
        text = mutated(dice, dice.choice(seeds), seeds).decode("utf-8", "replace")
        try:
            audio = read_audio(text)
        except SdpError:
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1
            assert 0 < audio.port < 65536 and 0 <= audio.payload_type < 128
            answer = answer_audio(text, host="127.0.0.1", port=4000, session_id=1)
            assert read_audio(answer, (audio.codec,)).port == 4000
    assert min(outcomes.values()) > MUTATIONS / 20


async def browser_offer() -> str:
    peer = OfferingPeer()
    offer = await peer.offer()
    await peer.close()
    await asyncio.sleep(0)  # its socket closes on the next turn
    return offer


async def test_mutated_offers_of_browsers_are_read_or_refused():
    dice = random.Random(SEED)
    seeds = [(await browser_offer()).encode(), bombs.SDP.encode()]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(MUTATIONS):
        text = mutated(dice, seeds[0], seeds).decode("utf-8", "surrogateescape")
        try:
            offer = parse_offer(text)
            codec = choose_codec(offer, ("PCMU", "PCMA"))
        except BadOffer:
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        answer = write_answer(
            offer, codec=codec, local=US, candidates=[OfferedCandidate("192.0.2.7", 4000)], ssrc=1
        )
        assert answer.isascii() and answer.count("a=ice-ufrag:") == 1
    assert min(outcomes.values()) > MUTATIONS / 20
