"""3,000 mutated datagrams at a user agent with live calls: it says SipParseError or copes."""

from __future__ import annotations

import random

from softphone.sip.headers import SipParseError
from softphone.sip.sdp import SdpError, read_audio
from tests.softphone.sip.far_end import ANSWER, TRUNK, FarEnd
from tests.softphone.sip.torture import MALFORMED, PLAIN, RESPONSE, WELL_FORMED

SEED = 4475
MUTATIONS = 3000


def mutated(dice: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    """One to six edits: bytes changed, grammar inserted, parts cut, doubled, spliced."""
    message = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(message) + 1)
        kind = dice.randrange(6)
        if kind == 0 and message:
            message[at % len(message)] = dice.randrange(256)
        elif kind == 1:
            message[at:at] = bytes(dice.choices(b'\r\n:;,<>"@ \t\0%=\\[]', k=dice.randint(1, 6)))
        elif kind == 2:
            del message[at : at + dice.randint(1, 40)]
        elif kind == 3:
            del message[at:]
        elif kind == 4:
            message += message[at : at + dice.randint(1, 400)]
        else:
            other = dice.choice(seeds)
            message[at:at] = other[dice.randrange(len(other) + 1) :][:80]
    return bytes(message[:60000])


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
    far.reply(far.last("INVITE"), 401, headers={"www-authenticate": 'Digest realm="r", nonce="n"'})
    far.reply(far.last("INVITE"), 200, sdp=ANSWER, headers={"record-route": "<sip:192.0.2.9;lr>"})
    far.request("OPTIONS", cseq=7)
    far.deliver = deliver
    return far, seeds


def test_mutated_messages_never_break_the_user_agent():
    dice = random.Random(SEED)
    far, seeds = live_messages()
    seeds += [
        PLAIN,
        RESPONSE,
        *WELL_FORMED.values(),
        *[data for data in MALFORMED.values() if data],
    ]
    refused = 0
    for number in range(MUTATIONS):
        data = mutated(dice, dice.choice(seeds), seeds)
        try:
            far.agent.receive(data, TRUNK)
        except SipParseError:
            refused += 1
        if number % 50 == 0:
            far.time.advance(0.5)
    assert MUTATIONS * 0.2 < refused < MUTATIONS * 0.95, "the mutations are neither noise nor idle"
    far.time.advance(4000)
    assert far.agent.layer.open_transactions == 0, "no phantom is kept"
    call, heard = far.answered()
    call.hang_up("operator")
    far.reply(far.last("BYE"), 200)
    assert heard.ending.answered, "and a call still works"


def test_mutated_descriptions_are_read_or_refused():
    dice = random.Random(SEED)
    seeds = [ANSWER.encode()]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(MUTATIONS):
        text = mutated(dice, seeds[0], seeds).decode("utf-8", "replace")
        try:
            audio = read_audio(text)
        except SdpError:
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1
            assert 0 < audio.port < 65536 and 0 <= audio.payload_type < 128
    assert min(outcomes.values()) > 200
